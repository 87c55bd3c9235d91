"""Checkpoints of the published PyTorch code: every wrapping, every refusal, nothing half loaded."""

import json
import pickle
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from safetensors.numpy import save_file

from larq_bvit.zoo import BinaryViT, BiRealNet, DeiT, ReActDeiT, export_torch, import_torch
from larq_bvit.zoo.matching import resample_position
from larq_bvit.zoo.named_weights import latent_weights, named_weights
from larq_bvit.zoo.torch_names import UNUSED
from tests.zoo import common
from tests.zoo.test_binaryvit import TINY
from tests.zoo.test_birealnet import BASIC, BOTTLENECK
from tests.zoo.test_deit import TINY as TINY_DEIT
from tests.zoo.test_reactdeit import TINY as TINY_REACTDEIT

QUERY = "vit.encoder.layer.0.attention.attention.query.weight"
UP = "vit.encoder.layer.0.intermediate.dense.weight"


def build(size=(64, 64), **fields):
    return BinaryViT(replace(TINY, **fields), input_shape=(*size, 3), num_classes=5)


@pytest.fixture(scope="module")
def model():
    return common.randomise(build())


@pytest.fixture(scope="module")
def state(model):
    return export_torch(model)


@pytest.fixture
def refused(model):
    """Imports into the model, which must refuse and stay as it was; returns the message."""

    def load(source, error=ValueError):
        before = model.get_weights()
        with pytest.raises(error) as caught:
            import_torch(source, model)
        assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
        return str(caught.value)

    return load


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: state,
        lambda state: {"model": state, "epoch": 3, "optimizer": {"lr": 0.1}},
        lambda state: {"state_dict": state, "best_acc1": 70.6},
        lambda state: {f"module.{key}": value for key, value in state.items()},
        lambda state: {"model": {f"module.module.{key}": v for key, v in state.items()}},
        lambda state: {"vit.norm.num_batches_tracked": np.int64(7), **state},
        lambda state: {key: value.astype("float64") for key, value in state.items()},
        lambda state: dict(reversed(state.items())),
        # parameters of one channel each come with or without the axes of a map
        lambda state: {k: v[None, :, None, None] if v.ndim == 1 else v for k, v in state.items()},
    ],
)
def test_wrappings(wrap, model, state):
    other = build()
    assert import_torch(wrap(state), other) is other
    common.same(model, other)


def test_kernels_that_are_not_flat():
    """As ReActNet-18's checkpoints have them, whose layers are called alike."""
    model = common.randomise(BiRealNet(BASIC, input_shape=(32, 32, 3), num_classes=5))
    state = export_torch(model)
    flat = [key for key in state if key.endswith("binary_conv.weights")]
    assert len(flat) == 4 and {state[key].shape[1:] for key in flat} == {(1,)}
    for key in flat:
        here = named_weights(model)[f"stage{key[len('layer')]}/block1/conv/kernel"]
        there = [here.shape[axis] for axis in (3, 2, 0, 1)]
        state[key.removesuffix("s")] = state.pop(key).reshape(there)
    other = import_torch(state, BiRealNet(BASIC, input_shape=(32, 32, 3), num_classes=5))
    common.same(model, other)


def test_kernels_are_mirrored_and_transposed():
    model = common.randomise(BiRealNet(BASIC, input_shape=(32, 32, 3), num_classes=5))
    weights, state = named_weights(model), export_torch(model)
    kernel = state["layer1.0.binary_conv.weights"].reshape(64, 64, 3, 3)
    stem = weights["stem/conv/kernel"].numpy()
    assert kernel[5, 7, 0, 1] == weights["stage1/block1/conv/kernel"].numpy()[2, 1, 7, 5]
    assert state["conv1.weight"][9, 2, 6, 1] == stem[0, 5, 2, 9]
    np.testing.assert_array_equal(state["fc.weight"], weights["classifier/kernel"].numpy().T)


