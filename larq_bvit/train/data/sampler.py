"""Which images make up a step, and the random numbers that augment them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

# In its place in the entropy, it keeps the two kinds of random streams apart.
_ORDER, _AUGMENTATION = 0, 1
_BLOCKS_PER_WINDOW = 16


class Sample(NamedTuple):
    """One step of one worker."""

    indices: np.ndarray  # int64 (B,), into the source
    draws: np.ndarray  # float32 (B, width), uniform in [0, 1)


class Sampler:
    """The endless sequence of training steps, each a function of (seed, step) alone.

    An epoch visits every example once, in an order of its own; what does not fill a last batch
    is left out (other examples in every epoch).
    """

    def __init__(
        self,
        *,
        examples: int,
        batch_size: int,
        width: int,
        seed: int = 0,
        shard: tuple[int, int] = (0, 1),
        window: int | None = None,
    ) -> None:
        """For `width` random numbers per image; the other arguments are `DataConfig`'s.

        Raises:
            ValueError: there are fewer examples than a batch holds.
        """
        if examples < batch_size:
            raise ValueError(
                f"expected at least one batch of {batch_size} examples, data.batch_size; got "
                f"{examples}"
            )
        self.steps_per_epoch = examples // batch_size
        self._examples, self._batch_size, self._width = examples, batch_size, width
        self._seed, self._window = seed, window
        index, count = shard
        local = batch_size // count
        self._part = slice(index * local, (index + 1) * local)
        self._latest: tuple[int, np.ndarray] | None = None

    def __call__(self, step: int) -> Sample:
        """This worker's part of the batch of `step`, counted over all epochs from 0."""
        epoch, place = divmod(step, self.steps_per_epoch)
        start = place * self._batch_size
        indices = self._order(epoch)[start : start + self._batch_size]
        # The whole batch's, so that a worker's do not depend on how many workers there are.
        shape = self._batch_size, self._width
        draws = self._generator(_AUGMENTATION, step).random(shape, np.float32)
        return Sample(indices[self._part], draws[self._part])

    def _order(self, epoch: int) -> np.ndarray:
        if self._latest is None or self._latest[0] != epoch:
            generator = self._generator(_ORDER, epoch)
            self._latest = epoch, shuffled(self._examples, generator, self._window)
        return self._latest[1]

    def _generator(self, stream: int, number: int) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence(self._seed, spawn_key=(stream, number)))


def shuffled(
    examples: int, generator: np.random.Generator, window: int | None = None
) -> np.ndarray:
    """A permutation of range(examples), int64.

    With `window` it reads storage in pieces: blocks of window / 16 consecutive examples come in
    random order, and 16 blocks at a time are mixed, so that the disk seeks once per block.
    """
    if window is None or window >= examples:
        return generator.permutation(examples)
    size = max(1, window // _BLOCKS_PER_WINDOW)
    blocks = np.split(np.arange(examples), range(size, examples, size))
    order = np.concatenate([blocks[k] for k in generator.permutation(len(blocks))])
    for start in range(0, examples, window):
        generator.shuffle(order[start : start + window])
    return order
