"""Files of LCE in stock runtimes, against LCE's own interpreter."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from larq_bvit import convert
from larq_bvit import runtime as package
from larq_bvit.runtime import Interpreter, available_isas, delegate_path
from tests.convert.small import SIZE, small
from tests.delegate import needs_delegate, needs_lce

pytestmark = [needs_delegate, needs_lce]


@pytest.fixture(scope="module")
def expected(tflites, images):
    """Scores and features by LCE, which takes one image at a time."""
    return convert.Interpreter(tflites[1]).predict(images)


def assert_close(got, expected):
    """Both outputs, within rounding."""
    for ours, theirs in zip(got, expected, strict=True):
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(
            ours, theirs, rtol=1e-5, atol=1e-5 * np.abs(theirs).max(initial=0)
        )


@pytest.mark.parametrize("exact", [False, True])
def test_equals_lce(runtime, tflites, images, expected, exact):
    interpreter = Interpreter(tflites[1], exact=exact)
    assert interpreter.runtime == runtime
    assert_close(interpreter.predict(images), expected)


@pytest.mark.parametrize("count", range(8))
def test_any_number_of_images_in_batches_of_two(tflites, images, expected, count):
    got = Interpreter(tflites[2], exact=True).predict(images[:count])
    assert_close(got, [y[:count] for y in expected])


def test_one_output_is_an_array(images):
    tflite = convert.to_tflite(small())
    got = Interpreter(tflite).predict(images)
    np.testing.assert_allclose(got, convert.Interpreter(tflite).predict(images), atol=1e-5)


def test_every_isa(tflites, images, expected):
    isas = available_isas()
    assert isas[0] == "portable"
    for isa in isas:
        assert_close(Interpreter(tflites[1], isa=isa).predict(images), expected)


def test_two_threads(tflites, images):
    one, two = (Interpreter(tflites[1], threads=n).predict(images) for n in (1, 2))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


def test_activation_bytes(tflites):
    """Of maps; threads have scratch of their own."""
    one, two = (Interpreter(tflites[batch]).activation_bytes for batch in (1, 2))
    assert 0 < one < two < 2 * one + 2**16
    assert Interpreter(tflites[1], threads=2).activation_bytes > one
    assert Interpreter(tflites[1], exact=True).activation_bytes > 0


def test_signature_of_floats(runtime, tflites):
    interpreter = Interpreter(tflites[2])
    (image,) = interpreter.signature.inputs
    assert (image.name, image.shape, image.dtype) == ("image", (2, *SIZE, 3), "float32")
    assert image.quantization is None and interpreter.input_shape == (2, *SIZE, 3)
    shapes = {(y.shape, y.dtype) for y in interpreter.signature.outputs}
    assert shapes == {((2, 10), "float32"), ((2, 8, 6, 64), "float32")}


def test_pixels_and_8_bits(runtime):
    types = {"input_type": "uint8", "output_type": "uint8", "include_preprocessing": True}
    tflite = convert.to_tflite(small(), **types)
    interpreter = Interpreter(tflite)
    (image,), (scores,) = interpreter.signature.inputs, interpreter.signature.outputs
    assert image.dtype == scores.dtype == "uint8"
    assert (image.quantization.scale, image.quantization.zero_point) == (1.0, 0)
    assert scores.quantization.scale == pytest.approx(1 / 256, rel=0.01)
    pixels = np.random.default_rng(0).integers(0, 256, (3, *SIZE, 3), np.uint8)
    got, theirs = interpreter.predict(pixels), convert.Interpreter(tflite).predict(pixels)
    assert got.dtype == np.uint8
    assert np.abs(got.astype(int) - theirs).max() <= 1
    with pytest.raises(ValueError, match="images must be uint8; got float32"):
        interpreter.predict(pixels.astype(np.float32))


def test_by_path(tflites, images, tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(tflites[1])
    for model in (path, str(path), bytearray(tflites[1]), memoryview(tflites[1])):
        assert_close(
            Interpreter(model).predict(images[:1]), Interpreter(tflites[1]).predict(images[:1])
        )


def test_other_images_are_refused(tflites, images):
    interpreter = Interpreter(tflites[1])
    message = r"images must have shape \(N, 16, 12, 3\); got \(16, 12, 3\)"
    with pytest.raises(ValueError, match=message):
        interpreter.predict(images[0])
    with pytest.raises(ValueError, match=r"got \(7, 16, 11, 3\)"):
        interpreter.predict(images[:, :, 1:])
    with pytest.raises(ValueError, match="images must be float32; got float64"):
        interpreter.predict(images.astype(np.float64))


def test_other_files_are_refused(runtime, tflites, tmp_path):
    with pytest.raises(FileNotFoundError, match="missing.tflite"):
        Interpreter(tmp_path / "missing.tflite")
    path = tmp_path / "text.tflite"
    path.write_text("hello, hello")
    with pytest.raises(
        ValueError, match=r"text.tflite: expected a .tflite .*got bytes b'hello, h'"
    ):
        Interpreter(path)
    with pytest.raises(ValueError, match=f"^{runtime} can't load this .tflite: "):
        Interpreter(tflites[1][: len(tflites[1]) // 2])
    with pytest.raises(TypeError, match="PathLike"):
        Interpreter(3)


def test_bad_options_are_refused(runtime, tflites):
    for threads in (0, -1, 1.0, True, "2"):
        with pytest.raises(ValueError, match="threads to be an integer of at least 1; got "):
            Interpreter(tflites[1], threads=threads)
    assert Interpreter(tflites[1], threads=np.int64(2)).input_shape == (1, 16, 12, 3)
    with pytest.raises(ValueError, match="expected exact to be True or False; got 'false'"):
        Interpreter(tflites[1], exact="false")
    with pytest.raises(ValueError) as error:
        Interpreter(tflites[1], isa="mmx")
    assert str(error.value).count("\n") == 0
    assert "isa" in str(error.value) and "mmx" in str(error.value)
    assert all(isa in str(error.value) for isa in available_isas())


def test_a_missing_library_says_what_to_do(tflites, monkeypatch, tmp_path):
    monkeypatch.setenv("LARQ_BVIT_DELEGATE", str(tmp_path / "missing.so"))
    with pytest.raises(ImportError, match="LARQ_BVIT_DELEGATE names no file: .*missing.so"):
        Interpreter(tflites[1])


def test_a_library_that_is_none(runtime, tflites, monkeypatch, tmp_path):
    (tmp_path / "text.so").write_text("no library")
    monkeypatch.setenv("LARQ_BVIT_DELEGATE", str(tmp_path / "text.so"))
    with pytest.raises(ImportError, match="the native delegate can't be loaded: .*text.so"):
        Interpreter(tflites[1])


def test_threads_share_an_interpreter_and_run_two(tflites, images, expected):
    shared, own = Interpreter(tflites[1]), threading.local()

    def run(i):
        if not hasattr(own, "interpreter"):
            own.interpreter = Interpreter(tflites[1], threads=2)
        part = images[i % 7][None]
        return shared.predict(part), own.interpreter.predict(part)

    with ThreadPoolExecutor(4) as pool:
        for i, results in enumerate(pool.map(run, range(56))):
            for got in results:
                assert_close(got, [y[i % 7][None] for y in expected])


def run_python(code, *arguments):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


END = """
import gc, sys, threading
import numpy as np
from larq_bvit.runtime import backend, Interpreter
backend.BACKENDS = tuple(f for f in backend.BACKENDS if f.__name__ == sys.argv[2])
path, images = sys.argv[1], np.zeros((2, 16, 12, 3), np.float32)
first, second = Interpreter(path, threads=2), Interpreter(path)
first.predict(images); second.predict(images)
del first
gc.collect()
second.predict(images)
third = Interpreter(path, exact=True)
del second
class Ring: pass
ring = Ring(); ring.self, ring.interpreter = ring, Interpreter(path)
threading.Thread(target=lambda: Interpreter(path, threads=2).predict(images)).start()
last = Interpreter(path, threads=2)
last.predict(images)
print("done")
"""


def test_ends_in_any_order(runtime, tflites, tmp_path):
    """Deleted, in a ring, in a thread, and whatever is left when Python ends: no crash, no word."""
    path = tmp_path / "model.tflite"
    path.write_bytes(tflites[1])
    name = "litert" if runtime.startswith("LiteRT") else "tensorflow_lite"
    result = run_python(END, path, name)
    assert (result.returncode, result.stdout) == (0, "done\n"), result.stderr
    assert "Exception ignored" not in result.stderr and "Traceback" not in result.stderr


FORK = """
import os, signal, sys
import numpy as np
from larq_bvit.runtime import Interpreter
images = np.load(sys.argv[2])
interpreter = Interpreter(sys.argv[1], threads=2)
here = interpreter.predict(images)
child = os.fork()
if child == 0:
    signal.alarm(60)
    there = interpreter.predict(images)
    os._exit(0 if all(map(np.array_equal, here, there)) else 1)
