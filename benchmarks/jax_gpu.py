"""Compiles a job of `larq-bvit jax-export` for a GPU that is not there.

    python benchmarks/jax_gpu.py JOB [--data FOLDER]

Needs `pip install "jax[cuda13]"` and Pillow, nothing of larq_bvit, and no GPU: XLA compiles for the
description of an NVIDIA H200 below. It tells whether a job compiles there and fits its memory, how
many kernels a step launches and how many bytes they read and write. Nothing runs, so that kernels
are not tuned, and no time is measured.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path
from typing import Any

# NVIDIA's figures, as XLA's GpuTargetConfigProto
_TARGET = """
gpu_device_info {
  cuda_compute_capability { major: 9 minor: 0 }
  threads_per_block_limit: 1024
  threads_per_warp: 32
  shared_memory_per_block: 49152
  shared_memory_per_block_optin: 232448
  shared_memory_per_core: 233472
  threads_per_core_limit: 2048
  registers_per_core_limit: 65536
  registers_per_block_limit: 65536
  core_count: 132
  fpus_per_core: 128
  block_dim_limit_x: 2147483647
  block_dim_limit_y: 65535
  block_dim_limit_z: 65535
  memory_bandwidth: 4800000000000
  l2_cache_size: 52428800
  clock_rate_ghz: 1.98
  device_memory_size: 150000000000
}
platform_name: "CUDA"
dnn_version_info { major: 9 minor: 10 }
device_description_str: "NVIDIA H200"
"""
_BYTES = {"f64": 8, "s64": 8, "f32": 4, "s32": 4, "u32": 4, "bf16": 2, "f16": 2}  # others have 1
_COMPUTATION = re.compile(r"^(?:ENTRY )?%[\w.\-]+ \(.*?\n}$", re.M | re.S)
_INSTRUCTION = re.compile(r"^\s*(?:ROOT )?%([\w.\-]+) = (.*?) ([a-z][\w\-]*)\((.*?)\)", re.M)
_ARRAY = re.compile(r"\b([a-z]+\d*)\[([\d,]*)\]")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("job", type=Path)
    parser.add_argument("--data", type=Path, help="folder of the images, which jobs may share")
    options = parser.parse_args()
    # the plugin would ask the driver for its version
    os.environ["JAX_SKIP_CUDA_CONSTRAINTS_CHECK"] = "1"
    sys.path.insert(0, str(options.job))
    for name, compiled in _functions(options.job, options.data).items():
        memory = compiled.memory_analysis()
        kept = memory.argument_size_in_bytes / 1e9
        print(
            f"{name}: {kept:.2f} GB of arguments, {memory.temp_size_in_bytes / 1e9:.2f} in between"
        )
        kernels, moved = count(compiled.as_text())
        print(f"{name}: {kernels:,} kernels at a time, which read and write {moved / 1e9:.1f} GB")


def _functions(folder: Path, data: Path | None) -> dict[str, Any]:
    """{name: what XLA has compiled} of a job."""
    import jax
    from functions import Functions, Job
    from jax.experimental import topologies
    from jax.sharding import SingleDeviceSharding
    from pieces import newest_snapshot

    jax.config.update("jax_enable_x64", True)
    absent = topologies.get_topology_desc("", "cuda", target_config=_TARGET, topology="1x1x1")
    place = SingleDeviceSharding(absent.devices[0])

    def put(tree: Any) -> Any:
        def described(array: Any) -> Any:
            return jax.ShapeDtypeStruct(array.shape, array.dtype, sharding=place)

        return jax.tree.map(described, tree)

    job = Job(folder)
    _, values = newest_snapshot(folder / "state")
    return Functions(job, values, job.images(data), put).compiled


def count(hlo: str) -> tuple[int, int]:
    """Kernels of the computation that launches the most of them, and the bytes of their operands.

    That is a loop's body, or the whole. What a kernel reads twice, or finds in a cache, is counted
    each time.

    Arguments:
        hlo: what XLA has compiled, as text.
    """
    return max((_launches(found.group()) for found in _COMPUTATION.finditer(hlo)), default=(0, 0))


def _launches(computation: str) -> tuple[int, int]:
    sizes: dict[str, int] = {}
    kernels = moved = 0
    for name, shape, operator, operands in _INSTRUCTION.findall(computation):
        sizes[name] = _size(shape)
        if operator in ("fusion", "custom-call"):
            kernels += 1
            moved += sizes[name] + sum(
                sizes.get(o, 0) for o in re.findall(r"%([\w.\-]+)", operands)
            )
    return kernels, moved


def _size(shape: str) -> int:
    total = 0
    for kind, sizes in _ARRAY.findall(shape):
        values = _BYTES.get(kind, 1)
        for size in filter(None, sizes.split(",")):
            values *= int(size)
        total += values
    return total


if __name__ == "__main__":
    main()
