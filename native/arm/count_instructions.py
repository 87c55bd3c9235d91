"""Instructions per kernel on aarch64, counted by an emulator, against what NEON needs at least.

python count_instructions.py RESULTS RUN_KERNEL PLUGIN EMULATOR...

Each kernel runs once and twice; the difference is one run, without the program around it. The bound
of a binary product is eor, cnt and add per 128 bits. Prints a table and writes RESULTS, JSON lines.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

_BITS = 128  # of a register
_PRODUCT = 3  # instructions per register of a product
SHAPES = [(49, n, k) for k in (64, 256, 512, 1024, 2048) for n in (64, 512)]


class Counter:
    """Counts the instructions of run_kernel."""

    def __init__(self, program: str, plugin: str, emulator: list[str]):
        self._program, self._plugin, self._emulator = program, plugin, emulator

    def _total(self, times: int, kernel: list[str]) -> int:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "count")
            options = ["-plugin", f"{self._plugin},out={out}"]
            command = [*self._emulator, *options, self._program, "neon", str(times), *kernel]
            subprocess.run(command, check=True)
            return int(out.read_text())

    def __call__(self, *kernel: object) -> int:
        """Instructions of one run."""
        words = [str(word) for word in kernel]
        return self._total(2, words) - self._total(1, words)


def product_rows(count: Counter) -> list[dict]:
    rows = []
    for m, n, k in SHAPES:
        macs = m * n * k
        instructions = count("bgemm", m, n, k)
        each = round(macs / instructions, 1)
        share = round(macs * _PRODUCT / _BITS / instructions, 3)
        row = {"kernel": "bgemm_i32", "m": m, "n": n, "k": k, "instructions": instructions}
        rows.append({**row, "macs_per_instruction": each, "share_of_bound": share})
    return rows


def sign_row(count: Counter) -> dict:
    m, n = 49, 512
    instructions = count("sign", m, n)
    per_number = round(instructions / (m * n), 3)
    return {"kernel": "sign_f32", "m": m, "n": n, "instructions": instructions, "each": per_number}


def main(results: str, program: str, plugin: str, *emulator: str) -> None:
    count = Counter(program, plugin, list(emulator))
    rows = product_rows(count)
    print(f"bgemm_i32: at most {_BITS / _PRODUCT:.1f} binary multiply-accumulates per instruction")
    print("   m     n     k  instructions  per instruction  of the bound")
    for row in rows:
        print(
            f"{row['m']:4} {row['n']:5} {row['k']:5} {row['instructions']:13} "
            f"{row['macs_per_instruction']:16} {row['share_of_bound']:13.1%}"
        )
    sign = sign_row(count)
    print(f"sign_f32: {sign['each']} instructions per number")
    lines = [json.dumps(row) + "\n" for row in [*rows, sign]]
    Path(results).write_text("".join(lines))


if __name__ == "__main__":
    main(*sys.argv[1:])
