"""Images that cannot be read: counted, named, and at some point too many."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock

import tensorflow as tf

from larq_bvit.train.data.source import Source

# What TensorFlow puts around its messages: {{function_node ...}} and [Op:DecodeImage].
_PLUMBING = re.compile(r"\{\{.*?\}\}|\[Op:.*?\].*")
_log = logging.getLogger(__name__)


class CorruptImages:
    """The corrupt images of one source, found so far.

    Attributes:
        names: of these images, in the order in which they were found.
    """

    def __init__(self, source: Source, limit: int) -> None:
        self.names: list[str] = []
        self._source, self._limit = source, limit
        self._known: set[int] = set()
        self._lock = Lock()  # TensorFlow's threads report

    def add(self, index: int) -> None:
        """Notes and logs an image, once.

        Raises:
            ValueError: there are more than `limit`; it names them all.
        """
        with self._lock:
            if index not in self._known:
                self._known.add(index)
                self.names.append(f"{self._source.name(index)} ({_reason(self._source, index)})")
                _log.warning("skipping a corrupt image: %s", self.names[-1])
            if self.too_many:
                raise ValueError(self.too_many)

    @property
    def too_many(self) -> str:
        """What to say of more than `limit` of them, else nothing."""
        if len(self.names) <= self._limit:
            return ""
        return (
            f"expected at most max_corrupt={self._limit} corrupt images; got {len(self.names)}: "
            f"{'; '.join(self.names)}"
        )


@contextmanager
def explained(corrupt: Mapping[str, CorruptImages], hint: str = "") -> Iterator[None]:
    """Says what a pipeline says of too many corrupt images, without TensorFlow's wrapping.

    Arguments:
        hint: what to say after it.

    Raises:
        ValueError: there were more than their source's limit; it names them all.
    """
    try:
        yield
    except tf.errors.InvalidArgumentError as error:
        found = [images.too_many for images in corrupt.values() if images.too_many]
        if not found:
            raise
        raise ValueError("; ".join(found) + hint) from error


def _reason(source: Source, index: int) -> str:
    encoded, _ = source[index]
    if not encoded:
        return "empty or unreadable"
    try:
        tf.io.decode_image(encoded, expand_animations=False)
    except tf.errors.InvalidArgumentError as error:
        return _PLUMBING.sub("", error.message.splitlines()[0]).strip()
    return "decodes, but not to an image to crop"
