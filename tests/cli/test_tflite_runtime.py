"""Commands that run a .tflite: in LCE, or by the native delegate."""

from importlib.resources import files

import numpy as np
import pytest
from PIL import Image

from larq_bvit.cli.tflite_runtime import check_runtime
from larq_bvit.zoo.images import load_image, preprocess_input
from tests.convert.small import SIZE, small
from tests.delegate import needs_delegate, needs_lce

CAT = files("larq_bvit") / "assets" / "cat.jpg"
RUNTIMES = [pytest.param("delegate", marks=needs_delegate), "lce"]
NAMES = [f"class {i}" for i in range(10)]

pytestmark = needs_lce


@pytest.fixture(scope="module")
def model():
    """Of few binary layers and always the same weights: no sign sits on a rounding edge."""
    return small()


@pytest.fixture(scope="module")
def file(model, tmp_path_factory):
    """The model with labels, for pixels; itself lies beside it as own.keras."""
    from larq_bvit import convert

    path = tmp_path_factory.mktemp("tflite") / "own.tflite"
    made = convert.convert_model(model, target="android", labels=NAMES, float_storage="float32")
    path.write_bytes(made.tflite)
    model.save(path.with_suffix(".keras"))
    return path


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_predict(run, run_json, model, file, runtime):
    arguments = ["predict", CAT, CAT, "--model", file, "--runtime", runtime, "--top", 10]
    shown = run_json(*arguments)
    assert shown["model"] == str(file)
    words = {"delegate": "by delegate", "lce": "Larq Compute Engine"}
    assert shown["runtime"].endswith(words[runtime])
    expected = model(preprocess_input(load_image(CAT, SIZE)[None]), training=False).numpy()[0]
    assert len(shown["images"]) == 2
    for image in shown["images"]:
        got = {c["name"]: c["probability"] for c in image["classes"]}
        assert list(got.values()) == sorted(got.values(), reverse=True)
        np.testing.assert_allclose([got[name] for name in NAMES], expected, rtol=1e-3)
    text = run(*arguments).stdout.splitlines()
    assert text[0] == str(CAT) and text[-1] == f"in {shown['runtime']}"


def test_the_delegate_comes_first_where_it_is(run_json, file, monkeypatch, tmp_path):
    monkeypatch.setenv("LARQ_BVIT_DELEGATE", str(tmp_path / "missing.so"))
    shown = run_json("predict", CAT, "--model", file)
    assert shown["runtime"] == "Larq Compute Engine"


@needs_delegate
def test_the_delegate_where_it_is(run_json, file):
    assert run_json("predict", CAT, "--model", file)["runtime"].endswith("by delegate")


def test_names_of_classes(run_json, fails, model, tmp_path):
    from larq_bvit import convert

    path = tmp_path / "no_labels.tflite"
    path.write_bytes(convert.to_tflite(model))
    arguments = ["predict", CAT, "--model", path, "--runtime", "lce", "--top", 10]
    (image,) = run_json(*arguments)["images"]
    assert {c["name"] for c in image["classes"]} == set(map(str, range(10)))
    (tmp_path / "names.txt").write_text("\n".join(NAMES))
    (image,) = run_json(*arguments, "--class-names", tmp_path / "names.txt")["images"]
    assert {c["name"] for c in image["classes"]} == set(NAMES)
    (tmp_path / "names.txt").write_text("\n".join(NAMES[:3]))
    (line,) = fails(*arguments, "--class-names", tmp_path / "names.txt")
    assert line == f"{path} has 10 classes; got 3 class names"


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_evaluate(run_json, file, tmp_path, runtime):
    rng = np.random.default_rng(0)
    for name in NAMES:
        (tmp_path / "images" / name).mkdir(parents=True)
        image = Image.fromarray(rng.integers(0, 256, (40, 40, 3), np.uint8))
        image.save(tmp_path / "images" / name / "1.png")
    data = f"folder:{tmp_path / 'images'}:all"
    shown = run_json("evaluate", file, data, "--runtime", runtime)
    of_keras = run_json("evaluate", file.with_suffix(".keras"), data)
    assert shown["images"] == 10 and shown["top_1"] == of_keras["top_1"]
    assert shown["cross_entropy"] == pytest.approx(of_keras["cross_entropy"], abs=1e-3)


