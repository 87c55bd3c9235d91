"""The final evaluation of a run, in its folder."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from larq_bvit.train.disk import write_text
from larq_bvit.train.evaluation import Evaluation
from larq_bvit.train.paired import Hits
from larq_bvit.train.share import Share


@dataclass(frozen=True)
class RunEvaluation:
    """How good the best weights of a run are.

    Attributes:
        classes: names, in the order of the labels.
        top_1: see `Evaluation`; its total is the number of images.
        top_5: None with fewer than six classes.
        calibration_error: see `Calibration`.
        hits: None in files of older releases.
    """

    classes: tuple[str, ...]
    top_1: Share
    top_5: Share | None
    calibration_error: float
    hits: Hits | None = field(default=None, compare=False)

    def __str__(self) -> str:
        top_5 = f", top-5 {self.top_5}" if self.top_5 else ""
        error = f"calibration error {self.calibration_error:.2%}"
        return f"top-1 {self.top_1}{top_5}, {error}, {self.top_1.total:,} images"


def save_evaluation(path: Path, evaluation: Evaluation) -> None:
    """Writes all of an evaluation as JSON, see `Evaluation.as_dict` and `Hits.as_dict`.

    Raises:
        DiskFullError: no space left; the file is as before.
    """
    stored = {**evaluation.as_dict(), "hits": evaluation.hits.as_dict()}
    write_text(path, json.dumps(stored, indent=2) + "\n")


def load_evaluation(path: Path) -> RunEvaluation | None:
    """Reads what `save_evaluation` has written; None if there is no such file.

    Raises:
        ValueError: it is something else.
    """
    if not path.is_file():
        return None
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        images, top_5, hits = stored["images"], stored["top_5"], stored.get("hits")
        return RunEvaluation(
            classes=tuple(row["class"] for row in stored["classes"]),
            top_1=Share(stored["top_1"]["count"], images),
            top_5=None if top_5 is None else Share(top_5["count"], images),
            calibration_error=stored["calibration_error"],
            hits=None if hits is None else Hits.from_dict(hits, images),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path} is no evaluation ({error!r}): remove it, then resume the run, which is "
            "evaluated again"
        ) from None