def test_what_the_published_bi_real_50_never_uses():
    model = common.randomise(BiRealNet(BOTTLENECK, input_shape=(32, 32, 3), num_classes=5))
    state = export_torch(model)
    assert not UNUSED & set(state)
    (unused,) = UNUSED
    other = BiRealNet(BOTTLENECK, input_shape=(32, 32, 3), num_classes=5)
    import_torch({**state, unused: np.zeros((64, 16, 1, 1), "float32")}, other)
    common.same(model, other)


@pytest.mark.parametrize(
    ("architecture", "variant"),
    [(DeiT, TINY_DEIT), (ReActDeiT, replace(TINY_REACTDEIT, class_token=True))],
    ids=["deit", "reactdeit"],
)
def test_position_embeddings_with_a_class_token(architecture, variant):
    model = common.randomise(architecture(variant, input_shape=(32, 32, 3), num_classes=5))
    state, weights = export_torch(model), named_weights(model)
    rows = state["vit.embeddings.position_embeddings"]
    assert rows.shape == (1, 17, variant.dim)
    np.testing.assert_array_equal(rows[0, 0], weights["stem/class_token/position"].numpy())
    np.testing.assert_array_equal(rows[0, 6], weights["stem/position/position"].numpy()[1, 1])
    wide = architecture(variant, input_shape=(24, 64, 3), num_classes=5)
    got = named_weights(import_torch(state, wide))
    expected = resample_position(weights["stem/position/position"].numpy(), (3, 8, variant.dim))
    np.testing.assert_array_equal(got["stem/position/position"].numpy(), expected)
    np.testing.assert_array_equal(got["stem/class_token/position"].numpy(), rows[0, 0])


def test_positions_of_another_size(model, state):
    other = import_torch(state, build(size=(32, 96)))
    before, after = named_weights(model), named_weights(other)
    for name in ("stem/position/position", "stage2/downsample/position/position"):
        expected = resample_position(before[name].numpy(), tuple(after[name].shape))
        np.testing.assert_array_equal(after[name].numpy(), expected)


def test_clips_of_another_size(model, state, caplog):
    """As `load_weights` rescales them."""
    caplog.set_level("INFO", "larq_bvit")
    name = "stage1/block1/attention/attend/probability/clip"
    before = named_weights(model)[name].numpy()
    after = named_weights(import_torch(state, build(size=(32, 96))))[name].numpy()
    pixels = TINY.patch_size * TINY.reductions[0]  # of a key's side
    keys, now = (64 // pixels) ** 2, (32 // pixels) * (96 // pixels)
    assert keys != now
    np.testing.assert_allclose(after, before * keys / now, rtol=1e-6)
    assert f"clips rescaled for other numbers of keys: {keys} to {now}" in caplog.text


def test_a_model_without_the_top(model, state, caplog):
    caplog.set_level("INFO", "larq_bvit")
    features = BinaryViT(TINY, input_shape=(64, 64, 3), include_top=False)
    import_torch(state, features)
    for name, weight in named_weights(features).items():
        np.testing.assert_array_equal(weight.numpy(), named_weights(model)[name].numpy())
    assert "the classifier of the checkpoint is skipped: the model has none" in caplog.text


def test_bfloat16_in_safetensors(model, state, tmp_path):
    """Which safetensors.numpy can't read: the file is written by hand, from the format's page."""
    header, data = {}, b""
    for key, value in state.items():
        half = value.astype(tf.bfloat16.as_numpy_dtype)
        ends = [len(data), len(data) + half.nbytes]
        header[key] = {"dtype": "BF16", "shape": list(half.shape), "data_offsets": ends}
        data += half.tobytes()
    text = json.dumps(header).encode()
    path = tmp_path / "x.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    got = export_torch(import_torch(path, build()))
    for key, value in state.items():
        rounded = value.astype(tf.bfloat16.as_numpy_dtype).astype("float32")
        np.testing.assert_array_equal(got[key], rounded)


def test_a_square_number_of_positions_for_a_model_that_is_not_square(state, caplog):
    # 64 rows fit 8x8 and the model's 4x16: it is its own export that is more likely
    import_torch(state, build(size=(32, 128)))
    assert "64 rows taken as a map 4x16" in caplog.text


@pytest.mark.parametrize("path", ["x.safetensors", "x.pth"])
@pytest.mark.parametrize("content", [b"", b"\0" * 7, b"\xff" * 999, b"<html>404</html>" * 9])
def test_refuses_files_that_are_no_checkpoints(path, content, refused, tmp_path):
    if path.endswith(".pth"):
        pytest.importorskip("torch")
    (tmp_path / path).write_bytes(content)
    assert f"can't read the checkpoint {tmp_path / path}: " in refused(tmp_path / path)


def test_safetensors(model, state, refused, tmp_path):
    path = tmp_path / "x.safetensors"
    save_file({f"module.{key}": value for key, value in state.items()}, path)
    common.same(model, import_torch(str(path), build()))
    data = path.read_bytes()
    for length in (4, 1000, len(data) - 1):
        path.write_bytes(data[:length])
        assert "can't read the checkpoint" in refused(path)


def test_pytorch_is_asked_for_weights_only(model, state, tmp_path, monkeypatch):
    """Also where there is no PyTorch to see what becomes of code in a file."""
    asked = []

    def load(path, **options):
        asked.append(options)
        return {"model": {f"module.{key}": value for key, value in state.items()}}

    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(load=load))
    (tmp_path / "x.pth").write_bytes(b"x")
    common.same(model, import_torch(tmp_path / "x.pth", build()))
    assert asked == [{"map_location": "cpu", "weights_only": True}]


