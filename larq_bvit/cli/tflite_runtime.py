"""What runs a .tflite: the native delegate in a stock runtime, or Larq Compute Engine."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from larq_bvit._quiet import hidden_stderr, import_tensorflow

if TYPE_CHECKING:
    from larq_bvit.train.classifier import Classifier

_LCE, _DELEGATE = "lce", "delegate"

Runtime = Annotated[
    str | None,
    typer.Option(
        "--runtime",
        metavar="NAME",
        help="Of a .tflite: delegate (native, fast) or lce (Larq Compute Engine's interpreter); "
        "the delegate where it is installed.",
    ),
]


@dataclass(frozen=True)
class Opened:
    """A .tflite that classifies, loaded.

    Attributes:
        runtime: what runs it, in words.
        class_names: those that the file holds, where they are as many as the classes; else numbers,
            but None for as many as ImageNet's.
    """

    classifier: "Classifier"
    runtime: str
    class_names: list[str] | None


def is_tflite(model: str) -> bool:
    """Whether the user means such a file."""
    return Path(model).suffix == ".tflite"


def check_runtime(model: str | None, runtime: str | None) -> None:
    """Refuses a runtime that is none, or for what is no .tflite.

    Raises:
        ValueError: says which.
    """
    if runtime not in (None, _LCE, _DELEGATE):
        raise ValueError(f"expected --runtime to be {_DELEGATE} or {_LCE}; got {runtime!r}")
    if runtime is not None and not is_tflite(model or ""):
        raise ValueError("--runtime is for a .tflite; other models run in Keras")


def open_tflite(file: Path, runtime: str | None, threads: int = 1) -> Opened:
    """A file in the runtime of that name, or in the best one that is installed.

    Raises:
        OSError: it can't be read.
        ValueError: it is no .tflite, or no classifier of images.
        ImportError: the runtime is missing.
    """
    tflite = file.read_bytes()
    import_tensorflow()
    with hidden_stderr():
        from larq_bvit.train.classifier import tflite_classifier

        interpreter = _interpreter(tflite, runtime, threads)
        classifier = tflite_classifier(tflite, threads, interpreter=interpreter)
    names = None if classifier.class_names is None else list(classifier.class_names)
    if names is None and classifier.classes != 1000:
        names = [str(i) for i in range(classifier.classes)]
    name = "Larq Compute Engine" if interpreter is None else f"{interpreter.runtime}, by delegate"
    return Opened(classifier, name, names)


def _interpreter(tflite: bytes, runtime: str | None, threads: int) -> Any | None:
    """The delegate's; None for LCE's own."""
    if runtime == _LCE:
        return None
    from larq_bvit.runtime import Interpreter, delegate_path

    if runtime is None:
        try:
            delegate_path()
        except ImportError:
            return None
    return Interpreter(tflite, threads=threads)
