"""A classifier to evaluate, whatever runs it: Keras, Larq Compute Engine, or a stock runtime."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from larq_bvit.train.logits import ends_in_softmax
from larq_bvit.zoo.images import MEAN, STD
from larq_bvit.zoo.model_facts import check_usual_images

if TYPE_CHECKING:
    from larq_bvit.convert.normalization import Normalization

_SMALLEST = 1e-7  # Keras' own limit for probabilities in a cross-entropy


@dataclass(frozen=True)
class Classifier:
    """What an evaluation needs of a model.

    Attributes:
        size: (height, width) of its images.
        classes: how many.
        class_names: their names in order; None where they are not known.
        log_probabilities: of the classes (B, classes), float64, for normalised float32 images
            (B, height, width, 3).
    """

    size: tuple[int, int]
    classes: int
    log_probabilities: Callable[[np.ndarray], np.ndarray]
    class_names: tuple[str, ...] | None = None


def keras_classifier(model: tf.keras.Model) -> Classifier:
    """A functional Keras model; probabilities are what a softmax at its end gives.

    Raises:
        ValueError: not one input of RGB images of a fixed size, not one output of classes, or
            weights for images of another normalisation than ImageNet's.
    """
    softmax = ends_in_softmax(model)
    check_usual_images(model)
    shape = _image_shape(model.name, model.input_shape, free_batch=True)
    signature = [tf.TensorSpec((None, *shape), tf.float32)]
    # One trace for all batches, also the last and smaller one.
    scores = tf.function(lambda images: model(images, training=False), input_signature=signature)

    def log_probabilities(images: np.ndarray) -> np.ndarray:
        return _log_probabilities(scores(images).numpy(), softmax)

    names = getattr(model, "class_names", None)
    return Classifier(
        (shape[0], shape[1]),
        model.output_shape[-1],
        log_probabilities,
        None if names is None else tuple(names),
    )


def together(first: Classifier, second: Classifier) -> Classifier:
    """Two as one: the geometric mean of their probabilities, which is a softmax of mean logits.

    Raises:
        ValueError: they take images of different sizes, or have other classes or another order.
    """
    if first.size != second.size:
        (high, wide), (other_high, other_wide) = first.size, second.size
        raise ValueError(
            "expected two models of images of one size; "
            f"got {high}x{wide} and {other_high}x{other_wide}"
        )
    if first.classes != second.classes:
        raise ValueError(
            f"expected two models of the same classes; got {first.classes} and {second.classes}"
        )
    known = [names for names in (first.class_names, second.class_names) if names is not None]
    if len(set(known)) == 2:
        a, b = next(pair for pair in zip(*known, strict=True) if pair[0] != pair[1])
        raise ValueError(f"expected two models of the same classes in one order; got {a!r}, {b!r}")

    def log_probabilities(images: np.ndarray) -> np.ndarray:
        both = first.log_probabilities(images) + second.log_probabilities(images)
        return _log_probabilities(both / 2, softmax=False)

    return replace(first, log_probabilities=log_probabilities, class_names=next(iter(known), None))


def tflite_classifier(
    tflite: bytes, threads: int = 1, *, interpreter: Any | None = None
) -> Classifier:
    """A .tflite in LCE's interpreter, with the input that its own type and metadata ask for.

    Arguments:
        threads: of the interpreter.
        interpreter: what runs the file instead, by a method `predict`.

    Raises:
        ImportError: larq-compute-engine is missing.
        ValueError: no .tflite, or not one input of RGB images and one output of classes.
    """
    # Training needs no converter, which not every platform has.
    from larq_bvit.convert.lce.interpreter import Interpreter
    from larq_bvit.convert.tflite import closing_softmax
    from larq_bvit.convert.tflite.flatbuffer import read
    from larq_bvit.convert.tflite.io_types import read_format
    from larq_bvit.convert.tflite.metadata import read_metadata
    from larq_bvit.convert.verification.input_form import both_inputs

    graph = read(tflite)
    if len(graph.outputs) != 1 or len(graph.inputs) != 1:
        raise ValueError(
            "expected a .tflite with one input and one output; "
            f"got {len(graph.inputs)} and {len(graph.outputs)}"
        )
    batch, *shape = graph.tensors[graph.inputs[0]].shape
    _image_shape("the .tflite", (batch, *shape), free_batch=False)
    classes = graph.tensors[graph.outputs[0]].shape
    if len(classes) != 2:
        raise ValueError(f"expected a .tflite with an output (batch, classes); got {classes}")
    softmax = closing_softmax.ends_in_softmax(graph)
    output, normalization = read_format(tflite, "output"), _normalization(tflite)
    if interpreter is None:
        interpreter = Interpreter(tflite, num_threads=threads, use_indirect_bgemm=True)

    def log_probabilities(images: np.ndarray) -> np.ndarray:
        pixels = to_pixels(images)
        padded = np.resize(pixels, (-(-len(pixels) // batch) * batch, *pixels.shape[1:]))
        _, stored = both_inputs(tflite, padded, normalization)
        scores = output.real(interpreter.predict(stored)[: len(pixels)])
        return _log_probabilities(scores, softmax)

    metadata = read_metadata(tflite)
    names = tuple(metadata.labels) if metadata else ()
    return Classifier(
        (shape[0], shape[1]),
        classes[-1],
        log_probabilities,
        names if len(names) == classes[-1] else None,
    )


def to_pixels(images: np.ndarray) -> np.ndarray:
    """Undoes `zoo.preprocess_input` of uint8 images, exactly."""
    std, mean = np.array(STD, np.float32), np.array(MEAN, np.float32)
    return np.rint((images * std + mean) * 255).astype(np.uint8)


def _normalization(tflite: bytes) -> Normalization:
    """What the metadata says of the input; ImageNet's where it says nothing or the graph does it.

    Raises:
        ValueError: mean and std that are none, or the metadata is damaged.
    """
    from larq_bvit.convert.normalization import Normalization
    from larq_bvit.convert.tflite.metadata import read_metadata
    from larq_bvit.convert.verification.input_form import takes_pixels

    metadata = read_metadata(tflite)
    if metadata is None or not (metadata.mean and metadata.std) or takes_pixels(tflite):
        return Normalization()
    mean, std = (np.asarray(values) / 255 for values in (metadata.mean, metadata.std))
    three = mean.shape == std.shape == (len(MEAN),)
    if three and np.allclose([mean, std], [MEAN, STD], rtol=1e-6, atol=0):
        return Normalization()  # metadata is float32: ours is to be ours to the last bit
    return Normalization(tuple(mean.tolist()), tuple(std.tolist()))


def _log_probabilities(scores: np.ndarray, softmax: bool) -> np.ndarray:
    values = scores.astype(np.float64)
    if softmax:
        return np.log(np.clip(values, _SMALLEST, 1.0))
    shifted = values - values.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def _image_shape(name: str, shape: object, *, free_batch: bool) -> tuple[int, ...]:
    """(H, W, 3) of an input shape."""
    if not isinstance(shape, tuple) or len(shape) != 4 or shape[-1] != 3 or None in shape[1:]:
        start = "batch" if free_batch else "N"
        raise ValueError(
            f"expected RGB images ({start}, height, width, 3) of a fixed size as the input; "
            f"{name!r} has {shape}"
        )
    return shape[1:]
