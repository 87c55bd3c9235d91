"""What a model expects of its images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from larq_bvit.zoo.images import MEAN, STD

_LARGEST = 10  # of a mean or std of pixels from 0 to 1; of those from 0 to 255 all are larger


@dataclass(frozen=True)
class Normalization:
    """`(pixel / 255 - mean) / std`, as `zoo.preprocess_input` does it by default.

    Attributes:
        mean: one value, or one per channel, of pixels from 0 to 1.
        std: as many, above 0.

    Raises:
        ValueError: no tuples, of different lengths, of pixels from 0 to 255, or a std that is not
            above 0.
    """

    mean: tuple[float, ...] = MEAN
    std: tuple[float, ...] = STD

    def __post_init__(self) -> None:
        if np.ndim(self.mean) != 1 or np.ndim(self.std) != 1:
            raise ValueError(
                f"mean and std must be tuples, such as (0.5,); got {self.mean} and {self.std}"
            )
        if len(self.mean) != len(self.std) or not self.mean:
            raise ValueError(
                f"mean and std must have one value, or one per channel; "
                f"got {len(self.mean)} and {len(self.std)}"
            )
        if not (np.isfinite([*self.mean, *self.std]).all() and min(self.std) > 0):
            raise ValueError(f"mean must be finite, std above 0; got {self.mean}, {self.std}")
        if max(np.abs([*self.mean, *self.std])) > _LARGEST:
            raise ValueError(
                f"mean and std are those of pixels from 0 to 1, a 255th of those of pixels from "
                f"0 to 255; got {self.mean}, {self.std}"
            )

    @staticmethod
    def none() -> Normalization:
        """Of a model that takes pixels as they are, 0 to 255, and may normalise them itself."""
        return Normalization((0.0,), (1 / 255,))

    @staticmethod
    def of_weights(model: tf.keras.Model) -> Normalization | None:
        """What a model's weights say, see `zoo.load_weights`; None where they say nothing, or the
        model normalises pixels itself before it comes to them."""
        from larq_bvit.convert.own_normalization import normalizes_itself

        told = getattr(model, "preprocessing", None)
        if told is None or normalizes_itself(model):
            return None
        return Normalization(told.mean, told.std)

    @property
    def is_none(self) -> bool:
        """Whether pixels stay what they are."""
        return set(self.mean) == {0.0} and set(self.std) == {1 / 255}

    @staticmethod
    def usual(channels: int) -> Normalization:
        """ImageNet's; for other than 3 channels the average of its three."""
        if channels == len(MEAN):
            return Normalization()
        return Normalization((float(np.mean(MEAN)),), (float(np.mean(STD)),))

    def of_pixels(self, channels: int) -> tuple[np.ndarray, np.ndarray]:
        """Scale and shift (channels,), float32: normalised = scale * pixel + shift.

        Raises:
            ValueError: there are values for another number of channels.
        """
        mean, std = (self._per_channel(values, channels) for values in (self.mean, self.std))
        return (1 / (255 * std)).astype(np.float32), (-mean / std).astype(np.float32)

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """float32 images for the model from pixels (..., channels), 0 to 255."""
        channels = pixels.shape[-1]
        if self.is_none:  # exactly
            return pixels.astype(np.float32)
        mean, std = (
            self._per_channel(values, channels).astype(np.float32)
            for values in (self.mean, self.std)
        )
        return (pixels.astype(np.float32) / np.float32(255) - mean) / std

    def range(self, channels: int) -> tuple[float, float]:
        """The smallest and the largest normalised value."""
        ends = [self(np.full(channels, pixel, np.float32)) for pixel in (0, 255)]
        return float(ends[0].min()), float(ends[1].max())

    def _per_channel(self, values: Sequence[float], channels: int) -> np.ndarray:
        if len(values) not in (1, channels):
            raise ValueError(
                f"the model has {channels} input channels, mean and std have {len(values)} values"
            )
        return np.broadcast_to(np.asarray(values, np.float64), channels)
