"""The models that conversion is measured on, and their conversions."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import tensorflow as tf

from larq_bvit import convert, zoo
from larq_bvit.bench.subjects.random_weights import as_after_training
from larq_bvit.convert.tflite.compact import compact
from larq_bvit.convert.tflite.float16_storage import store_as_float16

_FULL_PRECISION = ("deit_small",)  # nothing in it is meant to be binary
_FOR_SMALL_IMAGES = ("binaryvit_nano", "binaryvit_tiny")


@dataclass(frozen=True)
class Case:
    """A model of the zoo at a size; its weights are those of a file, or random ones.

    Attributes:
        name: of `zoo.list_models()`.
        size: height and width in pixels.
        classes: number of them.
        weights: a folder, in which a file `NAME.h5` is taken for 1,000 classes if there is one.
    """

    name: str
    size: int = 224
    classes: int = 1000
    weights: Path | None = None

    def __str__(self) -> str:
        return f"{self.name} at {self.size}"

    @property
    def file(self) -> Path | None:
        """Its weights, or None for random ones."""
        if self.weights is None or self.classes != 1000:
            return None
        path = self.weights / f"{self.name}.h5"
        return path if path.is_file() else None

    @property
    def weights_name(self) -> str:
        """Of the file, or "random"."""
        return self.file.name if self.file else "random"

    def build(self) -> tf.keras.Model:
        """The Keras model, logits; always the same one."""
        tf.keras.backend.clear_session()
        gc.collect()  # the models before: graphs are full of circles
        tf.keras.utils.set_random_seed(1)
        model = zoo.create(
            self.name,
            input_shape=(self.size, self.size, 3),
            num_classes=self.classes,
            weights=self.file,
            classifier_activation=None,
        )
        return model if self.file else as_after_training(model)


def cases(weights: Path | None = None) -> list[Case]:
    """Every model at 224, those for small images also at 64 and 32."""
    names = [name for name in zoo.list_models() if name not in _FULL_PRECISION]
    large = [Case(name, weights=weights) for name in names]
    sizes = ((64, 200), (32, 10))
    return large + [Case(name, *size) for size in sizes for name in _FOR_SMALL_IMAGES]


class Conversions:
    """Conversions without verification, each made once and shared by the sections.

    Attributes:
        seconds: {case: what its conversion took}, whichever section asked for it first.
    """

    def __init__(self) -> None:
        self.seconds: dict[Case, float] = {}
        self._made: dict[Case, convert.Conversion] = {}

    def __call__(self, case: Case, model: tf.keras.Model) -> convert.Conversion:
        """That of the model, which is `case.build()`.

        Raises:
            convert.ConversionError: not all of it becomes binary that should.
        """
        if case not in self._made:
            start = perf_counter()
            self._made[case] = convert.convert_model(model, verify=False)
            self.seconds[case] = perf_counter() - start
        return self._made[case]


def with_float16(tflite: bytes) -> bytes:
    """What `convert_model` gives for float_storage="float16", without converting again."""
    return compact(store_as_float16(tflite))
