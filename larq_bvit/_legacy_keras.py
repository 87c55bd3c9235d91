"""Selects tf_keras as `tf.keras`: Larq 0.14 cannot be imported under Keras 3.

TensorFlow 2.16 to 2.19 reads `TF_USE_LEGACY_KERAS` twice: once while it is imported
(which stays in `tensorflow._tf_uses_legacy_keras`) and again when `tf.keras` is first
touched. Both reads have to find a true value, so the checks here look at both, without
importing TensorFlow or making it load a Keras.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType

_VARIABLE = "TF_USE_LEGACY_KERAS"
# TensorFlow compares with exactly these; "TRUE" or "yes" mean Keras 3 to it.
_TRUE_VALUES = ("1", "true", "True")


def use_legacy_keras() -> None:
    """Sets `TF_USE_LEGACY_KERAS=1` in this process unless it is set already.

    Raises:
        ImportError: the variable asks for Keras 3, or TensorFlow has been imported with it.
    """
    value = os.environ.get(_VARIABLE)
    if value is not None and value not in _TRUE_VALUES:
        raise ImportError(
            f"larq_bvit needs legacy Keras (tf_keras), but the environment has "
            f"{_VARIABLE}={value!r}, which TensorFlow reads as Keras 3; "
            f"unset it or set {_VARIABLE}=1, then start Python again"
        )
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is not None and _has_keras_3(tensorflow):
        raise ImportError(
            "larq_bvit needs legacy Keras (tf_keras), but TensorFlow has already been imported "
            f"with Keras 3; import larq_bvit before tensorflow or export {_VARIABLE}=1, "
            "then start Python again"
        )
    os.environ[_VARIABLE] = value or "1"


def _has_keras_3(tensorflow: ModuleType) -> bool:
    """Whether an imported TensorFlow has settled on Keras 3, at import or at first use."""
    # vars(), because getattr() on TensorFlow's lazy Keras would load one.
    attributes = vars(tensorflow)
    if attributes.get("_tf_uses_legacy_keras") is False:
        return True
    keras = attributes.get("keras")
    # Still the lazy loader: no `__name__` yet, or none that belongs to a Keras.
    name = str(vars(keras).get("__name__", "")) if keras is not None else ""
    return name == "keras" or name.startswith("keras.")
