"""What a benchmark program can be told, by its `--help`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from larq_bvit.bench.benchmark_model.failures import why_failed
from larq_bvit.bench.benchmark_model.lines import clean_lines

STOCK, LCE, LITERT = "benchmark_model", "lce_benchmark_model", "benchmark_litert_model"

_FLAG = re.compile(r"\s*--([A-Za-z][\w-]*)(?:=| \()")
_PROGRAM = re.compile(r"usage: (?:\S*/)?(\S+)")
_NEEDED = ("graph", "num_runs")


@dataclass(frozen=True)
class Flags:
    """What a program knows.

    Attributes:
        names: of its flags, without the dashes.
        program: which it is: `STOCK`, `LCE` or `LITERT`.
    """

    names: frozenset[str]
    program: str

    @property
    def profiles(self) -> bool:
        """Whether it measures operators one by one."""
        return bool(self.names & {"enable_op_profiling", "use_profiler"})

    @property
    def profiles_to_file(self) -> bool:
        """Whether it writes these times as CSV; else they stand in its output, as a table."""
        return self.profiles and bool(
            self.names & {"op_profiling_output_file", "profiling_output_csv_file"}
        )


def parse_help(text: str) -> Flags:
    """Reads what a program of TensorFlow Lite or Larq Compute Engine (LCE) says to `--help`.

    Arguments:
        text: standard output and errors; these programs write it to errors and end with status 1.

    Raises:
        ValueError: it is no list of flags, or that of another program.
    """
    lines = clean_lines(text)
    names = frozenset(match[1] for line in lines if (match := _FLAG.match(line)))
    missing = [name for name in _NEEDED if name not in names]
    if not missing:
        return Flags(names, _program(names, "\n".join(lines)))
    if names:
        raise ValueError(
            "expected the flags of TensorFlow Lite's benchmark_model or LCE's lce_benchmark_model "
            f"from --help; got {len(names)} flags without --{missing[0]}: give one of these "
            "programs by --binary"
        )
    came = f"{' / '.join(lines[:3])[:200]!r}" if lines else "nothing"
    reason = why_failed(lines) or (
        "is it TensorFlow Lite's benchmark_model or LCE's lce_benchmark_model, for this device?"
    )
    raise ValueError(f"expected the list of flags from the program's --help; got {came}: {reason}")


def _program(names: frozenset[str], text: str) -> str:
    name = match[1] if (match := _PROGRAM.search(text)) else ""
    # before 2022, LCE's program had no flags of its own
    if names & {"use_reference_bconv", "use_indirect_bgemm"} or name.startswith("lce"):
        return LCE
    if names & {"dispatch_library_path", "use_npu"}:
        return LITERT
    return STOCK
