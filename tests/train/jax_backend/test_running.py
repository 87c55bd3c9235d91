"""The runner as a program that is waited for, and what it needs before it."""

import os
import signal
import sys
import threading
import time

import pytest

from larq_bvit.train.jax_backend import devices, running

_SAVES = """
import os, pathlib, signal, sys, time
def save(number, frame):
    time.sleep(0.6)  # longer than Python waits for a program on Ctrl-C
    pathlib.Path(sys.argv[1], "saved").touch()
    sys.exit(0)
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, save)
pathlib.Path(sys.argv[1], "pid").write_text(str(os.getpid()))
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_let_the_runner_save(number, tmp_path):
    def stop():
        while not (tmp_path / "pid").is_file() or not (tmp_path / "pid").read_text():
            time.sleep(0.01)
        if number == signal.SIGINT:  # as a terminal does
            os.kill(int((tmp_path / "pid").read_text()), number)
        os.kill(os.getpid(), number)

    before = signal.getsignal(number)
    thread = threading.Thread(target=stop)
    thread.start()
    code, received = running.run([sys.executable, "-c", _SAVES, str(tmp_path)])
    thread.join()
    assert (code, received) == (0, number)
    assert (tmp_path / "saved").is_file()
    assert signal.getsignal(number) == before


def test_without_signals():
    assert running.run([sys.executable, "-c", "raise SystemExit(3)"]) == (3, None)


@pytest.mark.parametrize(
    ("program", "message"),
    [("exit 1", "it says nothing"), ("echo a >&2; echo no jax >&2; exit 1", "no jax")],
)
def test_a_python_without_jax(program, message, tmp_path):
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{program}\n")
    python.chmod(0o755)
    with pytest.raises(ValueError, match=f"expected a Python with JAX; .*: {message}"):
        running.train(None, tmp_path / "run", python=python)


def test_gpus_are_left_to_jax(monkeypatch, caplog):
    asked = []

    def refuse(gpus, kind):
        asked.append((gpus, kind))
        raise RuntimeError("started")

    monkeypatch.setattr(devices.tf.config, "set_visible_devices", refuse)
    devices.leave_gpus_to_jax()
    assert asked == [([], "GPU")] and "may hold the GPUs' memory: started" in caplog.text