@needs_delegate
def test_verify(run, run_json, file):
    arguments = ["verify", file.with_suffix(".keras"), file]
    shown = run_json(*arguments, "--delegate")
    assert shown["holds"] and set(shown["delegate"]) == {"exact", "fused"}
    for comparison in shown["delegate"].values():
        agreement = comparison["agreement"]
        assert agreement["relative"] < 1e-5 and agreement["top_1"] == 1
    assert "delegate" not in run_json(*arguments)
    text = run(*arguments, "--delegate")
    assert text.exit_code == 0 and "delegate fused to LCE: largest difference" in text.stdout


def test_verify_without_a_delegate(fails, file, monkeypatch, tmp_path):
    monkeypatch.setenv("LARQ_BVIT_DELEGATE", str(tmp_path / "missing.so"))
    arguments = ["verify", file.with_suffix(".keras"), file, "--delegate"]
    assert "LARQ_BVIT_DELEGATE names no file" in fails(*arguments)[0]


@needs_delegate
def test_plan(run, run_json, file):
    result = run("inspect", file, "--plan")
    assert result.exit_code == 0, result.stderr
    census, found, plan = result.stdout.partition("\nplan of the native delegate\n")
    assert found and "binary coverage" in census and "larq_bvit: claims " in plan
    assert "XNNPACK" not in plan
    shown = run_json("inspect", file, "--plan")
    assert shown["plan"] == plan.splitlines() and shown["size"] == file.stat().st_size
    assert "plan" not in run_json("inspect", file)


def test_plan_without_a_delegate(fails, file, monkeypatch, tmp_path):
    monkeypatch.setenv("LARQ_BVIT_DELEGATE", str(tmp_path / "missing.so"))
    assert "LARQ_BVIT_DELEGATE names no file" in fails("inspect", file, "--plan")[0]


def test_what_does_not_fit_is_refused(fails, file, tmp_path):
    (line,) = fails("predict", CAT, "--model", file, "--input-size", "64")
    assert line == f"{file} is a whole model: --input-size can't change it"
    (line,) = fails("predict", CAT, "--model", file, "--runtime", "gpu")
    assert line == "expected --runtime to be delegate or lce; got 'gpu'"
    for arguments in (["--model", "binaryvit_nano"], []):
        (line,) = fails("predict", CAT, *arguments, "--runtime", "lce")
        assert line == "--runtime is for a .tflite; other models run in Keras"
    missing = tmp_path / "missing.tflite"
    assert fails("predict", CAT, "--model", missing) == [f"{missing}: No such file or directory"]
    (tmp_path / "text.tflite").write_text("hello, hello")
    (line,) = fails("predict", CAT, "--model", tmp_path / "text.tflite")
    assert line.startswith("expected a .tflite")


@pytest.mark.parametrize("runtime", [None, "lce", "delegate"])
def test_check_runtime(runtime):
    check_runtime("x.tflite", runtime)


def test_many_images_go_in_batches(run_json, file, monkeypatch):
    """All of them normalised at once would take gigabytes."""
    seen = []

    def counted(images):
        seen.append(len(images))
        return preprocess_input(images)

    monkeypatch.setattr("larq_bvit.zoo.images.preprocess_input", counted)
    shown = run_json("predict", *[CAT] * 18, "--model", file, "--runtime", "lce")
    assert len(shown["images"]) == 18 and seen == [16, 2]
    assert all(image["classes"] == shown["images"][0]["classes"] for image in shown["images"])


def test_a_file_that_lce_cannot_load(fails, file, tmp_path):
    path = tmp_path / "new.tflite"
    path.write_bytes(file.read_bytes().replace(b"LceBconv2d", b"LceBconv9d"))
    message = " ".join(fails("predict", CAT, "--model", path, "--runtime", "lce"))
    assert "Larq Compute Engine can't load this .tflite" in message
