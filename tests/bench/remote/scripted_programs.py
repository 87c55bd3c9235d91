"""Programs of sh in the place of our runner and of benchmark programs; a model tells what to do."""

from __future__ import annotations

import platform
from pathlib import Path

from larq_bvit.bench.remote.programs import Programs
from tests.bench.benchmark_model.recorded_text import recorded
from tests.bench.remote import elf_writer

# A "model" is a line of sh; $out, $threads, $seconds and $input are those of the command.
_RUNNER = """#!/bin/sh
out= input= delegate=null
while [ $# -gt 0 ]; do
  case $1 in
    --model) model=$2 ;; --output) out=$2 ;; --input) input=$2 ;; --threads) threads=$2 ;;
    --seconds) seconds=$2 ;; --delegate) delegate=12 ;; --profile) profile=1; shift; continue ;;
  esac
  shift 2
done
us=1000 slow=10 profiled=null
[ -z "$profile" ] || profiled='[{"name": "a", "kind": "product", "nanoseconds": 3000000}]'
. "$model"
echo '{"larq_bvit_runner": 2, "tflite_version": "2.9.0", "init_us": 5000, "first_us": 2000,' \\
  '"count": 3, "sum_us": '$((us * (2 + slow)))', "runs_us": ['$us', '$us', '$((us * slow))'],' \\
  '"base_kib": 100, "peak_kib": 356, "activation_bytes": '$delegate',' \\
  '"profile": '$profiled', "inputs": [], "outputs": []}'
"""

_BENCHMARK = """#!/bin/sh
for word; do
  case $word in
    --help) cat <<'EOF'
{help}
EOF
      exit 1 ;;
    --graph=*) model=${{word#*=}} ;;
    --profiling_output_csv_file=*|--op_profiling_output_file=*) csv=${{word#*=}} ;;
  esac
done
. "$model"
cat <<'EOF'
{output}
EOF
"""


def programs(folder: Path, *, binaries: tuple[Path, ...] = (), library: bool = True) -> Programs:
    """A runner, a delegate and a C library for this machine."""
    runner = write(folder / "larq_bvit_runner", _RUNNER)
    delegate = write(folder / "delegate.so", "delegate")
    tflite = folder / "libtensorflowlite_c.so"
    machine = {"aarch64": elf_writer.AARCH64}.get(platform.machine(), elf_writer.X86_64)
    tflite.write_bytes(elf_writer.library(machine, ["TfLiteInterpreterCreate"]))
    return Programs(binaries, (tflite,) if library else (), (runner,), (delegate,))


def benchmark_model(path: Path, help_of: str, output_of: str) -> Path:
    """One that prints what real programs have printed."""
    text = _BENCHMARK.format(help=recorded(help_of), output=recorded(output_of))
    return write(path, text)


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path
