"""Packed files: what is refused, in which words, and that damage never passes."""

import contextlib
import logging
import pickle
import struct

import numpy as np
import pytest
from safetensors import numpy as safetensors_numpy

from larq_bvit import zoo
from larq_bvit.zoo import BinaryViT, WeightsMetadata
from larq_bvit.zoo.packed import read_packed
from tests.long import LONG
from tests.zoo import common
from tests.zoo.packed.rewriting import content, rewrite
from tests.zoo.test_binaryvit import TINY

CONV = "stage2/downsample/conv/kernel"
METADATA = WeightsMetadata(dataset="cifar10", seed=3, class_names=tuple("abcde"))


@pytest.fixture(scope="module")
def model():
    return common.randomise(BinaryViT(TINY, input_shape=(32, 64, 3), num_classes=5))


@pytest.fixture(scope="module")
def whole(model, tmp_path_factory):
    """A packed file that is in order."""
    path = tmp_path_factory.mktemp("packed") / "whole.safetensors"
    return zoo.save_weights(model, path, metadata=METADATA)


def refused(path):
    with pytest.raises(ValueError) as error:
        read_packed(path)
    message = str(error.value)
    assert message.startswith(str(path))
    return message


def test_content(whole):
    entry, tensors = content(whole)
    file = read_packed(whole)
    assert file.binary == entry["kernels"].keys()
    assert file.metadata.class_names == METADATA.class_names and file.metadata.seed == 3
    assert len(file.weights) == len(tensors) - len(entry["kernels"])
    assert {name: list(file.weights[name].shape) for name in entry["kernels"]} == entry["kernels"]
    scale, kernel = tensors[f"{CONV}:scale"], file.weights[CONV]
    np.testing.assert_array_equal(np.abs(kernel), np.broadcast_to(scale, kernel.shape))


def set_entry(**values):
    return lambda entry, tensors: entry.update(values)


def set_tensor(name, value):
    def edit(entry, tensors):
        tensors[name] = value(tensors[name]) if callable(value) else value
        if tensors[name] is None:
            del tensors[name]

    return edit


def first(value):
    """A copy with another first number."""

    def change(array):
        array = array.copy()
        array.flat[0] = value
        return array

    return change


def text(value):
    return lambda entry, tensors: value


SCALE, BITS = f"{CONV}:scale", f"{CONV}:bits"


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (
            set_entry(format=3),
            "written by a newer larq_bvit: its format is 3, .* upgrade larq_bvit",
        ),
        (set_entry(format=1), "expected format 2; got 1, of larq_bvit before its first release"),
        (set_entry(format=99, datasset=1), "newer larq_bvit: its format is 99"),
        (set_entry(format="1"), "expected its format to be a version such as 2; got '1'"),
        (set_entry(format=True), "got True"),
        (set_entry(format=0), "got 0"),
        (set_entry(datasset=1), "unknown field 'datasset'; did you mean 'dataset'?"),
        (set_entry(seed="x"), "expected seed to be an integer; got 'x'"),
        (
            set_entry(num_classes=6, class_names=None),
            "it says 6 classes, its classifier has 5",
        ),
        (set_entry(latent=True), "it says that kernels are latent, and has binary ones"),
        (set_entry(whole="x"), "expected whole to list kernels of the file; got 'x'"),
        (set_entry(whole=[CONV]), "expected whole to list kernels of the file"),
        (set_entry(whole=None), "expected whole to list kernels of the file; got None"),
        (set_entry(latent=None), "expected latent and the kernels' shapes"),
        (set_entry(kernels=[]), "expected latent and the kernels' shapes"),
        (set_entry(kernels={CONV: [2, 2, 16, -32]}), "expected latent and the kernels'"),
        (set_entry(kernels={CONV: [2, 2, 16, 10**30]}), rf"{CONV}: a kernel .* has bits"),
        (set_entry(kernels={"x": [2, 2]}), "expected x:bits of uint8 and x:scale of float32"),
        (set_entry(kernels={}), "expected stage.*:bits to be the float32 array of a weight"),
        (text("[1]"), "expected its format to be a version"),
        (text("{"), "its description is no JSON"),
        (text("[" * 200_000), "recursion"),
        (set_tensor(SCALE, first(np.nan)), f"{CONV}: expected scales of 0 or above"),
        (set_tensor(SCALE, first(np.inf)), f"{CONV}: expected scales of 0 or above"),
        (set_tensor(SCALE, first(-1)), f"{CONV}: expected scales of 0 or above"),
        (set_tensor(SCALE, lambda x: x[1:]), r"scales \(32,\); got \(32, 8\) and \(31,\)"),
        (set_tensor(SCALE, lambda x: x.astype("float64")), f"{SCALE} of float32"),
        (set_tensor(SCALE, lambda x: None), f"{SCALE} of float32"),
        (set_tensor(BITS, lambda x: x[:, 1:]), r"has bits \(32, 8\) .* got \(32, 7\)"),
        (set_tensor(BITS, lambda x: x.astype("int8")), f"expected {BITS} of uint8"),
        (
            set_tensor("classifier/bias", lambda x: x.astype("float64")),
            "expected classifier/bias to be the float32 array of a weight; got float64",
        ),
    ],
)
def test_refuses_what_contradicts_itself(edit, message, whole, tmp_path):
    path = rewrite(whole, tmp_path / "x.safetensors", edit)
    with pytest.raises(ValueError, match=message):
        read_packed(path)


