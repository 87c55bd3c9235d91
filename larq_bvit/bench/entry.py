"""What is measured: a file in a runtime."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from larq_bvit._toml import unknown

LCE, DELEGATE, XNNPACK = "lce", "delegate", "xnnpack"
RUNTIMES = {
    LCE: "Larq Compute Engine",
    DELEGATE: "stock TensorFlow Lite with larq_bvit's delegate",
    XNNPACK: "stock TensorFlow Lite with its default, XNNPACK",
}
LCE_MODES = ("", "indirect", "xnnpack")  # its default products; indirect ones; with XNNPACK, too
SUITED = ((LCE, "indirect"), (DELEGATE, ""))  # to files with LCE's operators
# our delegate's instruction sets, and the same in words
ISAS = {
    "portable": "portable C++",
    "avx2": "AVX2",
    "avx512": "AVX-512 VPOPCNTDQ",
    "neon": "NEON",
}


@dataclass(frozen=True)
class Entry:
    """A file in a runtime.

    Attributes:
        file: its name.
        runtime: one of `RUNTIMES`.
        mode: of LCE one of `LCE_MODES`; of the delegate an instruction set; else empty.
        threads: number of them.
    """

    file: str
    runtime: str
    mode: str = ""
    threads: int = 1

    @property
    def runtime_mode(self) -> str:
        """As the user names it: "lce:indirect"."""
        return f"{self.runtime}:{self.mode}" if self.mode else self.runtime

    def __str__(self) -> str:
        threads = "" if self.threads == 1 else f", {self.threads} threads"
        return f"{self.file}, {self.runtime_mode}{threads}"


def family(runtime_mode: str) -> str:
    """Of "lce:indirect" it is "lce"."""
    return runtime_mode.partition(":")[0]


def parse_runtimes(text: str) -> list[tuple[str, str]]:
    """[(runtime, mode)] of `lce:indirect,delegate`, each once.

    Raises:
        ValueError: no such runtime, or a mode that it has not.
    """
    found = [_runtime(word.strip()) for word in text.split(",") if word.strip()]
    if not found:
        raise ValueError(f"expected runtimes ({', '.join(RUNTIMES)}); got {text!r}")
    return list(dict.fromkeys(found))


def _runtime(text: str) -> tuple[str, str]:
    runtime, _, mode = text.partition(":")
    if runtime not in RUNTIMES:
        raise unknown("runtime", runtime, RUNTIMES)
    if runtime == LCE and mode not in LCE_MODES:
        raise unknown("mode of lce", mode, filter(None, LCE_MODES))
    if runtime == DELEGATE and mode not in ("", *ISAS):
        raise unknown("instruction set", mode, ISAS)
    if runtime == XNNPACK and mode:
        raise ValueError(f"expected no mode of xnnpack; got {text!r}")
    return runtime, mode


def parse_threads(text: str) -> list[int]:
    """Numbers of threads of `1,2,4`, each once.

    Raises:
        ValueError: they are none, or below 1.
    """
    words = [word.strip() for word in text.split(",")]
    if not all(word.isdigit() and int(word) for word in words):
        raise ValueError(f"expected numbers of threads such as 1,2,4; got {text!r}")
    return list(dict.fromkeys(map(int, words)))


def entries(
    binary: Iterable[str],
    others: Iterable[str],
    baselines: Iterable[str],
    runtimes: Sequence[tuple[str, str]] | None,
    threads: Sequence[int],
    suited: Sequence[tuple[str, str]] = SUITED,
) -> list[Entry]:
    """Every file in the runtimes that can run it, with every number of threads.

    Arguments:
        binary: names of files with LCE's operators, which stock TensorFlow Lite has not.
        others: names of full-precision files.
        baselines: names of others that run by XNNPACK, whatever is wanted of the rest.
        runtimes: that the user wants; None for those that suit a file best.
        threads: numbers of them.
        suited: to files with LCE's operators.

    Raises:
        ValueError: there is a file that none of the runtimes can run.
    """
    stock = [(XNNPACK, "")]
    chosen = {name: list(suited) if runtimes is None else _able(name, runtimes) for name in binary}
    chosen |= {name: stock if runtimes is None else list(runtimes) for name in others}
    chosen |= dict.fromkeys(baselines, stock)
    return [
        Entry(name, *runtime, count)
        for name, able in chosen.items()
        for runtime in able
        for count in threads
    ]


def _able(name: str, runtimes: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    able = [runtime for runtime in runtimes if runtime[0] != XNNPACK]
    if not able:
        raise ValueError(
            f"{name} has binary operators, which {XNNPACK} can't run; expected --runtime {LCE} or "
            f"{DELEGATE}, or its full-precision twin, such as NAME:float32"
        )
    return able
