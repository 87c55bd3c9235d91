"""Which model of the zoo, and which weights: what the names and options of a command mean."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from larq_bvit._quiet import import_tensorflow
from larq_bvit._toml import unknown
from larq_bvit.cli.catalog import CATALOG, published
from larq_bvit.cli.common import parse_size
from larq_bvit.presets import Preset, model_for, presets
from larq_bvit.train.run_folder import RunFolder

if TYPE_CHECKING:
    import tensorflow as tf

    from larq_bvit.train.recipe import ModelConfig
    from larq_bvit.zoo import WeightsMetadata

_SIZE, _CLASSES = (224, 224), 1000
_DEFAULT = "binaryvit_small"


@dataclass(frozen=True)
class Choice:
    """A model of the zoo, and its weights: a file's, published ones, or random.

    Attributes:
        model: one of the catalog, or of its architectures.
        weights: a file, or None.
        preset: published weights, or None.
        metadata: what a file says of its weights, or a run of those in its folder.
        config: of a model that is not the zoo's of this name: a run's, or one of another variant.
    """

    model: str
    weights: Path | None = None
    preset: Preset | None = None
    metadata: WeightsMetadata | None = None
    config: ModelConfig | None = None

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
    def known_classes(self) -> int | None:
        """How many the weights have; None where they don't say."""
        told = self.preset or self.metadata
        return None if told is None else told.num_classes

    @property
    def classes(self) -> int:
        """Of the classifier, unless another number is asked for."""
        return self.known_classes or _CLASSES

    def size(self, text: str | None) -> tuple[int, int]:
        """(height, width) of an option's text; without it what the weights are for, or 224."""
        if text is not None:
            return parse_size(text)
        told = self.preset or self.metadata
        return told.input_shape[:2] if told and told.input_shape else _SIZE

    @property
    def channels(self) -> int:
        """Of the images that the weights are for; 3 where they don't say."""
        told = self.preset or self.metadata
        return told.input_shape[2] if told and told.input_shape else 3

    def class_names(self) -> list[str] | None:
        """Those of the weights; None where the weights say nothing."""
        metadata = self.metadata
        if self.preset is not None:
            import_tensorflow()
            from larq_bvit import zoo
            from larq_bvit.zoo.weight_files import weight_file

            metadata = zoo.read_metadata(weight_file(self.preset))
        names = None if metadata is None else metadata.class_names
        return None if names is None else list(names)

    def shown_names(self) -> list[str] | None:
        """What to call the classes: by name, else by number; None for ImageNet's 1,000."""
        names, told = self.class_names(), self.preset or self.metadata
        dataset = (None if told is None else told.dataset) or "imagenet"
        imagenet = self.classes == _CLASSES and "imagenet" in dataset.lower()
        if names is None and not imagenet:
            return [str(number) for number in range(self.classes)]
        return names

    def check_normalization(self) -> None:
        """For commands that know RGB images and ImageNet's normalisation alone.

        Raises:
            ValueError: the weights expect others.
        """
        if self.channels != 3:
            raise ValueError(
                f"expected weights of RGB images; {self.origin} are of images of {self.channels} "
                "channels"
            )
        told = None if self.metadata is None else self.metadata.preprocessing
        if told is None:
            return
        from larq_bvit.zoo.model_facts import is_usual

        if not is_usual(told):
            raise ValueError(
                f"expected weights of images that are normalised as ImageNet's; {self.origin} are "
                f"of mean {told.mean} and std {told.std}: `larq-bvit convert` makes a .tflite "
                "that knows them, for this command"
            )

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
            ValueError: from `zoo.create`, `build_trained` and `zoo.load_weights`.
        """
        if self.weights is not None and not self.weights.is_file():
            raise ValueError(f"no weight file at {self.weights}")  # before the model takes seconds
        tf = import_tensorflow()
        from larq_bvit import zoo

        tf.keras.utils.set_random_seed(seed)
        shape = (*(size or self.size(None)), self.channels)
        classes = self.classes if classes is None else classes
        activation = None if logits else "softmax"
        if self.config is not None:
            from larq_bvit.train.build import build_trained

            model = build_trained(self.config, shape, classes, activation=activation)
            zoo.load_weights(model, str(self.weights), told=self.metadata)
            return model
        return zoo.create(
            self.model,
            input_shape=shape,
            num_classes=classes,
            weights=self.weights,
            pretrained=self.preset.name if self.preset else False,
            classifier_activation=activation,
        )

    def check(self, names: list[str]) -> int:
        """The number of classes that these are the names of.

        Raises:
            ValueError: the weights have another number.
        """
        if self.known_classes not in (None, len(names)):
            raise ValueError(
                f"the weights {self.origin!r} have {self.known_classes} classes; got "
                f"{len(names)} class names"
            )
        return len(names)


def choose(name: str, weights: Path | None = None, *, trained: bool = True) -> Choice:
    """What is meant by the name of a model or of published weights, a packed file, or a run.

    Arguments:
        trained: the name of a model alone means its published weights, where it has any; else
            the paper's size, 224 pixels and 1,000 classes.

    Raises:
        ValueError: no such model or weights (with the nearest), two kinds of weights, those of a
            run of another model, or a packed file that can't be read or does not say of which
            model it is.
    """
    known = presets()
    own = None if name in (*CATALOG, *known) else run_weights(name)
    if name in known or own or names_packed_file(name):
        if weights is not None:
            raise ValueError(f"{name!r} are weights already; got --weights {weights}, too")
        if own is not None:
            return _of_weights(own, name)
        return of_file(name) if name not in known else Choice(known[name].model, preset=known[name])
    if name not in CATALOG:
        if Path(name).suffix == ".h5" and Path(name).is_file():
            raise ValueError(
                f"{name} does not say of which model it is: give the model's name, and the file by "
                "--weights"
            )
        raise unknown("model", name, sorted([*CATALOG, *known]))
    if trained and weights is None and name in published():
        return Choice(name, preset=published()[name][0])
    choice = Choice(name) if weights is None else _of_weights(weights, name)
    if choice.model != name:
        raise ValueError(f"{weights} is of {choice.model}; got the model {name}")
    return choice


def default_choice(weights: Path | None) -> Choice:
    """The model that weights are of; else BinaryViT, by default with its default weights."""
    if weights is None:
        return choose(model_for("binaryvit", True) or _DEFAULT)
    return of_file(weights) if names_packed_file(weights) else _of_weights(weights, _DEFAULT)


def of_file(path: str | Path) -> Choice:
    """The model and the weights of a packed file.

    Raises:
        ValueError: it can't be read, or does not say of which model of the zoo it is.
    """
    import_tensorflow()
    from larq_bvit import zoo

    metadata = zoo.read_metadata(path)
    config = _own_variant(metadata)
    if metadata.model is None or (metadata.model not in CATALOG and config is None):
        raise ValueError(
            f"expected {path} to say of which model of the zoo it is; got {metadata.model!r}: give "
            "the model's name, and the file by --weights (in a recipe: model.name, model.weights)"
        )
    return Choice(metadata.model, Path(path), metadata=metadata, config=config)


def _own_variant(metadata: WeightsMetadata) -> ModelConfig | None:
    """Of weights whose variant has no name; None of others, and of a variant of another version."""
    if metadata.variant is None:
        return None
    from larq_bvit.train.model_variant import model_variant
    from larq_bvit.train.recipe import ModelConfig
    from larq_bvit.zoo.registry import MODELS

    for name, (architecture, _) in MODELS.items():
        if architecture.name == metadata.model:
            with suppress(ValueError):  # of another kind of variant
                model_variant(name, metadata.variant)
                return ModelConfig(name=name, variant=metadata.variant)
    return None


def names_packed_file(path: str | Path | None) -> TypeGuard[str | Path]:
    """Whether a packed weight file is meant."""
    return path is not None and Path(path).suffix == ".safetensors"


def run_weights(text: str) -> Path | None:
    """The best weights of a run's folder, or an .h5 file in one; None where neither is meant."""
    path = Path(text)
    run = RunFolder(path if path.is_dir() else path.parent)
    file = run.best if path.is_dir() else path
    return file if run.recipe.is_file() and file.suffix == ".h5" and file.is_file() else None


def _of_weights(path: Path, model: str) -> Choice:
    """Those of a run with the run's model; others with `model`."""
    import_tensorflow()
    from larq_bvit import zoo
    from larq_bvit.train.run_metadata import run_metadata, run_recipe
    from larq_bvit.zoo.weights import read_weights

    if names_packed_file(path):
        return Choice(model, path, metadata=zoo.read_metadata(path))
    recipe, metadata = run_recipe(path), run_metadata(path)
    if path.is_file() and (metadata is None or metadata.num_classes is None):
        kernel = read_weights(path).get("classifier/kernel")
        if kernel is not None and kernel.ndim:
            metadata = replace(metadata or zoo.WeightsMetadata(), num_classes=kernel.shape[-1])
    if recipe is None:
        return Choice(model, path, metadata=metadata)
    return Choice(recipe.model.name, path, metadata=metadata, config=recipe.model)
