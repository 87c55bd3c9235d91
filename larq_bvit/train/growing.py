"""A larger BinaryViT that starts with what a smaller one has learned."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from larq_bvit.presets import presets
from larq_bvit.train.latent_distances import spread_latent
from larq_bvit.zoo.attention_clips import rescale_clips
from larq_bvit.zoo.macs import one_bit
from larq_bvit.zoo.matching import (
    CLASSIFIER,
    check_names,
    leave_classifier,
    resample_position,
)
from larq_bvit.zoo.model_facts import name_classes
from larq_bvit.zoo.named_weights import named_weights
from larq_bvit.zoo.weight_files import named_or_file
from larq_bvit.zoo.weights import other_classes, read_metadata, read_weights, stored_reductions

_BLOCK = re.compile(r"stage(\d+)/block(\d+)/")
_BRANCH = re.compile(r"/(attention/affine|mlp/affine|pooling/\w+)/(scale|shift)$")


def grow(
    model: tf.keras.Model,
    path: str | Path,
    *,
    seed: int = 0,
    new_classifier: bool = False,
    class_names: Sequence[str] | None = None,
) -> None:
    """Fills a BinaryViT, in place, from the packed weights of a smaller one.

        model = zoo.create("binaryvit_tiny", input_shape=(64, 64, 3), num_classes=200)
        grow(model, "zoo/binaryvit_nano_tiny_imagenet/weights.safetensors")

    Wider layers repeat their channels, as `ChannelTile` does; kernels that sum over repeated
    channels are divided by how often. A further block is a copy of the one before it, whose
    residual branches are scaled by 0 so that it passes on what it gets. Where MLP ratios,
    reductions and the channels of a head are the same, predictions are too, but for rounding. A
    larger MLP ratio is a start and no more, since its shortcut averages other groups of channels,
    and so are other reductions or heads.

    Copies part in training: how far latent weights are from changing their sign is drawn for each
    weight (`spread_latent`), also where the file knows it. Position embeddings and the clips of
    attention are fitted to the model.

    References: Net2Net (Chen et al. 2016, arXiv 1511.05641), Sec. 2, for width; ReZero (Bachlechner
    et al. 2020, arXiv 2003.04887), Sec. 3, for blocks that begin as the identity.

    Arguments:
        model: BinaryViT of the zoo, all binary.
        path: a packed weight file (.safetensors).
        seed: of the latent weights.
        new_classifier: the model's classifier stays where the file's is of another number of
            classes, or of others than `class_names`.

    Raises:
        ValueError: a damaged file, or one whose weights can't grow into the model: of another
            architecture, of more blocks, of other classes without `new_classifier`, or of widths
            whose multiples the model's are not; or a model with further blocks and no affine
            layers to silence them by. The model is as before.
    """
    metadata, stored = read_metadata(path), read_weights(path)
    variables = named_weights(model)
    try:
        for name in (metadata.model, model.name):
            if not (name or "").startswith("binaryvit"):
                raise ValueError(f"expected BinaryViT to grow, and into BinaryViT; got {name!r}")
        others = other_classes(class_names, metadata.class_names)
        leave_classifier(stored, variables, new_classifier, other_classes=others)
        values = _grown(stored, {name: tuple(w.shape) for name, w in variables.items()})
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    rescale_clips(values, stored, model, stored_reductions(metadata, model))
    for name, value in values.items():
        if one_bit(variables[name]):
            # signs, since equal latent weights would stay equal; `call`, since `__call__` computes
            # in half precision where the model does
            values[name] = variables[name].quantizer.call(tf.constant(value)).numpy()
    for name, value in values.items():
        variables[name].assign(value)
    if any(name.startswith(CLASSIFIER) for name in values):
        name_classes(model, metadata.class_names)
    spread_latent(model, seed)


def start_file(source: str) -> Path:
    """The packed file that a recipe's `grown_from` means: a preset's, or one at that path.

    Raises:
        ValueError: neither; says which presets of BinaryViT there are.
    """
    path = named_or_file(source)
    if not path.is_file():
        own = [name for name, preset in presets().items() if preset.architecture == "binaryvit"]
        raise ValueError(
            f"model.grown_from: expected a packed weight file or one of {', '.join(own)}; "
            f"got {source!r}"
        )
    return path


def _grown(
    stored: Mapping[str, np.ndarray], shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, np.ndarray]:
    """{name: array} of those shapes."""
    before, after = _depths(stored), _depths(shapes)
    sources: dict[str, str] = {}
    silent = set()
    for name in shapes:
        match = _BLOCK.match(name)
        sources[name] = name
        if match and match[1] in before:
            stage, block = match[1], int(match[2])
            old, new = before[stage], after[stage]
            source = _source(block, old, new)
            sources[name] = f"stage{stage}/block{source}/{name[match.end() :]}"
            if block > 1 and source == _source(block - 1, old, new) and _BRANCH.search(name):
                silent.add(name)
    for stage, old in before.items():
        affine = f"stage{stage}/block1/attention/affine/scale"
        if after.get(stage, 0) > old and affine not in shapes:
            raise ValueError(f"expected affine layers where blocks are added; got no {affine}")
    check_names(set(sources.values()), set(stored), "weight file of a smaller one")
    values: dict[str, np.ndarray] = {}
    misfits = []
    for name, shape in shapes.items():
        value = _repeated(stored[sources[name]], shape, name)
        if value is None:
            misfits.append(f"{name}: {stored[sources[name]].shape} can't grow to {shape}")
        else:
            values[name] = np.zeros_like(value) if name in silent else value
    if misfits:
        bias = f"{CLASSIFIER}bias"
        if bias in shapes and shapes[bias] != stored[bias].shape:
            misfits.append("with new_classifier, a classifier of other classes stays as it is")
        raise ValueError("expected widths that divide the model's; got\n  " + "\n  ".join(misfits))
    return values


def _depths(names: Mapping[str, object]) -> dict[str, int]:
    """{stage: blocks}."""
    depths: dict[str, int] = {}
    for match in filter(None, map(_BLOCK.match, names)):
        depths[match[1]] = max(depths.get(match[1], 0), int(match[2]))
    return depths


def _source(block: int, old: int, new: int) -> int:
    """Which of `old` blocks is the original of one of `new`; they are counted from 1."""
    return 1 + (block - 1) * old // new


def _repeated(value: np.ndarray, shape: tuple[int, ...], name: str) -> np.ndarray | None:
    """Channels tiled to a shape, or None where they can't be; means over them stay."""
    if name.endswith("position/position") and len(shape) == value.ndim == 3:
        value = resample_position(value, (*shape[:2], value.shape[2]))
    if value.dtype.kind != "f" or value.ndim != len(shape) or 0 in value.shape:
        return None
    if any(b % a for a, b in zip(value.shape, shape, strict=True)):
        return None
    times = [b // a for a, b in zip(value.shape, shape, strict=True)]
    # neither a kernel's height and width, nor the image's channels, nor classes
    fixed = times[:-1] if name == "stem/projection/kernel" else times[:-2]
    if max(fixed, default=1) > 1 or (name.startswith(CLASSIFIER) and times[-1] > 1):
        return None
    summed = times[-2] if name.endswith("kernel") else 1
    return (np.tile(value, times) / summed).astype(value.dtype)
