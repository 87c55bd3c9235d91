"""Keras callbacks of a run that survives, in the order in which `fit` must have them."""

from larq_bvit.train.callbacks.checkpointing import Checkpointing
from larq_bvit.train.callbacks.history import History, read_history
from larq_bvit.train.callbacks.progress_display import ProgressDisplay
from larq_bvit.train.callbacks.resume import Resume
from larq_bvit.train.callbacks.stop_on_not_finite import StopOnNotFinite
from larq_bvit.train.callbacks.tensorboard import TensorBoard

__all__ = [
    "Checkpointing",
    "History",
    "ProgressDisplay",
    "Resume",
    "StopOnNotFinite",
    "TensorBoard",
    "read_history",
]
