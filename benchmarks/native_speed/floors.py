"""What a network's arithmetic takes at least, were there nothing else to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmarks.native_speed import names
from benchmarks.native_speed.runtimes import LCE, TFLITE
from benchmarks.native_speed.speeds import Speeds
from benchmarks.table import Table

# those whose float products are left to floats; in BinaryViT most become integers
_FILES = (names.REACTNET, names.BIREALNET)


@dataclass(frozen=True)
class Floor:
    """Seconds of a file's products, and how much faster than LCE's best mode that would be."""

    file: str
    binary: float
    floats: float
    gain: float

    @property
    def seconds(self) -> float:
        """Of both kinds."""
        return self.binary + self.floats


def floors(result: dict[str, Any], limits: dict[str, float]) -> list[Floor]:
    """In our best instruction set.

    Binary products take what the processor's limit says; the others what they take in XNNPACK's
    float32, by ResNet-18 in the same run.

    Arguments:
        result: of the interleaved run.
        limits: {instruction set: binary GMAC/s at most}.
    """
    speeds, about = Speeds(result), result["files"]
    resnet = speeds.fastest(names.RESNET, TFLITE)
    if resnet is None or not speeds.isas or speeds.isas[0] not in limits:
        return []
    limit = 1e9 * limits[speeds.isas[0]]
    float_rate = about[names.RESNET]["float_macs"] / resnet.timing.median
    found = []
    for file in _FILES:
        binary = about[file]["binary_macs"] / limit
        floats = about[file]["float_macs"] / float_rate
        theirs = speeds.fastest(file, LCE)
        if theirs is not None:
            found.append(Floor(file, binary, floats, theirs.timing.median / (binary + floats)))
    return found


def table(found: list[Floor]) -> Table:
    """For people."""
    return Table(
        "What the products alone take at least, in ms",
        ("File", "Binary", "Others", "All", "As fast as LCE's best mode, at most"),
        [
            (
                floor.file,
                f"{1e3 * floor.binary:.2f}",
                f"{1e3 * floor.floats:.2f}",
                f"{1e3 * floor.seconds:.2f}",
                f"{floor.gain:.1f}x",
            )
            for floor in found
        ],
    )
