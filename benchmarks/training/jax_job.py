"""Child: the train step of a job of `larq-bvit jax-export`. It needs JAX and NumPy alone."""

import json
import math
import sys
from pathlib import Path

from benchmarks.training.child import serve


def main(job: str, steps: int) -> None:
    """So many steps at a time, of the job's images and with its augmentation."""
    import jax

    jax.config.update("jax_enable_x64", True)  # as the job's own runner does
    sys.path.insert(0, job)
    from functions import Functions, Job
    from pieces import newest_snapshot

    opened = Job(Path(job))
    _, values = newest_snapshot(Path(job) / "state")
    functions = Functions(opened, values, opened.images())
    taken = 0

    def step() -> None:
        nonlocal taken
        loss = functions.train(opened.sampler, taken, steps)["loss"]
        taken += steps
        if not math.isfinite(loss):
            raise FloatingPointError(f"the loss is {loss}")

    step()
    serve({"jax": jax.__version__}, step)


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
