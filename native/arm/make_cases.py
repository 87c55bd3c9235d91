"""Models, images and what Larq Compute Engine computes for them on x86, for run_cases.py to repeat.

python native/arm/make_cases.py FOLDER [NAME:PIXELS:CLASSES ...]

Each case is a folder with model.tflite, images.npy and lce.npy. Beside whole models of the zoo
there are single binary convolutions, which hold nothing but LCE's operators: these must agree bit
for bit.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import larq as lq
import numpy as np
import tensorflow as tf
from larq_compute_engine import convert_keras_model

from benchmarks.conversion.models import Case
from larq_bvit import convert

WHOLE = ("binaryvit_nano:32:10", "reactnet_18:64:10", "birealnet_18:64:10")
_IMAGES = 2


@dataclass(frozen=True)
class Layer:
    """A binary convolution on (height, width, channels) maps."""

    channels: int
    filters: int
    kernel: int = 1
    stride: int = 1
    dilation: int = 1
    padding: str = "valid"
    ones: bool = False  # pads with ones
    relu: bool = False
    size: int = 9

    def __str__(self) -> str:
        return (
            f"layer_{self.channels}_{self.filters}_{self.kernel}x{self.kernel}_stride{self.stride}"
            f"_dilation{self.dilation}_{self.padding}{'_one' * self.ones}{'_relu' * self.relu}"
        )

    def build(self) -> bytes:
        """A .tflite with one LceQuantize and one LceBconv2d."""
        tf.keras.backend.clear_session()
        tf.keras.utils.set_random_seed(self.channels + self.filters)
        x = inputs = tf.keras.Input((self.size, self.size, self.channels), batch_size=1)
        x = lq.layers.QuantConv2D(
            self.filters,
            self.kernel,
            self.stride,
            dilation_rate=self.dilation,
            padding=self.padding,
            pad_values=1.0 if self.ones else 0.0,
            input_quantizer="ste_sign",
            kernel_quantizer="ste_sign",
            kernel_initializer="random_normal",
            use_bias=False,
            activation="relu" if self.relu else None,
        )(x)
        x = tf.keras.layers.BatchNormalization(
            beta_initializer="random_normal", gamma_initializer="random_normal"
        )(x)
        return bytes(convert_keras_model(tf.keras.Model(inputs, x)))


LAYERS = (
    Layer(64, 64),
    Layer(33, 31),
    Layer(1, 1, kernel=3),
    Layer(128, 65, kernel=3, padding="same", ones=True),
    Layer(64, 40, kernel=3, padding="same"),
    Layer(96, 32, kernel=3, stride=2, padding="same", ones=True),
    Layer(32, 33, kernel=2, stride=2),
    Layer(64, 64, kernel=3, dilation=2),
    Layer(65, 64, kernel=5, padding="same", ones=True, relu=True),
    Layer(2048, 100, size=3),
)


def cases(names: list[str]) -> Iterator[tuple[str, bytes]]:
    """(name, .tflite) of each."""
    for layer in LAYERS:
        yield str(layer), layer.build()
    for text in names or WHOLE:
        name, pixels, classes = text.split(":")
        case = Case(name, int(pixels), int(classes))
        yield f"{name}_{pixels}", convert.convert_model(case.build(), verify=False).tflite


def main(folder: str, *names: str) -> None:
    for name, tflite in cases(list(names)):
        interpreter = convert.Interpreter(tflite)
        shape = (_IMAGES, *interpreter.input_shape[1:])
        images = np.random.default_rng(1).normal(size=shape).astype("float32")
        target = Path(folder, name)
        target.mkdir(parents=True, exist_ok=True)
        (target / "model.tflite").write_bytes(tflite)
        np.save(target / "images.npy", images)
        np.save(target / "lce.npy", interpreter.predict(images))
        print(name, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
