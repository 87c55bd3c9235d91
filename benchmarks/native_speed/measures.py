"""Measures the sections, which share the files."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.native_speed import kernels, names, plan, shares, start, turns
from benchmarks.native_speed.files import files, keep
from larq_bvit import convert
from larq_bvit.convert.verification.samples import sample_images
from larq_bvit.runtime import available_isas
from larq_bvit.zoo import preprocess_input

_MILLISECONDS = 100  # of each shape of the bare products
_OF_OURS = (names.FROZEN, names.REACTNET, names.BIREALNET)
_REPEATS = 50  # inferences of a profile
_IMAGES = 12  # that outputs are compared on


class Measures:
    """A method per section; all but `speed` run ours alone, or nearly.

    Arguments:
        folder: keeps the files, and the build of the bare products.
        images: what the 8-bit models take their ranges from, see `load_images`.
        count: how many of them.
        rounds: of the interleaved run.
        quick: whether a small model and few rounds are to do.
        say: takes what is under way.

    Raises:
        ImportError: there is no native library.
    """

    def __init__(
        self,
        folder: Path,
        images: Path | None,
        count: int,
        rounds: int,
        quick: bool,
        say: Callable[[str], None],
    ) -> None:
        self._folder, self._rounds, self._quick, self._say = folder, rounds, quick, say
        self._files = files(images, count, quick)
        self._isas = available_isas()[::-1]  # the best one first
        size = 32 if quick else 224
        self._images = preprocess_input(sample_images(_IMAGES, size, size, 3))

    @cached_property
    def _paths(self) -> dict[str, Path]:
        return keep(self._files, self._folder, self._say)

    @property
    def _vector_isas(self) -> list[str]:
        return [isa for isa in self._isas if isa != "portable"]

    def speed(self) -> dict[str, Any]:
        """All runtimes, files and modes."""
        cores = 1 if self._quick else len(os.sched_getaffinity(0))
        threads = [n for n in (1, 2) if n <= cores]
        entries = plan.entries(self._isas, list(self._paths), threads)
        measured = turns.measure(entries, self._paths, self._images, self._rounds, self._say)
        about = {name: self._describe(name) for name in self._paths}
        return {"isas": self._isas, "files": about, "entries": measured}

    def _describe(self, name: str) -> dict[str, Any]:
        tflite = self._paths[name].read_bytes()
        count = convert.census(tflite)
        return {
            "about": self._files[name].about,
            "bytes": len(tflite),
            "operators": sum(count.operators.values()),
            "binary_macs": count.binary_macs,
            "float_macs": count.float_macs,
        }

    def start(self) -> list[dict[str, Any]]:
        """First inferences; ours comes first."""
        entries = plan.starting(self._isas, list(self._paths))
        times = 2 if self._quick else 10
        return start.measure(entries, self._paths, self._images[:1], times, self._say)

    def shares(self) -> list[dict[str, Any]]:
        """Profiles; BinaryViT small in the best instruction set comes first."""
        ours = {name: self._paths[name] for name in _OF_OURS if name in self._paths}
        self._say(f"profiles of {', '.join(ours)}")
        repeats = 2 if self._quick else _REPEATS
        return shares.measure(ours, self._images[:1], self._vector_isas, repeats)

    def kernels(self) -> dict[str, Any]:
        """Bare products of the instruction sets that have a limit."""
        self._say("bare products")
        return kernels.measure(self._folder / "kernels", self._vector_isas, _MILLISECONDS)
