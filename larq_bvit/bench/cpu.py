"""The processor: its name, and the instructions that binary, 8-bit and bfloat16 products use."""

from __future__ import annotations

import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

# {flag in Linux' /proc/cpuinfo or in macOS' sysctl, lower case: name}, in order of display
_INSTRUCTIONS = {
    "avx2": "AVX2",
    "hw.optional.avx2_0": "AVX2",
    "avx512f": "AVX-512",
    "hw.optional.avx512f": "AVX-512",
    "avx512_vpopcntdq": "VPOPCNTDQ",
    "avx_vnni": "AVX-VNNI",
    "avx512_vnni": "AVX-512 VNNI",
    "avx512_bf16": "AVX-512 BF16",
    "amx_int8": "AMX",
    "neon": "NEON",
    "asimd": "NEON",
    "hw.optional.neon": "NEON",
    "hw.optional.advsimd": "NEON",
    "asimddp": "dotprod",
    "hw.optional.arm.feat_dotprod": "dotprod",
    "i8mm": "i8mm",
    "hw.optional.arm.feat_i8mm": "i8mm",
    "bf16": "bf16",
    "hw.optional.arm.feat_bf16": "bf16",
}


@dataclass(frozen=True)
class Cpu:
    """A processor; `mhz` is its clock when it was read, where the system says it."""

    name: str
    instructions: tuple[str, ...] = ()
    mhz: float | None = None


def cpu() -> Cpu:
    """This machine's processor; elsewhere than on Linux and macOS only its name."""
    system = platform.system()
    if system == "Linux":
        return parse_cpuinfo(Path("/proc/cpuinfo").read_text(errors="replace"))
    if system == "Darwin":
        command = ["sysctl", "machdep.cpu", "hw.optional"]
        return parse_sysctl(subprocess.run(command, capture_output=True, text=True).stdout)
    return Cpu(_fallback())


def parse_cpuinfo(text: str) -> Cpu:
    """Of Linux' /proc/cpuinfo, on x86 and on ARM; of several kinds of cores the first."""
    fields = _fields(text)
    flags = fields.get("flags", fields.get("features", ""))
    clock = fields.get("cpu mhz")
    return Cpu(
        # boards such as a Raspberry Pi's have a "Model"; x86 has numbers there
        name=fields.get("model name") or fields.get("hardware") or _board(fields) or _fallback(),
        instructions=_known(flags.lower().split()),
        mhz=float(clock) if clock else None,
    )


def parse_sysctl(text: str) -> Cpu:
    """Of macOS' `sysctl machdep.cpu hw.optional`."""
    fields = _fields(text)
    flags = [name for name, value in fields.items() if value == "1"]
    return Cpu(fields.get("machdep.cpu.brand_string") or _fallback(), _known(flags))


def _fields(text: str) -> dict[str, str]:
    """{name in lower case: value} of `name : value` lines; the first of each name."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), value.strip())
    return fields


def _known(flags: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for flag, name in _INSTRUCTIONS.items() if flag in flags))


def _board(fields: dict[str, str]) -> str | None:
    model = fields.get("model", "")
    return None if model.isdigit() else model


def _fallback() -> str:
    return platform.processor() or platform.machine()
