"""Lines of native/src that a run of the fuzzer has not reached.

python -m native.fuzz.unreached PROGRAM FOLDER     FOLDER: of the run's failures and reached.txt
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

# Where the compiler calls the counter of a place: the address behind it is what the counter sees.
_CALL = re.compile(r"\bcall\w*\s.*<__sanitizer_cov_trace_pc>")
_ADDRESS = re.compile(r"^\s*([0-9a-f]+):\t")
_LINE = re.compile(r"(native/src/\S+):(\d+)")


def places(program: Path) -> set[int]:
    """Addresses behind all calls of the counter."""
    listing = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", program], capture_output=True, text=True, check=True
    )
    found, behind = set(), False
    for text in listing.stdout.splitlines():
        address = _ADDRESS.match(text)
        if address and behind:
            found.add(int(address[1], 16))
        behind = bool(_CALL.search(text))
    return found


def lines(program: Path, addresses: Iterable[int]) -> dict[str, set[int]]:
    """{file: lines} of native/src."""
    names = "\n".join(f"{address - 1:x}" for address in addresses)
    told = subprocess.run(
        ["addr2line", "-e", program], input=names, capture_output=True, text=True, check=True
    )
    found = defaultdict(set)
    for text in told.stdout.splitlines():
        if match := _LINE.search(text):
            found[match[1]].add(int(match[2]))
    return found


def main(program: Path, folder: Path) -> None:
    every = places(program)
    reached = {int(text, 16) for text in (folder / "reached.txt").read_text().split()}
    all_lines, reached_lines = lines(program, every), lines(program, every & reached)
    print(f"{len(every & reached)} of {len(every)} places reached")
    for file in sorted(all_lines):
        if missed := sorted(all_lines[file] - reached_lines[file]):
            print(f"{file}: {len(missed)} of {len(all_lines[file])}:", *missed)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
