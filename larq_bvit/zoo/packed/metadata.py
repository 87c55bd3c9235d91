"""What a weight file says of its weights."""

from __future__ import annotations

import math
import typing
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from larq_bvit._toml import checked, from_table


@dataclass(frozen=True)
class _Checked:
    """Values have the types of their fields; tables become dataclasses, lists tuples."""

    def __post_init__(self) -> None:
        types = typing.get_type_hints(type(self))
        for field in fields(self):
            value = checked(types[field.name], getattr(self, field.name), field.name)
            _check_finite(value, field.name)
            object.__setattr__(self, field.name, value)


@dataclass(frozen=True, kw_only=True)
class Share(_Checked):
    """A share of images.

    Attributes:
        value: 0 to 1.
        interval_95: lower and upper bound of its 95 % confidence interval.
        count: how many images that is.
    """

    value: float
    interval_95: tuple[float, float]
    count: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        low, high = self.interval_95
        if not 0 <= low <= self.value <= high <= 1:
            raise ValueError(
                f"expected 0 <= lower bound <= value <= upper bound <= 1; got {low}, {self.value}, "
                f"{high}"
            )


@dataclass(frozen=True, kw_only=True)
class Accuracy(_Checked):
    """On evaluation images.

    Attributes:
        images: how many.
        top_1: whose best class is right.
        top_5: whose best five classes hold the right one; None with few classes.
    """

    images: int
    top_1: Share
    top_5: Share | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_positive(self.images, "images")


@dataclass(frozen=True, kw_only=True)
class Preprocessing(_Checked):
    """What images went through in training and evaluation.

    Attributes:
        mean: subtracted from pixels in 0 to 1, one number per channel.
        std: what that was divided by.
        resize: in words, such as "bicubic, antialiased, aspect ratio kept".
        crop: the central share of the resized image's sides that was kept, such as 0.875.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    resize: str | None = None
    crop: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.mean) != len(self.std) or not self.mean:
            raise ValueError(f"expected a mean and a std per channel; got {self.mean}, {self.std}")
        if min(self.std) <= 0:
            raise ValueError(f"expected std to be positive; got {self.std}")
        if self.crop is not None and not 0 < self.crop <= 1:
            raise ValueError(f"expected crop to be above 0 and at most 1; got {self.crop}")


@dataclass(frozen=True, kw_only=True)
class WeightsMetadata(_Checked):
    """What is known of weights; None where it is not.

    Tables (dictionaries) are taken for the dataclasses among the fields, lists for tuples.

    Attributes:
        model: its name in the zoo, "binaryvit_nano"; with `variant` its architecture's.
        variant: fields of a variant that has no name in the zoo.
        input_shape: (height, width, channels) in pixels.
        num_classes: width of the classifier; None without one.
        class_names: in the order of the classifier's outputs.
        preprocessing: of its images.
        dataset: what it was trained on.
        recipe: name of the recipe that it was trained by.
        seed: of the training.
        commit: of the code.
        accuracy: of the weights as this file holds them.
        license_weights: of the file.
        license_data: of the data set.
        created_by: program that has written the file.

    Raises:
        ValueError: a value of another type, or that does not fit the others.
    """

    model: str | None = None
    variant: dict[str, Any] | None = None
    input_shape: tuple[int, int, int] | None = None
    num_classes: int | None = None
    class_names: tuple[str, ...] | None = None
    preprocessing: Preprocessing | None = None
    dataset: str | None = None
    recipe: str | None = None
    seed: int | None = None
    commit: str | None = None
    accuracy: Accuracy | None = None
    license_weights: str | None = None
    license_data: str | None = None
    created_by: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.variant is not None:
            object.__setattr__(self, "variant", plain(self.variant, "variant"))
        for side in self.input_shape or ():
            _check_positive(side, "input_shape")
        if self.num_classes is not None:
            _check_positive(self.num_classes, "num_classes")
        names = self.class_names
        if names is not None and len(names) != (self.num_classes or len(names)):
            raise ValueError(
                f"expected as many class_names as num_classes, {self.num_classes}; got {len(names)}"
            )

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> WeightsMetadata:
        """The inverse of `as_dict`, through JSON too.

        Raises:
            ValueError: an unknown field, or a value that does not fit.
        """
        return from_table(cls, table)


def plain(value: Any, where: str) -> Any:
    """What JSON gives back the same: tuples for lists, no other types."""
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: plain(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(plain(item, where) for item in value)
    if isinstance(value, np.integer):
        value = int(value)
    if value is not None and type(value) not in (str, bool, int, float):
        raise ValueError(
            f"expected {where} to hold strings, numbers, booleans, lists and tables named by "
            f"strings; got {value!r}"
        )
    _check_finite(value, where)
    return value


def _check_finite(value: Any, where: str) -> None:
    for item in value if isinstance(value, tuple) else (value,):
        if isinstance(item, float) and not math.isfinite(item):
            raise ValueError(f"expected {where} to be finite; got {item}")


def _check_positive(value: int, where: str) -> None:
    if value < 1:
        raise ValueError(f"expected {where} to be positive; got {value}")
