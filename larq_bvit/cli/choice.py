"""Which model of the zoo, and which weights: what the names and options of a command mean."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from larq_bvit._quiet import import_tensorflow
from larq_bvit._toml import unknown
from larq_bvit.cli.catalog import CATALOG, published
from larq_bvit.cli.common import parse_size
from larq_bvit.presets import Preset, model_for, presets

if TYPE_CHECKING:
    import tensorflow as tf

_SIZE, _CLASSES = (224, 224), 1000


@dataclass(frozen=True)
class Choice:
    """A model of the zoo, and its weights: a file's, published ones, or random.

    Attributes:
        model: one of the catalog.
        weights: a file, or None.
        preset: published weights, or None.
    """

    model: str
    weights: Path | None = None
    preset: Preset | None = None

    @property
    def random(self) -> bool:
        """Whether the weights are those of a seed."""
        return self.weights is None and self.preset is None

    @property
    def origin(self) -> str | None:
        """Of the weights, for reports; None where they are random."""
        if self.preset is not None:
            return self.preset.name
        return None if self.weights is None else str(self.weights)

    @property
    def classes(self) -> int:
        """Of the classifier, unless another number is asked for."""
        return self.preset.num_classes if self.preset else _CLASSES

    def size(self, text: str | None) -> tuple[int, int]:
        """(height, width) of an option's text; without it what the weights are for, or 224."""
        if text is not None:
            return parse_size(text)
        return self.preset.input_shape[:2] if self.preset else _SIZE

    def class_names(self) -> list[str] | None:
        """Those of published weights; None where the weights say nothing."""
        if self.preset is None:
            return None
        import_tensorflow()
        from larq_bvit import zoo
        from larq_bvit.zoo.weight_files import weight_file

        names = zoo.read_metadata(weight_file(self.preset)).class_names
        return None if names is None else list(names)

    def build(
        self,
        *,
        size: tuple[int, int] | None = None,
        classes: int | None = None,
        seed: int = 0,
        logits: bool = False,
    ) -> tf.keras.Model:
        """The model, filled.

        Raises:
            ValueError: from `zoo.create` and `zoo.load_weights`.
        """
        if self.weights is not None and not self.weights.is_file():
            raise ValueError(f"no weight file at {self.weights}")  # before the model takes seconds
        tf = import_tensorflow()
        from larq_bvit import zoo

        tf.keras.utils.set_random_seed(seed)
        return zoo.create(
            self.model,
            input_shape=(*(size or self.size(None)), 3),
            num_classes=self.classes if classes is None else classes,
            weights=self.weights,
            pretrained=self.preset.name if self.preset else False,
            classifier_activation=None if logits else "softmax",
        )

    def check(self, names: list[str]) -> int:
        """The number of classes that these are the names of.

        Raises:
            ValueError: published weights have another number.
        """
        if self.preset is not None and len(names) != self.preset.num_classes:
            raise ValueError(
                f"the weights {self.preset.name!r} have {self.preset.num_classes} classes; got "
                f"{len(names)} class names"
            )
        return len(names)


def choose(name: str, weights: Path | None = None, *, trained: bool = False) -> Choice:
    """What is meant by the name of a model, or of published weights.

    Arguments:
        trained: the name of a model alone means its published weights, where it has any.

    Raises:
        ValueError: no such model or weights (with the nearest), or two kinds of weights.
    """
    known = presets()
    if name in known:
        if weights is not None:
            raise ValueError(f"{name!r} are weights already; got --weights {weights}, too")
        return Choice(known[name].model, preset=known[name])
    if name not in CATALOG:
        raise unknown("model", name, sorted([*CATALOG, *known]))
    if trained and weights is None and name in published():
        return Choice(name, preset=published()[name][0])
    return Choice(name, weights)


def default_choice(weights: Path | None) -> Choice:
    """BinaryViT: its default weights, or the published size with a file's or random ones."""
    model = None if weights is not None else model_for("binaryvit", True)
    return choose(model or "binaryvit_small", weights, trained=True)
