"""Lives of a tiny run that end by kill -9 at random moments; a program for tests.

    python -m tests.train.survivor FOLDER SEED LIVES

Each life is a fork of this process, which has imported TensorFlow and not yet used it. A life ends
at a random file operation, or a random moment after one, which falls into TensorFlow's own writing
or into training; the next life resumes. After LIVES such ends the last run is left in peace. One
more run, `whole`, is not disturbed at all.
"""

import os
import random
import shutil
import signal
import sys
import threading
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from larq_bvit.train.randomness import seed_all  # noqa: E402
from tests.train import tiny_run  # noqa: E402

# a checkpoint takes about 12
OPERATIONS = 40


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def doom(operation: int, delay: float) -> None:
    """Ends this process `delay` seconds after its file operation of that number, counted from 1."""
    count = 0

    def counted(function):
        def call(*arguments, **options):
            nonlocal count
            count += 1
            if count == operation and not delay:
                die()
            if count == operation:
                threading.Timer(delay, die).start()
            return function(*arguments, **options)

        return call

    for name in ("replace", "rename", "fsync", "mkdir", "unlink", "rmdir"):
        setattr(os, name, counted(getattr(os, name)))
    shutil.rmtree = counted(shutil.rmtree)


def live(path: Path, operation: int = 0, delay: float = 0.0) -> int:
    """One life; its exit status, -9 where it was killed."""
    child = os.fork()
    if not child:
        if operation:
            doom(operation, delay)
        seed_all(0, deterministic=True)
        tiny_run.fit(path)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(folder: str, seed: str, lives: str) -> None:
    draw = random.Random(int(seed))
    killed, runs = 0, 0
    while killed < int(lives):
        # the first file operations of a life come again and again
        last = draw.choice((8, OPERATIONS))
        delay = draw.choice((0.0, draw.uniform(0, 0.02), draw.uniform(0, 0.3)))
        ended = live(Path(folder) / f"killed{runs}", draw.randint(1, last), delay)
        assert ended in (0, -signal.SIGKILL), ended
        killed += ended != 0
        runs += ended == 0  # this one got through: another one has to suffer
    assert live(Path(folder) / f"killed{runs}") == 0
    assert live(Path(folder) / "whole") == 0


if __name__ == "__main__":
    main(*sys.argv[1:])
