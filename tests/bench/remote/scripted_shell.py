"""This machine's sh, but for what a test says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from larq_bvit.bench.remote.local_shell import LocalShell
from larq_bvit.bench.remote.shell import Answer

Reply = Answer | Exception | Callable[[str], Answer | None]


class ScriptedShell(LocalShell):
    """A Shell that gives chosen answers to some commands; all others run here.

    Attributes:
        commands: all that came.
        pushed: names of files that were copied there.
    """

    name = "adb:S"

    def __init__(self, replies: dict[str, Reply] | None = None) -> None:
        self.replies = dict(replies or {})  # {regular expression: how it ends}
        self.commands: list[str] = []
        self.pushed: list[str] = []

    def run(self, command: str, timeout: float = 30) -> Answer:
        self.commands.append(command)
        for pattern, reply in self.replies.items():
            if re.search(pattern, command):
                if isinstance(reply, Exception):
                    raise reply
                answer = reply if isinstance(reply, Answer) else reply(command)
                if answer is not None:
                    return answer
        return super().run(command, timeout)

    def push(self, here: Path, there: str) -> None:
        reply = self.replies.get("push")
        if isinstance(reply, Exception):
            raise reply
        self.pushed.append(here.name)
        super().push(here, there)
