"""How many images per second the input pipeline makes, without a model.

    python -m benchmarks.input_pipeline --dataset tiny_imagenet --size 64
    python -m benchmarks.input_pipeline --dataset folder:images --size 224 --only plain,published

Every row is one augmentation, timed in rounds that take turns, because other work on the machine
comes and goes: the median round, processor time per image (all threads), and that over the plain
row's. Training must not wait, so the pipeline should make at least three
times what the model takes.
"""

import itertools
import os
import statistics
import time
from dataclasses import replace
from typing import Annotated

import typer

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from larq_bvit.train import Augmentation, DataConfig  # noqa: E402

PLAIN = Augmentation(crop="padded", padding=0, flip=0)
ROWS = {
    "plain": PLAIN,
    "flip": replace(PLAIN, flip=0.5),
    "padded crop": replace(PLAIN, padding=4),
    "centre crop": replace(PLAIN, crop="centre"),
    "resized crop": replace(PLAIN, crop="resized"),
    "bicubic crop": replace(PLAIN, crop="resized", interpolation="bicubic"),
    "jitter": replace(PLAIN, jitter=(0.4, 0.4, 0.4)),
    "lighting": replace(PLAIN, lighting=0.1),
    "erasing": replace(PLAIN, erasing=0.25),
    "mixup": replace(PLAIN, mixup=0.2),
    "cutmix": replace(PLAIN, cutmix=1.0),
    "rand_augment x1": replace(PLAIN, rand_augment=1),
    "rand_augment x2": replace(PLAIN, rand_augment=2),
    "published": Augmentation(),
    "all of them": Augmentation(
        rand_augment=2, jitter=(0.4, 0.4, 0.4), lighting=0.1, erasing=0.25, mixup=0.8, cutmix=1.0
    ),
}


class Head:
    """The first images of a source: every row keeps a copy of them."""

    def __init__(self, source, images: int) -> None:
        self._source, self._count = source, min(len(source), images)
        self.classes, self.name = source.classes, source.name
        self.nbytes = source.nbytes * self._count // len(source)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> tuple[bytes, int]:
        return self._source[index]


def main(
    dataset: Annotated[str, typer.Option(help="As in DataConfig.")],
    size: Annotated[str, typer.Option(help="Height and width in pixels: 64, or 64x96.")] = "64",
    batch: Annotated[int, typer.Option(help="Images per batch.")] = 64,
    rounds: Annotated[int, typer.Option(help="How often every row is timed.")] = 5,
    images: Annotated[int, typer.Option(help="Per round, in whole batches.")] = 2048,
    only: Annotated[str, typer.Option(help="Names of rows, with commas.")] = ",".join(ROWS),
    memory: Annotated[int, typer.Option(help="As in DataConfig; 0 streams.")] = 2**30,
    parallel: Annotated[int, typer.Option(help="As in DataConfig; 0 is automatic.")] = 0,
    data_dir: Annotated[str | None, typer.Option(help="As in DataConfig.")] = None,
    manual_dir: Annotated[str | None, typer.Option(help="As in DataConfig.")] = None,
) -> None:
    """Time the input pipeline."""
    from larq_bvit.cli.common import parse_size
    from larq_bvit.train.data.load import Data
    from larq_bvit.train.data.sources import open_sources

    config = DataConfig(
        dataset=dataset,
        size=parse_size(size),
        batch_size=batch,
        memory=memory,
        parallel=parallel or None,
        data_dir=data_dir,
        manual_dir=manual_dir,
    )
    steps = max(1, images // batch)
    # evaluation's, which is not read, in one image
    counts = max(steps * batch, 4 * batch), 1
    sources = [Head(*pair) for pair in zip(open_sources(config), counts, strict=True)]
    runs = {}
    for name in only.split(","):
        if name not in ROWS:
            raise typer.BadParameter(f"expected rows among {', '.join(ROWS)}; got {name!r}")
        batches = iter(Data(replace(config, augmentation=ROWS[name]), *sources).train())
        runs[name] = (batches, [], [])
        consume(batches, 4)  # traced, and threads started
    for _ in range(rounds):
        for batches, walls, processors in runs.values():
            consume(batches, max(2, steps // 2))  # what was prepared while others were timed
            wall, processor = time.perf_counter(), time.process_time()
            consume(batches, steps)
            walls.append((time.perf_counter() - wall) / (steps * batch))
            processors.append((time.process_time() - processor) / (steps * batch))
    show(runs, f"{dataset}, {size} pixels, batches of {batch}")


def consume(batches, count: int) -> None:
    for _ in itertools.islice(batches, count):
        pass


def show(runs, title: str) -> None:
    from rich.table import Table

    from larq_bvit.cli.common import console

    table = Table(box=None)
    for heading in ("", "images/s", "processor us/image", "of plain"):
        table.add_column(heading, justify="left" if not heading else "right")
    medians = {name: statistics.median(processors) for name, (_, _, processors) in runs.items()}
    for name, (_, walls, _) in runs.items():
        share = f"{medians[name] / medians['plain']:.2f}" if "plain" in medians else ""
        rate = 1 / statistics.median(walls)
        table.add_row(name, f"{rate:,.0f}", f"{medians[name] * 1e6:,.0f}", share)
    typer.echo(title)
    console().print(table)


if __name__ == "__main__":
    typer.run(main)