_, status = os.waitpid(child, 0)
again = interpreter.predict(images)
print(os.waitstatus_to_exitcode(status), all(map(np.array_equal, here, again)))
"""


def test_goes_on_after_a_fork(tflites, images, tmp_path):
    """Threads do not live on in a child: it runs without them, or makes its own."""
    path = tmp_path / "model.tflite"
    path.write_bytes(tflites[1])
    np.save(tmp_path / "images.npy", images)
    result = run_python(FORK, path, tmp_path / "images.npy")
    assert result.stdout == "0 True\n", result.stderr


def test_needs_no_tensorflow(tflites, images, tmp_path):
    pytest.importorskip("ai_edge_litert")
    path = tmp_path / "model.tflite"
    path.write_bytes(tflites[1])
    np.save(tmp_path / "images.npy", images)
    code = """
import sys
sys.modules.update(tensorflow=None, larq=None, tf_keras=None)
import numpy as np
from larq_bvit.runtime import Interpreter
scores, features = Interpreter(sys.argv[1]).predict(np.load(sys.argv[2]))
np.save(sys.argv[3], scores)
"""
    result = run_python(code, path, tmp_path / "images.npy", tmp_path / "scores.npy")
    assert result.returncode == 0, result.stderr
    np.testing.assert_array_equal(
        np.load(tmp_path / "scores.npy"), Interpreter(path).predict(images)[0]
    )


def test_import_loads_no_runtime():
    code = "import larq_bvit.runtime, sys; "
    code += "print({'tensorflow', 'ai_edge_litert', 'larq'} & set(sys.modules))"
    assert run_python(code).stdout.strip() == "set()"


def test_the_library_for_other_programs(tflites, images):
    """As the documentation has it, by a stock runtime alone."""
    stock = pytest.importorskip("ai_edge_litert.interpreter")
    delegate = stock.load_delegate(str(delegate_path()), {"threads": 1})
    interpreter = stock.Interpreter(model_content=tflites[1], experimental_delegates=[delegate])
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], images[:1])
    interpreter.invoke()
    got = [interpreter.get_tensor(y["index"]) for y in interpreter.get_output_details()]
    assert_close(got, Interpreter(tflites[1]).predict(images[:1]))


def test_verbose_writes_the_plan(tflites, capfd):
    Interpreter(tflites[1])
    quiet = capfd.readouterr().err
    Interpreter(tflites[1], verbose=True)
    assert "larq_bvit" in capfd.readouterr().err and "larq_bvit" not in quiet


def test_exports():
    assert all(hasattr(package, name) for name in package.__all__)
