"""Whether metadata fits a model."""

from __future__ import annotations

import numpy as np

from larq_bvit.convert.tflite.metadata.metadata import Metadata


def check(metadata: Metadata, channels: int, classes: int) -> None:
    """Compares metadata with the last axis of the first input and of the first output.

    Raises:
        ValueError: it does not fit, or readers would take it for something else; says what was
            expected and what came.
    """
    for name in ("mean", "std", "input_min", "input_max"):
        _check_values(name, getattr(metadata, name), channels)
    if len(metadata.mean) != len(metadata.std):
        raise ValueError(
            f"expected as many values of mean as of std; "
            f"got {len(metadata.mean)} and {len(metadata.std)}"
        )
    if not np.asarray(metadata.std, np.float32).all():
        raise ValueError(f"expected std other than 0 in float32; got {metadata.std}")
    if metadata.labels and len(metadata.labels) != classes:
        raise ValueError(
            f"expected {classes} labels, the output's last axis; got {len(metadata.labels)}"
        )
    for index, label in enumerate(metadata.labels):
        # lines of a file, of which some readers skip blank ones
        if not label.strip() or "\n" in label or "\r" in label:
            raise ValueError(f"expected labels of one line of text; got {label!r} at {index}")


def _check_values(name: str, values: tuple[float, ...], channels: int) -> None:
    if len(values) not in (0, 1, channels):
        raise ValueError(
            f"expected {name} to have one value or one for each of {channels} channels; "
            f"got {len(values)}"
        )
    with np.errstate(over="ignore"):
        finite = np.isfinite(np.asarray(values, np.float32))
    if not finite.all():
        raise ValueError(f"expected {name} in the range of float32; got {values}")
