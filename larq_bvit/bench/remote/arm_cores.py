"""Names of ARM's cores, by what /proc/cpuinfo says: Android's has no name of the processor."""

from __future__ import annotations

import re
from collections import Counter

# {(CPU implementer, CPU part): name}
_CORES = {
    (0x41, 0xC07): "Cortex-A7",
    (0x41, 0xC09): "Cortex-A9",
    (0x41, 0xC0F): "Cortex-A15",
    (0x41, 0xD03): "Cortex-A53",
    (0x41, 0xD04): "Cortex-A35",
    (0x41, 0xD05): "Cortex-A55",
    (0x41, 0xD07): "Cortex-A57",
    (0x41, 0xD08): "Cortex-A72",
    (0x41, 0xD09): "Cortex-A73",
    (0x41, 0xD0A): "Cortex-A75",
    (0x41, 0xD0B): "Cortex-A76",
    (0x41, 0xD0C): "Neoverse-N1",
    (0x41, 0xD0D): "Cortex-A77",
    (0x41, 0xD40): "Neoverse-V1",
    (0x41, 0xD41): "Cortex-A78",
    (0x41, 0xD44): "Cortex-X1",
    (0x41, 0xD46): "Cortex-A510",
    (0x41, 0xD47): "Cortex-A710",
    (0x41, 0xD48): "Cortex-X2",
    (0x41, 0xD49): "Neoverse-N2",
    (0x41, 0xD4D): "Cortex-A715",
    (0x41, 0xD4E): "Cortex-X3",
    (0x41, 0xD4F): "Neoverse-V2",
    (0x41, 0xD80): "Cortex-A520",
    (0x41, 0xD81): "Cortex-A720",
    (0x41, 0xD82): "Cortex-X4",
    (0x41, 0xD85): "Cortex-X925",
    (0x41, 0xD87): "Cortex-A725",
    (0x51, 0x800): "Kryo 260 Gold",
    (0x51, 0x801): "Kryo 260 Silver",
    (0x51, 0x802): "Kryo 385 Gold",
    (0x51, 0x803): "Kryo 385 Silver",
    (0x51, 0x804): "Kryo 485 Gold",
    (0x51, 0x805): "Kryo 485 Silver",
    (0x61, 0x022): "Apple Icestorm",
    (0x61, 0x023): "Apple Firestorm",
}


def arm_cores(cpuinfo: str) -> str:
    """Such as "4x Cortex-A55, 4x Cortex-A76"; empty where the text has no such parts."""
    implementers = re.findall(r"(?im)^CPU implementer\s*:\s*(0x[0-9a-f]+)", cpuinfo)
    parts = re.findall(r"(?im)^CPU part\s*:\s*(0x[0-9a-f]+)", cpuinfo)
    counts = Counter(
        _CORES.get((int(implementer, 16), int(part, 16)), f"core {implementer}:{part}")
        for implementer, part in zip(implementers, parts, strict=False)
    )
    return ", ".join(f"{count}x {name}" for name, count in counts.items())
