"""A data set to evaluate on alone, or a part of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from larq_bvit.train.data.config import Augmentation, DataConfig
from larq_bvit.train.data.load import Data
from larq_bvit.train.data.source import Source
from larq_bvit.train.data.sources import open_source


def evaluation_data(config: DataConfig, limit: int | None = None) -> Data:
    """The evaluation images of `config.evaluation`, or else of `config.dataset`.

    Training images are not looked at: there need be none. A split in the name is taken as it is.

    Arguments:
        limit: so many images, at equal distances: data sets are often sorted by class.

    Raises:
        ImportError, ValueError: as `load_data`.
    """
    source = open_source(config.evaluation or config.dataset, "evaluation", config)
    if limit is not None and limit < len(source):
        source = Part(source, limit)
    alone = replace(
        config,
        memory=0,  # read once, from where they are
        eval_batch_size=config.eval_batch_size or config.batch_size,
        batch_size=1,  # of a training that there is none of
        augmentation=Augmentation(),
        shard=(0, 1),
    )
    return Data(alone, source, source)


@dataclass(frozen=True)
class Part:
    """So many examples of a source, at equal distances, beginning with the first."""

    source: Source
    examples: int

    @property
    def classes(self) -> tuple[str, ...]:
        """All of the source's."""
        return self.source.classes

    @property
    def nbytes(self) -> int:
        """Estimated by their share."""
        return self.source.nbytes * self.examples // len(self.source)

    def __len__(self) -> int:
        return self.examples

    def __getitem__(self, index: int) -> tuple[bytes, int]:
        return self.source[self._place(index)]

    def name(self, index: int) -> str:
        """The source's."""
        return self.source.name(self._place(index))

    def _place(self, index: int) -> int:
        return index * len(self.source) // self.examples
