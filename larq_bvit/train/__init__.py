"""Training: data, and what learns from it.

The settings are plain data and import nothing heavy; what needs TensorFlow is imported on
first use.
"""

from typing import TYPE_CHECKING, Any

from larq_bvit.train.data.config import Augmentation, DataConfig

if TYPE_CHECKING:
    from larq_bvit.train.data.load import Data, load_data

__all__ = ["Augmentation", "Data", "DataConfig", "load_data"]


def __getattr__(name: str) -> Any:
    if name in ("Data", "load_data"):
        from larq_bvit.train.data import load

        return getattr(load, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
