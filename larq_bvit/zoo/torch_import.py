"""PyTorch checkpoints of the published code, into a model of the zoo and back."""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import tensorflow as tf

from larq_bvit._extras import require
from larq_bvit.zoo import torch_names
from larq_bvit.zoo.attention_clips import rescale_clips
from larq_bvit.zoo.matching import CLASSIFIER, check_names, resample_position
from larq_bvit.zoo.named_weights import latent_weights, named_weights

log = logging.getLogger(__name__)

_TYPES = {
    "BF16": tf.bfloat16.as_numpy_dtype,
    **{f"F{8 * size}": f"<f{size}" for size in (2, 4, 8)},
    **{f"I{8 * size}": f"<i{size}" for size in (1, 2, 4, 8)},
    **{f"U{8 * size}": f"<u{size}" for size in (1, 2, 4, 8)},
}


@dataclass(frozen=True)
class Slot:
    """One Keras weight and the place of its numbers in a PyTorch state dict."""

    variable: Any
    key: str
    rows: tuple[int, int | None] = (0, None)  # of position embeddings; the class token's is 0
    negative: bool = False  # ReActNet adds the move that BinaryViT subtracts
    mirrored: bool = False  # see layers.Mirror
    flat: bool = False  # binary kernels are columns there

    def from_torch(self, array: np.ndarray) -> np.ndarray:
        """The Keras weight's value, a map of position embeddings in the checkpoint's own size.

        Raises:
            ValueError: the shapes can't be matched.
        """
        shape = tuple(self.variable.shape)
        if self.key.endswith("position_embeddings"):
            return self._position(array, shape)
        # kernels (height, width, in, out) are (out, in[, height, width]) there, or flat
        axes = {4: (3, 2, 0, 1), 2: (1, 0)}.get(len(shape), range(len(shape)))
        there = tuple(shape[axis] for axis in axes)
        got, expected, flat = (
            [n for n in s if n != 1]
            for s in (array.shape, there, (self.variable.shape.num_elements(),))
        )
        if got != expected and got != flat:
            raise ValueError(f"expected {there}; got {array.shape}")
        array = array.reshape(there).transpose(np.argsort(axes))
        array = array[::-1, ::-1] if self.mirrored and len(shape) == 4 else array
        return -array if self.negative else array

    @property
    def is_map(self) -> bool:
        """Whether it holds the position embeddings of a map."""
        return self.key.endswith("position_embeddings") and len(self.variable.shape) == 3

    def _position(self, array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        """A map (H, W, C), or the class token's vector, of position embeddings (1, rows, C)."""
        if array.ndim != 3 or len(array) != 1 or array.shape[2] != shape[-1]:
            raise ValueError(f"expected (1, rows, {shape[-1]}); got {array.shape}")
        rows = array[0, slice(*self.rows)]
        if len(shape) == 1:
            return rows.reshape(shape)
        side = round(len(rows) ** 0.5)  # the published models are square
        fits = len(rows) == shape[0] * shape[1]
        if fits and shape[0] != shape[1] and len(rows) == side**2:
            log.warning("%s: %d rows taken as a map %dx%d", self.key, len(rows), *shape[:2])
        return rows.reshape(*(shape[:2] if fits else (side, side)), -1)

    def to_torch(self, value: np.ndarray) -> np.ndarray:
        """The inverse of `from_torch`, of the published tensor's shape."""
        if self.key.endswith("position_embeddings"):
            return value.reshape(-1, value.shape[-1])[None]
        if value.ndim == 4:
            value = value[::-1, ::-1] if self.mirrored else value
            value = value.transpose(3, 2, 0, 1)
        elif value.ndim == 2:
            value = value.T
        shape = torch_names.published_shape(self.key, value.shape, self.flat)
        value = (-value if self.negative else value).reshape(shape)
        return np.copy(value, order="C")  # as PyTorch demands

    @property
    def published_key(self) -> str:
        """As the published code spells it."""
        return torch_names.published_key(self.key, self.flat)


def slots(model: tf.keras.Model) -> list[Slot]:
    """Where every weight of a zoo model stands in the published PyTorch code's state dict.

    Raises:
        ValueError: the model is not one of the zoo's.
    """
    paths = list(named_weights(model))
    names = {layer.name for layer in model.layers}
    family = model.name.split("_")[0]
    table = {
        "binaryvit": torch_names.BINARY_TRANSFORMER,
        "reactdeit": torch_names.BINARY_TRANSFORMER,
        "deit": torch_names.DEIT,
        "reactnet": torch_names.MOBILENET,
        "birealnet": torch_names.RESNET,
    }.get(family)
    if table is None:
        raise ValueError(
            f"PyTorch names are known for models of larq_bvit.zoo alone; got {model.name!r}"
        )
    resnet = "stage1/block1/add" in names or "stage1/block1/add3" in names
    if family in ("reactnet", "birealnet") and resnet:
        bottleneck = "stage1/block1/add3" in names
        table = torch_names.BOTTLENECK if bottleneck else torch_names.RESNET
    if table in (torch_names.BINARY_TRANSFORMER, torch_names.BOTTLENECK):
        paths = list(_count_blocks(paths))
    class_token = "stem/class_token" in names
    flat = table is torch_names.MOBILENET or (table is torch_names.RESNET and family == "birealnet")
    return [
        Slot(
            variable,
            torch_names.torch_key(path, table),
            rows=_rows(path, class_token),
            negative="mirror" in names and path.endswith("shift_in"),
            mirrored="mirror" in names,
            flat=flat,
        )
        for variable, path in zip(model.weights, paths, strict=True)
    ]


def _count_blocks(paths: list[str]) -> Iterator[str]:
    """Numbers the blocks through all stages: `stage2/block1` becomes `block4`."""
    pattern = re.compile(r"^stage\d+/block\d+")
    found = dict.fromkeys(m[0] for m in map(pattern.match, paths) if m)
    ordered = sorted(found, key=lambda name: [int(n) for n in re.findall(r"\d+", name)])
    numbers = {name: f"block{i}" for i, name in enumerate(ordered, start=1)}
    for path in paths:
        yield pattern.sub(lambda m: numbers[m[0]], path)


def _rows(path: str, class_token: bool) -> tuple[int, int | None]:
    if not class_token:
        return 0, None
    return (0, 1) if path == "stem/class_token/position" else (1, None)


def import_torch(source: Mapping[str, Any] | str | Path, model: tf.keras.Model) -> tf.keras.Model:
    """Fills a zoo model in place with a checkpoint of the published PyTorch code.

    For another input size position embeddings are resampled and attention's clips rescaled; a
    classifier is skipped where the model has none. All of it is logged. `num_batches_tracked` is
    ignored, as PyTorch does for a momentum that is given.

    Arguments:
        source: a state dict of arrays, or the path of a `.safetensors`, `.pth`, `.pt` or `.bin`
            file. PyTorch's own files are read with `weights_only=True` alone, which needs
            `pip install "larq_bvit[torch]"`. Prefixes `module.` and wrappers `{"model": ...}`
            and `{"state_dict": ...}` are taken off.
        model: a model of the zoo, with as many classes as the checkpoint has, or without the top.

    Returns:
        The model.

    Raises:
        ValueError: the file can't be read, or its keys and shapes are not those of this model:
            the message lists what is missing, unexpected and mis-shaped. The model is as before.
    """
    state = _unwrap(source if isinstance(source, Mapping) else _read(Path(source)))
    paths, places = list(named_weights(model)), slots(model)
    keys = {slot.key for slot in places}
    if not any(path.startswith(CLASSIFIER) for path in paths):
        _leave_classifier(state)
    check_names(keys, set(state) - torch_names.UNUSED, what=f"PyTorch checkpoint of {model.name!r}")
    values, grids, misfits = {}, {}, []
    for path, slot in zip(paths, places, strict=True):
        try:
            values[path] = slot.from_torch(state[slot.key])
            if slot.is_map:
                grids[path] = values[path]
                values[path] = resample_position(grids[path], tuple(slot.variable.shape))
        except ValueError as error:
            misfits.append(f"{slot.key}: {error}")
    if misfits:
        raise ValueError(
            f"checkpoint does not fit {model.name!r}; mis-shaped:\n  " + "\n  ".join(misfits)
        )
    rescale_clips(values, grids, model)
    for path, slot in zip(paths, places, strict=True):
        slot.variable.assign(values[path])
    return model


def _leave_classifier(state: dict[str, np.ndarray]) -> None:
    """Takes it out of a state dict; logged."""
    there = [key for key in state if key.startswith(torch_names.CLASSIFIERS)]
    for key in there:
        del state[key]
    if there:
        log.info("the classifier of the checkpoint is skipped: the model has none")


def export_torch(model: tf.keras.Model, values: list[np.ndarray] | None = None) -> dict:
    """The state dict of the published PyTorch code, {key: array}; undoes `import_torch`.

    Without what PyTorch keeps and never uses: counts of batches, `torch_names.UNUSED`.

    Arguments:
        model: a model of the zoo.
        values: one array per weight of `model.weights` to name instead of the weights, such as
            their gradients.
    """
    with latent_weights():
        arrays = [np.asarray(v) for v in (model.get_weights() if values is None else values)]
    state: dict[str, np.ndarray] = {}
    # the class token's row stands before the map's
    parts = sorted(zip(slots(model), arrays, strict=True), key=lambda part: part[0].rows[0])
    for slot, value in parts:
        key, array = slot.published_key, slot.to_torch(value)
        state[key] = np.concatenate([state[key], array], 1) if key in state else array
    return state


def _unwrap(state: Any) -> dict[str, np.ndarray]:
    for wrapper in ("model", "state_dict"):
        if isinstance(state, Mapping) and isinstance(state.get(wrapper), Mapping):
            state = state[wrapper]
    if not isinstance(state, Mapping):
        raise ValueError(f"a checkpoint must hold a dict of arrays; got {type(state).__name__}")
    arrays = {}
    for key, value in state.items():
        key = re.sub(r"^(module\.)+", "", str(key))
        # ReActNet and Bi-Real spell a binary kernel `weights` in one place, `weight` in another
        key = key.removesuffix("s") if key.endswith(".weights") else key
        if not key.endswith("num_batches_tracked"):
            arrays[key] = _floats(key, value)
    return arrays


def _floats(key: str, value: Any) -> np.ndarray:
    """A NumPy array of a float array or PyTorch tensor; NumPy has no bfloat16."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        value = value.float() if str(value.dtype) == "torch.bfloat16" else value
    kind = getattr(value, "dtype", type(value).__name__)
    if str(kind) == "bfloat16":  # as NumPy has it by an extension
        return np.asarray(value).astype(np.float32)
    if not hasattr(value, "dtype") or np.asarray(value).dtype.kind != "f":
        raise ValueError(f"checkpoint entry {key!r} must be an array of floats; got {kind}")
    return np.asarray(value)


def _safetensors(content: bytes) -> dict[str, np.ndarray]:
    """As safetensors.numpy reads it, which does not know bfloat16."""
    return {
        name: np.frombuffer(tensor["data"], _TYPES[tensor["dtype"]]).reshape(tensor["shape"])
        for name, tensor in safetensors.deserialize(content)
    }


def _read(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        raise ValueError(f"no checkpoint at {path}")
    try:
        if path.suffix == ".safetensors":
            return _safetensors(path.read_bytes())
        if path.suffix in (".pth", ".pt", ".bin", ".tar"):
            torch = require("torch", "torch")
            return torch.load(path, map_location="cpu", weights_only=True)
    except ImportError:
        raise
    except Exception as error:  # whatever a corrupt file makes the readers raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(f"can't read the checkpoint {path}: {reason}") from error
    raise ValueError(f"a checkpoint must be .safetensors, .pth, .pt, .bin or .tar; got {path.name}")
