"""What a user means by the name of something to measure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from larq_bvit._toml import unknown
from larq_bvit.bench.results import Accuracy
from larq_bvit.presets import Preset, presets

if TYPE_CHECKING:
    import tensorflow as tf

BINARY, FLOAT, INTEGER, DYNAMIC = "binary", "float32", "int8", "dynamic"
PRECISIONS = {
    BINARY: "frozen and converted by larq_bvit",
    FLOAT: "in float32",
    INTEGER: "all weights and activations in 8 bits",
    DYNAMIC: "8-bit weights, activations rounded to 8 bits for each product",
}
RESNET = "resnet_18"  # not of the zoo: the full-precision twin of Bi-Real Net
FULL_PRECISION = ("deit_small", RESNET)
_SIZE, _CLASSES = (224, 224), 1000


@dataclass(frozen=True)
class Subject:
    """A .tflite, or how one is made.

    Attributes:
        name: by which results go.
        about: what it is, in words.
        text: what the user wrote.
        path: where it lies; None where it is made.
        make: gives its bytes.
        content: what decides about them, besides code.
        size: (height, width) that it is made for; None of a file.
        accuracy: where it is known.
        baseline: whether others are measured against it.
    """

    name: str
    about: str
    text: str = ""
    path: Path | None = None
    make: Callable[[], bytes] | None = None
    content: tuple[str, ...] = ()
    size: tuple[int, int] | None = None
    accuracy: Accuracy | None = None
    baseline: bool = False


@dataclass(frozen=True)
class Making:
    """What a model is made with.

    Attributes:
        size: (height, width) in pixels; None for what its weights are for, else 224.
        images: folder or archive that 8-bit ranges are taken from; None for the photograph.
        count: how many of them.
    """

    size: tuple[int, int] | None = None
    images: Path | None = None
    count: int = 64


def is_file(text: str) -> bool:
    """Whether a file is meant, and not a name."""
    return text.endswith(".tflite") or "/" in text or Path(text).is_file()


def subject(text: str, known: Iterable[str], making: Making | None = None) -> Subject:
    """The file of that path, or a model by NAME or NAME:PRECISION.

    Arguments:
        text: what the user wrote. Names go with and without underscores.
        known: names of the zoo's models.
        making: of models.

    Raises:
        ValueError: no such file, name or precision; or a precision that the model has not.
    """
    if is_file(text):
        path = Path(text)
        if not path.is_file():
            raise ValueError(f"no file {text}")
        return Subject(path.stem, path.name, text, path)
    name, colon, precision = text.partition(":")
    name = _known(name, [*known, RESNET, *presets()])
    preset = _preset(name)
    model = preset.model if preset else name
    if not colon:
        precision = FLOAT if model in FULL_PRECISION else BINARY
    if precision not in PRECISIONS:
        raise unknown("precision", precision, PRECISIONS)
    if precision == BINARY and model in FULL_PRECISION:
        raise ValueError(f"{model} is a full-precision model: expected float32, int8 or dynamic")
    made = f"{name}:{precision}" if colon else name
    return replace(_made(made, model, preset, precision, making or Making()), text=text)


def all_subjects(
    models: Iterable[str], baselines: Iterable[str], known: Iterable[str], making: Making
) -> tuple[Subject, ...]:
    """Models and what they are measured against, each once; see `subject`.

    Without `making.size` baselines are made at the models' own, where these have one in common.
    """
    found = [subject(text, known, making) for text in models]
    rivals = [subject(text, known, making) for text in baselines]  # wrong names cost no reading
    if rivals and making.size is None:
        sizes = {each.size if each.path is None else _size_of(each.path) for each in found}
        sized = replace(making, size=sizes.pop() if len(sizes) == 1 else None)
        rivals = [subject(text, known, sized) for text in baselines]
    return distinct([*found, *(replace(rival, baseline=True) for rival in rivals)])


def _size_of(path: Path) -> tuple[int, int] | None:
    """(height, width) that a file takes; None of one that takes no images, or is damaged."""
    from larq_bvit.bench.subjects.facts import input_of

    try:
        shape = input_of(path.read_bytes()).shape
    except (OSError, ValueError):
        return None  # its measurement says why
    return (shape[1], shape[2]) if len(shape) == 4 else None


def distinct(subjects: Iterable[Subject]) -> tuple[Subject, ...]:
    """Each once; files of the same name, of different folders, are told apart by numbers."""
    found: dict[str, Subject] = {}
    for each in subjects:
        name, number = each.name, 1
        while name in found and (found[name].path, found[name].about) != (each.path, each.about):
            number += 1
            name = f"{each.name}_{number}"
        same = found.get(name, each)
        found[name] = replace(same, name=name, baseline=same.baseline or each.baseline)
    return tuple(found.values())


def _known(name: str, names: list[str]) -> str:
    bare = {known.replace("_", ""): known for known in names}
    found = bare.get(name.replace("_", "").lower())
    if found is None:
        raise unknown("model", name, sorted(names))
    return found


def _preset(name: str) -> Preset | None:
    """Of that name, or the default one of the model of that name."""
    every = presets()
    found = (p for p in every.values() if p.default and p.model == name)
    return every.get(name) or next(found, None)


def _made(name: str, model: str, preset: Preset | None, precision: str, making: Making) -> Subject:
    own = preset.input_shape[:2] if preset else _SIZE
    size = making.size or own
    classes = preset.num_classes if preset else _CLASSES
    trained = preset if precision == BINARY else None  # a twin has its size, and random weights
    images = f", ranges of {_images(making)}" if precision == INTEGER else ""
    weights = f"weights {trained.name}" if trained else "random weights"
    about = f"{model} at {size[0]}x{size[1]}, {classes} classes, {weights}, {PRECISIONS[precision]}"
    accuracy = trained and size == own and Accuracy(trained.top_1, trained.images, trained.dataset)
    return Subject(
        name=name,
        about=about + images,
        make=lambda: _tflite(_build(model, trained, size, classes), model, precision, making),
        content=(
            about + images,
            trained.sha256 if trained else "",
            _fingerprint(precision, making),
        ),
        size=size,
        accuracy=accuracy or None,
    )


def _fingerprint(precision: str, making: Making) -> str:
    from larq_bvit.bench.subjects.images import fingerprint

    return fingerprint(making.images) if precision == INTEGER else ""


def _images(making: Making) -> str:
    from larq_bvit.bench.subjects.images import describe

    return describe(making.images, making.count)


def _tflite(network: tf.keras.Model, model: str, precision: str, making: Making) -> bytes:
    from larq_bvit.bench.subjects import precision as precisions
    from larq_bvit.bench.subjects.images import load_images

    if precision == BINARY:
        from larq_bvit import convert

        return convert.to_tflite(network, verify=False)
    if model not in FULL_PRECISION:
        from larq_bvit.train.binarity import with_binary

        network = with_binary(network, "nothing")
    if precision == FLOAT:
        return precisions.float_tflite(network)
    if precision == DYNAMIC:
        return precisions.dynamic_tflite(network)
    images = load_images(making.images, making.count, network.input_shape[1:3])
    try:
        return precisions.integer_tflite(network, images)
    except ValueError as error:
        raise ValueError(
            f"TensorFlow's converter can't make {model} all of 8 bits ({str(error)[:120]}...); "
            f"take {model}:{DYNAMIC}, whose products are of 8 bits"
        ) from error


def _build(
    model: str, trained: Preset | None, size: tuple[int, int], classes: int
) -> tf.keras.Model:
    """Logits; always the same weights."""
    import tensorflow as tf

    from larq_bvit import zoo
    from larq_bvit.bench.subjects.random_weights import as_after_training
    from larq_bvit.bench.subjects.resnet import resnet_18

    tf.keras.backend.clear_session()
    tf.keras.utils.set_random_seed(1)
    if model == RESNET:
        return as_after_training(resnet_18(size, classes))
    network = zoo.create(
        model,
        input_shape=(*size, 3),
        num_classes=classes,
        pretrained=trained.name if trained else False,
        classifier_activation=None,
    )
    return network if trained else as_after_training(network)
