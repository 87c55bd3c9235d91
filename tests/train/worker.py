"""One of two workers of a run in float64; a program for tests.

    python -m tests.train.worker FOLDER INDEX PORT [SIGNAL | spoil]

Trains the recipe `FOLDER/recipe.toml` in `FOLDER/run`, or goes on with that run. Late in the
second epoch the second worker alone sends itself the signal, or a weight of both is spoilt.
"""

import json
import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def expect_error(words):
    try:
        yield
    except ValueError as error:
        assert words in str(error), error
    else:
        raise AssertionError(f"expected {words!r}")


folder, index, port = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
os.environ["TF_CONFIG"] = json.dumps(
    {
        "cluster": {"worker": [f"127.0.0.1:{port}", f"127.0.0.1:{port + 1}"]},
        "task": {"type": "worker", "index": index},
    }
)

from larq_bvit.train.strategy import make_strategy  # noqa: E402

strategy = make_strategy()

from larq_bvit.train.interruption import InterruptedRun  # noqa: E402
from larq_bvit.train.not_finite import NotFiniteError  # noqa: E402
from larq_bvit.train.workers import (  # noqa: E402
    LostWorkerError,
    check_same,
    highest,
    shard,
    together,
)
from tests.train import float64_run  # noqa: E402

assert shard(strategy) == (index, 2)
assert highest(strategy, 10 + index) == 11
check_same(strategy, "the same", "recipe")
with expect_error("expected all workers to have the same recipe"):
    check_same(strategy, f"of worker {index}", "recipe")
with expect_error("no data" if index else "another worker could not begin"), together(strategy):
    if index:
        raise ValueError("no data")
callbacks = [float64_run.SameLosses()]
what = sys.argv[4] if len(sys.argv) > 4 else ""
if what == "spoil":
    callbacks.append(float64_run.spoil())
elif what and index == 1:
    callbacks.append(float64_run.send(signal.Signals[what]))
try:
    float64_run.train(folder, strategy, callbacks)
except InterruptedRun as stopped:
    print("stopped with", stopped.exit_code)
except NotFiniteError:
    print("not finite")
except LostWorkerError:
    print("lost a worker")
else:
    print("done")
