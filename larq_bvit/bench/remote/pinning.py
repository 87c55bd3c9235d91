"""Which cores a program gets, and how sh is told."""

from __future__ import annotations

from dataclasses import dataclass

from larq_bvit.bench.remote.device import Device


@dataclass(frozen=True)
class Pinning:
    """Cores for a number of threads.

    Attributes:
        cores: their numbers.
        prefix: of a command; ends in a space, or is empty.
        notes: what a reader should know.
    """

    cores: tuple[int, ...]
    prefix: str
    notes: tuple[str, ...] = ()


def pin(device: Device, threads: int) -> Pinning:
    """As many cores as threads, the fastest ones.

    The mask has hexadecimal digits without 0x, as toybox, busybox and util-linux all take it.
    """
    numbers = tuple(sorted(core.number for core in device.fastest(threads)))
    told = notes(device, threads)
    if "taskset" not in device.tools:
        return Pinning(numbers, "", (*told, "not pinned to cores: the machine has no taskset"))
    mask = sum(1 << number for number in numbers)
    return Pinning(numbers, f"taskset {mask:x} ", told)


def notes(device: Device, threads: int) -> tuple[str, ...]:
    """What the times of so many threads suffer from."""
    cores = device.fastest(threads)
    found = []
    if threads > len(device.cores):
        found.append(f"{threads} threads on {len(device.cores)} cores")
    if len({core.speed for core in cores}) > 1:
        found.append("its threads ran on cores of different speed")
    numbers = {core.number for core in cores}
    if any(len(core.siblings & numbers) > 1 for core in cores):
        found.append("threads of it shared a core")
    return tuple(found)
