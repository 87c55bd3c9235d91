"""What a run knows of its data: what its schedule and its labels come from, a teacher's too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import unified_diff
from typing import Any

_SHOWN = 20  # lines of classes


@dataclass(frozen=True)
class RunData:
    """The data of a run, the same for all its workers.

    Attributes:
        classes: names, in the order of the labels.
        train_examples, eval_examples: of all workers together.
        steps_per_epoch: training steps of an epoch.
        teacher: sha256 of its weights, see `teacher_digest`; None without one, or where it is not
            known.
    """

    classes: Sequence[str]
    train_examples: int
    eval_examples: int
    steps_per_epoch: int
    teacher: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "classes": list(self.classes)}


def check_data(stored: Mapping[str, Any], given: RunData, where: str) -> None:
    """Compares what is stored of a run's data with those that it would go on with.

    What a run has not stored, as one of an older release, is taken at its word.

    Raises:
        ValueError: they differ; lists in what.
    """
    ours = given.as_dict()
    before, now = (list(side.get("classes", ours["classes"])) for side in (stored, ours))
    changed = [
        f"{name}: {stored[name]} there, {value} here"
        for name, value in ours.items()
        if name != "classes" and stored.get(name) not in (None, value)
    ]
    diff = list(unified_diff(before, now, lineterm="", n=0))[2:]
    classes = [line for line in diff if not line.startswith("@@")]
    if classes:
        changed += [f"classes: {len(before)} there (-), {len(now)} here (+)", *classes[:_SHOWN]]
        changed += [f"and {len(classes) - _SHOWN} more"] * (len(classes) > _SHOWN)
    if changed:
        raise ValueError(
            f"{where} was made with other data or another teacher; put them back as they were, or "
            "begin a new run:\n  " + "\n  ".join(changed)
        )