@pytest.mark.parametrize(
    "edit",
    [
        set_tensor(BITS, lambda x: x ^ 1),
        set_tensor("classifier/bias", first(9)),
        set_tensor("classifier/kernel", np.transpose),
        set_tensor("classifier/bias", lambda x: None),
        set_tensor(SCALE, lambda x: x.view("int32")),
        lambda entry, tensors: entry["kernels"].update({CONV: [1, 4, 16, 32]}),
        lambda entry, tensors: entry["class_names"].reverse(),
        lambda entry, tensors: entry["variant"].update(heads=[1, 1]),
        set_entry(seed=4),
        set_entry(sha256=None),
    ],
)
def test_the_checksum_finds_every_change(edit, whole, tmp_path):
    path = rewrite(whole, tmp_path / "x.safetensors", edit, sign=False)
    assert "the file is damaged" in refused(path)


def test_refuses_bits_behind_the_last_weight(tmp_path):
    import larq as lq
    import tensorflow as tf

    layer = lq.layers.QuantDense(2, kernel_quantizer="ste_sign", use_bias=False, name="dense")
    source = zoo.save_weights(
        tf.keras.Sequential([tf.keras.Input((5,)), layer]), tmp_path / "a.safetensors"
    )
    edit = set_tensor("dense/kernel:bits", lambda x: x | 128)
    assert "zeros behind" in refused(rewrite(source, tmp_path / "x.safetensors", edit))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is not a whole safetensors file"),
        (b"\0" * 100, "is not a whole safetensors file"),
        (pickle.dumps({"a": np.ones(3)}), "it is a Python pickle"),
        (b"PK\x03\x04" + bytes(100), "it is a zip archive, such as PyTorch and Keras write"),
        (struct.pack("<Q", 2**63) + b"{}", "is not a whole safetensors file"),
        (struct.pack("<Q", 90_000_000) + b"{}", "is not a whole safetensors file"),
        (struct.pack("<Q", 8) + b'{"a": 1}', "is not a whole safetensors file"),
        (safetensors_numpy.save({"a": np.ones(3)}), "no entry 'larq_bvit'"),
        (safetensors_numpy.save({"a": np.ones(3)}, {"format": "pt"}), "no entry 'larq_bvit'"),
    ],
    ids=["empty", "zeros", "pickle", "zip", "giant", "large", "no_header", "bare", "foreign"],
)
def test_refuses_other_files(data, message, tmp_path):
    path = tmp_path / "x.safetensors"
    path.write_bytes(data)
    assert message in refused(path)


@pytest.mark.parametrize("length", [7, 8, 100, 5_000, -1_000, -1])
def test_refuses_truncated_files(length, whole, tmp_path):
    path = tmp_path / "x.safetensors"
    path.write_bytes(whole.read_bytes()[:length])
    assert "is not a whole safetensors file" in refused(path)


def test_damage_is_refused_or_harmless(whole, tmp_path, caplog):
    """Whatever is flipped, cut or put in: a ValueError, or the same weights; nothing between."""
    caplog.set_level(logging.ERROR)
    data, path = whole.read_bytes(), tmp_path / "x.safetensors"
    header = 8 + struct.unpack("<Q", data[:8])[0]
    entry_at = data.index(b"__metadata__")
    other = BinaryViT(TINY, input_shape=(32, 64, 3), num_classes=5)
    start = other.get_weights()
    zoo.load_weights(other, whole)
    right = other.get_weights()
    other.set_weights(start)
    rng = np.random.default_rng(0)
    loaded = 0
    for i in range(20_000 if LONG else 200):
        low, high = [(0, len(data)), (0, header), (entry_at, entry_at + 900), (0, 8)][i % 4]
        at = int(rng.integers(low, high))
        damaged = bytearray(data)
        match i % 5:
            case 0:
                damaged[at] ^= 1 << rng.integers(8)
            case 1:
                damaged[at] = rng.integers(32, 127)
            case 2:
                damaged[at : at + 8] = rng.bytes(8)
            case 3:
                del damaged[at : at + int(rng.integers(1, 50))]
            case _:
                damaged[at:at] = rng.bytes(int(rng.integers(1, 50)))
        path.write_bytes(damaged)
        expected = start
        with contextlib.suppress(ValueError):
            zoo.load_weights(other, path)
            expected = right
        got = other.get_weights()
        assert all((a == b).all() for a, b in zip(got, expected, strict=True)), i
        if expected is right:
            loaded += 1
            other.set_weights(start)
    assert loaded < 20 * (100 if LONG else 1)


def test_json_numbers_that_are_none(whole, tmp_path):
    path = rewrite(whole, tmp_path / "x", set_entry(variant={"x": float("nan")}))
    assert "expected variant.x to be finite" in refused(path)


@pytest.mark.parametrize("depth", [10, 300, 700])
def test_lists_in_lists(depth, whole, tmp_path):
    """Python gives up at some depth, of parsing or of checking: no file may make it fail so."""

    lists = []
    for _ in range(depth - 1):
        lists = [lists]
    path = rewrite(whole, tmp_path / "x.safetensors", set_entry(variant={"x": lists}))
    if depth == 10:
        assert read_packed(path).metadata.variant is not None
    else:
        assert depth == 300 or "recursion" in refused(path)
        with contextlib.suppress(ValueError):
            read_packed(path)
