"""How good a classifier is: figures, and what they are added up from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from larq_bvit.train.calibration import Calibration
from larq_bvit.train.paired import Hits
from larq_bvit.train.share import Share

_TOP = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """What a classifier makes of labelled images.

    Attributes:
        classes: names, in the order of the labels.
        corrupt: names of the images that could not be read, and why; they count nowhere.
        confusion: int64 (classes, classes), images by [label, best class].
        top_1: whose label is the best class; of several best ones the first is taken.
        top_5: whose label is among the best five; None with fewer than six classes.
        cross_entropy: mean of -log(probability of the label), in nats.
        calibration_error: see `Calibration`; 15 bins.
        hits: the images in their order, without the corrupt ones.
    """

    classes: tuple[str, ...]
    corrupt: tuple[str, ...]
    confusion: np.ndarray
    top_1: Share
    top_5: Share | None
    cross_entropy: float
    calibration_error: float
    hits: Hits

    @property
    def images(self) -> int:
        """How many were evaluated."""
        return int(self.confusion.sum())

    @property
    def per_class(self) -> np.ndarray:
        """Share of each class' images that are recognised, (classes,); NaN without images."""
        with np.errstate(invalid="ignore"):
            return np.diagonal(self.confusion) / self.confusion.sum(axis=1)

    def mistakes(self) -> list[tuple[str, str, int]]:
        """(class, what it was taken for, how many images), most frequent first."""
        wrong = self.confusion - np.diag(np.diagonal(self.confusion))
        found = [(i, j, int(wrong[i, j])) for i, j in np.argwhere(wrong)]
        found.sort(key=lambda mistake: (-mistake[2], mistake[:2]))
        return [(self.classes[i], self.classes[j], count) for i, j, count in found]

    def as_dict(self) -> dict[str, Any]:
        """For JSON, all but the hits; the confusion matrix as what each class was taken for."""
        taken: dict[str, dict[str, int]] = {name: {} for name in self.classes}
        for label, best, count in self.mistakes():
            taken[label][best] = count
        rows = zip(self.classes, self.confusion.sum(axis=1), self.per_class, strict=True)
        return {
            "images": self.images,
            "corrupt": list(self.corrupt),
            "top_1": self.top_1.as_dict(),
            "top_5": self.top_5 and self.top_5.as_dict(),
            "cross_entropy": self.cross_entropy,
            "calibration_error": self.calibration_error,
            "classes": [
                {
                    "class": name,
                    "images": int(images),
                    "accuracy": float(accuracy) if images else None,
                    "taken_for": taken[name],
                }
                for name, images, accuracy in rows
            ],
        }


class Tally:
    """Adds up an evaluation, batch by batch."""

    def __init__(self, classes: tuple[str, ...]):
        """For classes of these names, each another."""
        self._classes = classes
        self._confusion = np.zeros((len(classes), len(classes)), np.int64)
        self._calibration = Calibration()
        self._in_top, self._cross_entropy = 0, 0.0
        self._best: list[np.ndarray] = []
        self._labels: list[np.ndarray] = []

    def add(self, log_probabilities: np.ndarray, labels: np.ndarray) -> None:
        """Of the classes (B, classes), and the labels, integers (B,).

        Raises:
            ValueError: a NaN among them: not the images, the weights are at fault.
        """
        if np.isnan(log_probabilities).any():
            raise ValueError("expected numbers from the model; got NaN: its weights are broken")
        values = log_probabilities.astype(np.float64)
        best = values.argmax(axis=1)
        of_label = np.take_along_axis(values, labels[:, None], axis=1)
        earlier = np.arange(len(self._classes)) < labels[:, None]
        rank = ((values > of_label) | ((values == of_label) & earlier)).sum(axis=1)
        np.add.at(self._confusion, (labels, best), 1)
        self._best.append(best)
        self._labels.append(labels)
        self._calibration.add(np.exp(values.max(axis=1)), best == labels)
        self._in_top += int((rank < _TOP).sum())
        self._cross_entropy -= float(of_label.sum())

    @property
    def images(self) -> int:
        """How many so far."""
        return int(self._confusion.sum())

    def result(self, corrupt: tuple[str, ...] = ()) -> Evaluation:
        """Of all images so far, at least one."""
        images = self.images
        return Evaluation(
            classes=self._classes,
            corrupt=corrupt,
            confusion=self._confusion,
            top_1=Share(int(np.trace(self._confusion)), images),
            top_5=Share(self._in_top, images) if len(self._classes) > _TOP else None,
            cross_entropy=self._cross_entropy / images,
            calibration_error=self._calibration.error,
            hits=Hits.of(np.concatenate(self._best), np.concatenate(self._labels)),
        )