def test_refuses_paths(refused, tmp_path):
    assert refused(tmp_path / "x.pth") == f"no checkpoint at {tmp_path / 'x.pth'}"
    assert "no checkpoint at" in refused(str(tmp_path))
    (tmp_path / "x.onnx").write_bytes(b"x")
    assert "must be .safetensors, .pth, .pt, .bin or .tar; got x.onnx" in refused(
        tmp_path / "x.onnx"
    )


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        ({QUERY: None}, [f"missing (1): {QUERY}"]),
        ({"head.weight": np.ones(3)}, ["unexpected (1): head.weight"]),
        ({UP: np.ones((16, 64))}, [f"{UP}: expected (64, 16, 1, 1); got (16, 64)"]),
        ({UP: np.ones((32, 32))}, ["expected (64, 16, 1, 1); got (32, 32)"]),
        ({UP: np.ones((64, 16, 3, 3))}, ["got (64, 16, 3, 3)"]),
        ({"classifier.weight": np.ones((7, 32))}, ["classifier.weight: expected (5, 32); got (7,"]),
        ({"classifier.bias": np.ones((5, 2))}, ["classifier.bias: expected (5,); got (5, 2)"]),
        (
            {"vit.embeddings.position_embeddings": np.ones((1, 63, 16))},
            ["vit.embeddings.position_embeddings: "],
        ),
        (
            {"vit.embeddings.position_embeddings": np.ones((64, 16))},
            ["expected (1, rows, 16); got (64, 16)"],
        ),
        ({UP: np.ones((64, 16), int)}, [f"{UP!r} must be an array of floats; got int64"]),
        ({UP: [1.0, 2.0]}, [f"{UP!r} must be an array of floats; got list"]),
        ({UP: "ones"}, ["must be an array of floats; got str"]),
    ],
)
def test_refuses_states(change, lines, state, refused):
    changed = {k: v for k, v in {**state, **change}.items() if v is not None}
    message = refused(changed)
    assert all(line in message for line in lines), message


def test_lists_everything_that_does_not_fit(state, refused):
    message = refused({**state, QUERY: np.ones((8, 8)), "classifier.bias": np.ones(7)})
    assert message.startswith("checkpoint does not fit 'binaryvit'; mis-shaped:\n")
    assert f"\n  {QUERY}: expected (16, 16, 1, 1); got (8, 8)" in message
    assert "\n  classifier.bias: expected (5,); got (7,)" in message


