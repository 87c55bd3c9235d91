"""A child of a benchmark that sleeps, or fails at its second step; for tests."""

import json
import sys
import time

from benchmarks.training.child import serve

options = json.loads(sys.argv[1])
print("chatter of a library")
if options.get("fails_at_start"):
    raise SystemExit("no such workload")
steps = 0


def step() -> None:
    global steps
    steps += 1
    if steps == options.get("fails_at"):
        raise ValueError("step went wrong")
    time.sleep(options["seconds"])


serve({"name": options["name"]}, step, before=lambda: time.sleep(0.2))
