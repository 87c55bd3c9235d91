"""Binary vision transformers and other binary networks for Keras and Larq.

Importing this package selects the legacy Keras that Larq needs, before TensorFlow is
loaded, and nothing else: TensorFlow itself is imported by the subpackage that needs it,
on first use. `larq_bvit.zoo`, `larq_bvit.convert` and the others resolve lazily.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from larq_bvit._collector import lasting_import
from larq_bvit._legacy_keras import use_legacy_keras

__version__ = "0.1.0"

# None of them imports a later one.
_SUBPACKAGES = ("layers", "zoo", "convert", "train", "runtime", "bench", "cards", "explain", "cli")

use_legacy_keras()


def __getattr__(name: str) -> ModuleType:
    """Imports the subpackage `name` on first use (PEP 562).

    Raises:
        AttributeError: there is no such subpackage.
    """
    full_name = f"{__name__}.{name}"
    if name in _SUBPACKAGES and find_spec(full_name) is not None:
        with lasting_import():  # most of them import TensorFlow
            return import_module(full_name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    present = (name for name in _SUBPACKAGES if find_spec(f"{__name__}.{name}") is not None)
    return sorted({*globals(), *present})
