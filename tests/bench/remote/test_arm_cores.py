"""Names of ARM's cores."""

from __future__ import annotations

from larq_bvit.bench.remote.arm_cores import arm_cores


def _core(implementer: str, part: str) -> str:
    return f"processor : 0\nCPU implementer\t: {implementer}\nCPU part\t: {part}\n\n"


def test_cores_are_counted_by_kind_in_their_order() -> None:
    text = _core("0x41", "0xd05") * 4 + _core("0x41", "0xd0b") * 3 + _core("0x41", "0xd44")
    assert arm_cores(text) == "4x Cortex-A55, 3x Cortex-A76, 1x Cortex-X1"


def test_unknown_ones_keep_their_numbers() -> None:
    assert arm_cores(_core("0x99", "0xABC")) == "1x core 0x99:0xABC"


def test_other_processors_have_none() -> None:
    assert arm_cores("model name : AMD EPYC\n") == ""
