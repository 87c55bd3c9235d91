"""The runtime that loads the delegate: LiteRT when it is installed, else TensorFlow's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

from larq_bvit._extras import version_of


@dataclass(frozen=True)
class Backend:
    """A TFLite runtime for Python.

    Attributes:
        name: with its version.
        interpreter: its class of interpreters.
        load_delegate: path of a library and options -> a delegate.
        plain: type of operators without delegates of the runtime's own, XNNPACK above all.
    """

    name: str
    interpreter: Callable[..., Any]
    load_delegate: Callable[..., Any]
    plain: Any


def litert() -> Backend:
    """LiteRT.

    Raises:
        ImportError: it is not installed, or fails to import.
    """
    module = import_module("ai_edge_litert.interpreter")
    return _backend("LiteRT", "ai-edge-litert", module)


def tensorflow_lite() -> Backend:
    """The runtime inside TensorFlow, whose import takes seconds.

    Raises:
        ImportError: TensorFlow is not installed, or fails to import.
    """
    module = import_module("tensorflow.lite.python.interpreter")
    return _backend("TensorFlow Lite", "tensorflow", module)


def _backend(name: str, distribution: str, module: ModuleType) -> Backend:
    return Backend(
        name=f"{name} {version_of(distribution) or 'of unknown version'}",
        interpreter=module.Interpreter,
        load_delegate=module.load_delegate,
        plain=module.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )


BACKENDS = (litert, tensorflow_lite)


def backend() -> Backend:
    """The first runtime that can be imported.

    Raises:
        ImportError: none can; holds the reasons.
    """
    reasons = []
    for load in BACKENDS:
        try:
            return load()
        except ImportError as error:
            reasons.append(str(error))
    raise ImportError(
        f"no TFLite runtime can be imported ({'; '.join(reasons)}); install one with: "
        f'pip install "larq_bvit[litert]"'
    )
