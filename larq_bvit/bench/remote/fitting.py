"""Chooses, of files for several kinds of machines, the one that a machine can use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from larq_bvit.bench.remote.device import Device
from larq_bvit.bench.remote.elf import is_for_android, read_elf
from larq_bvit.bench.remote.shell import DeviceError


def check_fits(path: Path, device: Device) -> None:
    """Refuses a program or library for other machines; scripts and the like may fit any.

    Raises:
        DeviceError: says for what it is.
    """
    if not path.is_file():
        raise DeviceError(f"there is no file {path}")
    elf = read_elf(path)
    if elf is not None and elf.machine not in device.abis:
        raise DeviceError(
            f"{path} is for {elf.machine}, and {device.name} runs {' and '.join(device.abis)}; "
            f"give one that is built for {device.abis[0]}"
        )


def fitting(paths: Sequence[Path], device: Device) -> Path | None:
    """The first that fits, rather one of the machine's own libc, Android's or another.

    Raises:
        DeviceError: there are some, and none fits.
    """
    refusals, fit = [], []
    for path in paths:
        try:
            check_fits(path, device)
        except DeviceError as error:
            refusals.append(str(error))
        else:
            fit.append(path)
    if fit:
        return own_first(fit, device)[0]
    if refusals:
        raise DeviceError("; ".join(refusals))
    return None


def own_first(paths: Sequence[Path], device: Device) -> list[Path]:
    """Those last that are known to be of another libc than the machine's."""
    return sorted(paths, key=lambda path: is_for_android(path) is (not device.android))
