"""What an entry keeps of its runs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from larq_bvit.bench.entry import Entry
from larq_bvit.bench.remote.job import Call, Run
from larq_bvit.bench.remote.shell import Answer
from larq_bvit.bench.remote.turn import Turn


@pytest.mark.parametrize(
    ("place", "command"),
    [
        ("adb:S", "adb -s S shell 'taskset 8 runner m.tflite'"),
        ("ssh:board", "ssh board 'taskset 8 runner m.tflite'"),
        ("ssh:pi@board:2222", "ssh -p 2222 pi@board 'taskset 8 runner m.tflite'"),
        ("ssh:fe80::1", "ssh fe80::1 'taskset 8 runner m.tflite'"),
        ("local", "taskset 8 runner m.tflite"),
    ],
)
def test_the_command_of_a_run_is_one_for_a_terminal_here(place: str, command: str) -> None:
    job: Any = SimpleNamespace(
        command=lambda call: ["runner", "m.tflite"], read=lambda answer, profile: Run(0.001)
    )
    site: Any = SimpleNamespace(
        shell=SimpleNamespace(name=place),
        line=lambda text, threads: f"taskset 8 {text}",
        run=lambda text, threads: Answer(0, "", ""),
    )
    turn = Turn(Entry("m", "xnnpack"), job)
    assert turn.run(site, Call()) == Run(0.001) and turn.line == command
