"""The whole flow on this machine, with programs of sh that do what a "model" says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from larq_bvit.bench.entry import Entry
from larq_bvit.bench.remote.flow import measure
from larq_bvit.bench.results import Measurement
from tests.bench.remote.scripted_programs import programs
from tests.bench.remote.scripted_shell import ScriptedShell


class FlowBench:
    """A folder for the "machine", and models that are lines of sh."""

    def __init__(self, folder: Path) -> None:
        self.here, self.there = folder / "here", folder / "there"
        self.here.mkdir()
        self.shell = ScriptedShell()
        self.said: list[str] = []
        self.warnings: list[str] = []
        self.facts: dict[str, Any] = {}

    def measure(
        self, models: dict[str, str], entries: list[Entry], **options: Any
    ) -> list[Measurement]:
        files = {}
        for name, text in models.items():
            files[name] = self.here / f"{name}.tflite"
            files[name].write_text(text)
        chosen = {"programs": programs(self.here), "rounds": 2, **options}
        place, found, self.warnings = measure(
            self.shell, files, entries, where=str(self.there), say=self.said.append, **chosen
        )
        assert place.name == "adb:S"
        self.facts = place.facts
        assert not self.there.exists() or options.get("keep")  # nothing stays
        return found