@pytest.mark.parametrize(
    "other",
    [
        lambda: build(depths=(2, 1)),
        lambda: DeiT(TINY_DEIT, input_shape=(32, 32, 3), num_classes=5),
        lambda: BiRealNet(BASIC, input_shape=(32, 32, 3), num_classes=5),
    ],
    ids=["depth", "deit", "birealnet"],
)
def test_refuses_checkpoints_of_other_models(other, refused):
    message = refused(export_torch(other()))
    assert message.startswith("this is no PyTorch checkpoint of 'binaryvit':\n  ")
    assert "unexpected (" in message


def test_refuses_models_that_are_not_of_the_zoo(state):
    image = tf.keras.Input((4,))
    model = tf.keras.Model(image, tf.keras.layers.Dense(2)(image), name="mine")
    with pytest.raises(ValueError, match="for models of larq_bvit.zoo alone; got 'mine'"):
        import_torch(state, model)
    with pytest.raises(ValueError, match="got 'mine'"):
        export_torch(model)


def test_export_names_other_values(model):
    """As if they were the weights."""
    values = [np.full(weight.shape, i, "float32") for i, weight in enumerate(model.weights)]
    other = build()
    with latent_weights():
        other.set_weights(values)
    found, expected = export_torch(model, values), export_torch(other)
    assert found.keys() == expected.keys() and len(found) > 50
    for key, array in found.items():
        np.testing.assert_array_equal(array, expected[key], err_msg=key)
    place = list(named_weights(model)).index("classifier/kernel")
    assert (found["classifier.weight"] == place).all()


@pytest.mark.parametrize("suffix", [".pth", ".pt", ".bin", ".pth.tar"])
def test_pytorch_files(suffix, model, state, tmp_path):
    torch = pytest.importorskip("torch")
    tensors = {f"module.{key}": torch.from_numpy(value) for key, value in state.items()}
    tensors["module.vit.norm.num_batches_tracked"] = torch.tensor(3)
    path = tmp_path / f"x{suffix}"
    torch.save({"model": tensors, "epoch": 3}, path)
    common.same(model, import_torch(path, build()))


def test_pytorch_parameters_and_half_precision(model, state, tmp_path):
    torch = pytest.importorskip("torch")
    for dtype in (torch.float16, torch.bfloat16):
        tensors = {k: torch.nn.Parameter(torch.from_numpy(v).to(dtype)) for k, v in state.items()}
        torch.save(tensors, tmp_path / "x.pt")
        other = import_torch(tmp_path / "x.pt", build())
        for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, rtol=0.01, atol=1e-6)


class Code:
    """A pickle of this writes a file when it is read with code allowed."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


@pytest.mark.parametrize("whole", [False, True], ids=["pickle", "torch.save"])
def test_never_runs_code(whole, state, refused, tmp_path):
    torch = pytest.importorskip("torch")
    path, written = tmp_path / "x.pth", tmp_path / "code was here"
    harmful = {**state, QUERY: Code(written)}
    if whole:
        torch.save(harmful, path)
    else:
        path.write_bytes(pickle.dumps(harmful, protocol=2))
    assert "can't read the checkpoint" in refused(path)
    assert not written.exists()
    with open(path, "rb") as file:  # the trap is one: with code allowed, it springs
        torch.load(file, weights_only=False) if whole else pickle.load(file)
    assert written.exists()


def test_refuses_pytorch_files_of_something_else(refused, tmp_path):
    torch = pytest.importorskip("torch")
    for content in (torch.ones(3), [1, 2], torch.nn.Linear(2, 2)):
        torch.save(content, tmp_path / "x.pt")
        message = refused(tmp_path / "x.pt")
        assert "must hold a dict of arrays; got" in message or "can't read" in message


def test_says_what_to_install_without_pytorch(refused, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    (tmp_path / "x.pth").write_bytes(b"x")
    message = refused(tmp_path / "x.pth", ImportError)
    assert 'pip install "larq_bvit[torch]"' in message
