"""What a machine is, by one line of sh that toybox, busybox and GNU understand."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from larq_bvit.bench.cpu import parse_cpuinfo
from larq_bvit.bench.remote.arm_cores import arm_cores
from larq_bvit.bench.remote.elf import machine_of
from larq_bvit.bench.remote.probe import FACTS, integer, sections
from larq_bvit.bench.remote.shell import DeviceError, Shell
from larq_bvit.bench.results import Place


@dataclass(frozen=True)
class Core:
    """A core that programs may use; None is what the system does not tell.

    Attributes:
        number: of Linux.
        max_khz: its highest clock.
        capacity: work per time next to others, 1024 for the best.
        siblings: numbers of all that share its units, itself among them.
    """

    number: int
    max_khz: int | None = None
    capacity: int | None = None
    siblings: frozenset[int] = frozenset()

    @property
    def speed(self) -> tuple[int, int]:
        """Larger for faster cores of one machine."""
        return self.capacity or 0, self.max_khz or 0


@dataclass(frozen=True)
class Device:
    """A machine; None is what it does not tell.

    Attributes:
        name: of its shell.
        abis: for which it runs programs, as of ELF files ("aarch64"), the best first.
        cores: that programs may use.
        processor: its name or its cores'; may be empty.
        instructions: of those that matter here, such as dotprod.
        model: of the phone or board; may be empty.
        android: version, such as "14"; empty elsewhere.
        system: with its version.
        memory: bytes of RAM.
        load: processes that wanted to run, on average over the last minute.
        governor: Linux' rule for the clock.
        tools: of taskset, timeout and sha256sum those that it has.
    """

    name: str
    abis: tuple[str, ...]
    cores: tuple[Core, ...]
    processor: str
    instructions: tuple[str, ...]
    model: str
    android: str
    system: str
    memory: int | None
    load: float | None
    governor: str | None
    tools: frozenset[str]

    @property
    def busy(self) -> bool:
        """Whether others leave no core free; Android counts what waits for hardware, too."""
        return not self.android and self.load is not None and self.load > len(self.cores) - 0.8

    def fastest(self, count: int) -> tuple[Core, ...]:
        """So many cores: the fastest, of equal ones the last, as interrupts favour the first.

        Those that share units with one before them come last of all.
        """
        alone: list[Core] = []
        shared: list[Core] = []
        used: set[int] = set()
        for core in sorted(self.cores, key=lambda core: (core.speed, core.number), reverse=True):
            (shared if core.number in used else alone).append(core)
            used |= core.siblings
        return tuple([*alone, *shared][:count])

    def place(self) -> Place:
        """For results."""
        facts: dict[str, Any] = {
            "busy": self.busy,
            "cpu": self.processor,
            "instructions": list(self.instructions),
            "model": self.model,
            "governor": self.governor,
            "cores": len(self.cores),
            "clocks_mhz": [core.max_khz and core.max_khz / 1000 for core in self.cores],
            "load": self.load,
            "memory": self.memory,
            "system": self.system,
            "abis": list(self.abis),
        }
        return Place(self.name, str(self), facts)

    def __str__(self) -> str:
        clocks = sorted({core.max_khz for core in self.cores if core.max_khz}, reverse=True)
        clock = (
            " at " + " and ".join(f"{khz / 1e6:.2f}" for khz in clocks) + " GHz" if clocks else ""
        )
        governor = "" if self.governor is None else f" (governor {self.governor})"
        memory = "" if self.memory is None else f", {self.memory / 2**30:.1f} GiB"
        load = "" if self.load is None else f", load average {self.load:.1f}"
        instructions = ", ".join(self.instructions) or "instructions unknown"
        model = f"{self.model}: " if self.model else ""
        return (
            f"{model}{self.processor or 'processor unknown'}{clock}{governor}, {instructions}; "
            f"{len(self.cores)} cores{memory}{load}; {self.system}"
        )


def describe(shell: Shell) -> Device:
    """Asks a machine what it is.

    Raises:
        DeviceError: it is gone, or it has no Linux.
    """
    answer = shell.run(FACTS)
    told = defaultdict(str, sections(answer.output))
    if "end" not in told:
        raise DeviceError(
            f"{shell.name} does not answer as a POSIX shell does; "
            f"got: {(answer.errors or answer.output).strip()[:200]!r}"
        )
    if told["kernel"] not in ("Linux", "Darwin"):
        raise DeviceError(f"{shell.name}: expected Linux or Android; got {told['kernel']!r}")
    cpu = parse_cpuinfo(told["cpuinfo"])
    return Device(
        name=shell.name,
        abis=_abis(told),
        cores=_cores(told),
        processor=_processor(told["cpuinfo"]),
        instructions=cpu.instructions,
        model=" ".join(f"{told['maker']} {told['product']}".split()) or told["board"],
        android=told["android"],
        system=_system(told),
        memory=_memory(told["memory"]),
        load=_load(told["load"]),
        governor=told["governor"] or None,
        tools=frozenset(told["tools"].split()),
    )


def _abis(told: dict[str, str]) -> tuple[str, ...]:
    names = [name for name in (told["abis"] or told["abi"]).split(",") if name]
    if not names:
        # a 64-bit kernel may have programs of 32 bits only, as Raspberry Pi OS had for years
        narrow = told["bits"] == "32"
        names = ["arm" if narrow and told["machine"] == "aarch64" else told["machine"]]
    return tuple(dict.fromkeys(map(machine_of, names)))


def _cores(told: dict[str, str]) -> tuple[Core, ...]:
    allowed = _ranges(told["allowed"].partition(":")[2])
    cores = []
    for line in told["cores"].splitlines():
        number, khz, capacity, online, siblings = (line.split(":") + [""] * 5)[:5]
        core = integer(number)
        if core is None or online == "0" or (allowed and core not in allowed):
            continue
        cores.append(Core(core, integer(khz), integer(capacity), frozenset(_ranges(siblings))))
    if cores:
        return tuple(sorted(cores, key=lambda each: each.number))
    return tuple(map(Core, sorted(allowed) or range(integer(told["nproc"]) or 1)))


def _ranges(text: str) -> set[int]:
    """{0, 1, 2, 3, 6} of "0-3,6"."""
    found: set[int] = set()
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", text):
        found.update(range(int(first), int(last or first) + 1))
    return found


def _processor(cpuinfo: str) -> str:
    """`parse_cpuinfo` would name this machine's processor where the text names none."""
    cores = arm_cores(cpuinfo)
    named = re.search(r"(?im)^(?:model name|hardware)\s*:\s*(\S.*)", cpuinfo)
    # Linux calls all of them "ARMv8 Processor rev 1 (v8l)"
    if not named or named[1].startswith("ARMv"):
        named = re.search(r"(?im)^hardware\s*:\s*(\S.*)", cpuinfo)
    name = named[1].strip() if named else ""
    return f"{name} ({cores})" if name and cores else name or cores


def _system(told: dict[str, str]) -> str:
    kernel = f"kernel {told['release'].split('-')[0]}, {told['machine']}"
    if told["android"]:
        return f"Android {told['android']}, {kernel}"
    pretty = re.search(r'(?m)^PRETTY_NAME="?([^"\n]*)', told["system"])
    return f"{pretty[1] if pretty else told['kernel']}, {kernel}"


def _memory(meminfo: str) -> int | None:
    total = re.search(r"MemTotal:\s*(\d+)", meminfo)
    return int(total[1]) * 1024 if total else None


def _load(text: str) -> float | None:
    first = text.split(" ")[0]
    return float(first) if re.fullmatch(r"\d+(\.\d+)?", first) else None
