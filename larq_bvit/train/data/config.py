"""What to train on, and how images are augmented: plain, checked values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from larq_bvit.train.data import checks

Crop = Literal["resized", "padded", "centre"]
Interpolation = Literal["bilinear", "bicubic"]


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """What happens to a training image, in the order of the fields; the default is BinaryViT's.

    Attributes:
        crop: "resized", a random box resized to the image size (Inception's); "padded", the
            whole image resized, then shifted by up to `padding` pixels with black behind
            (CIFAR's); "centre", as in evaluation.
        scale: the box's share of the image's area, from and to.
        ratio: the box's width / height, from and to (uniform in the logarithm), as multiples of
            the image size's, which it is resized to.
        padding: in pixels of the final size.
        interpolation: of the resized box, antialiased in both cases.
        rand_augment: how many random operations (Cubuk et al. 2020, arXiv 1909.13719).
        magnitude: their strength, 0 to 30.
        flip: probability of the mirror image.
        jitter: brightness, contrast and saturation each change by a factor of up to 1 +- this,
            in random order; 0.4 in each is customary.
        lighting: standard deviation of the noise along the principal components of ImageNet's
            colours (Krizhevsky et al. 2012, Sec. 4.1); 0.1 is customary.
        erasing: probability that a random box is replaced by ImageNet's mean colour
            (Zhong et al. 2017, arXiv 1708.04896).
        mixup: alpha of MixUp (Zhang et al. 2017, arXiv 1710.09412), 0 for none; 0.2 to 0.8.
        cutmix: alpha of CutMix (Yun et al. 2019, arXiv 1905.04899), 0 for none; 1 is customary.
            With both, either comes with probability 1/2. Labels are mixed like the images.
    """

    crop: Crop = "resized"
    scale: tuple[float, float] = (0.08, 1.0)
    ratio: tuple[float, float] = (3 / 4, 4 / 3)
    padding: int = 4
    interpolation: Interpolation = "bilinear"
    rand_augment: int = 0
    magnitude: float = 9
    flip: float = 0.5
    jitter: tuple[float, float, float] = (0.0, 0.0, 0.0)
    lighting: float = 0.0
    erasing: float = 0.0
    mixup: float = 0.0
    cutmix: float = 0.0

    def __post_init__(self) -> None:
        checks.one_of("crop", self.crop, get_args(Crop))
        checks.one_of("interpolation", self.interpolation, get_args(Interpolation))
        checks.interval("scale", self.scale, upper=1.0)
        checks.interval("ratio", self.ratio)
        checks.whole("padding", self.padding)
        checks.whole("rand_augment", self.rand_augment)
        checks.number("magnitude", self.magnitude, upper=30)
        for name in ("flip", "erasing"):
            checks.number(name, getattr(self, name), upper=1)
        checks.numbers("jitter", self.jitter, 3)
        for value in self.jitter:
            checks.number("jitter", value, upper=1)
        for name in ("lighting", "mixup", "cutmix"):
            checks.number(name, getattr(self, name))

    def box_ratio(self, size: tuple[int, int]) -> tuple[float, float]:
        """Width / height of boxes that are resized to (height, width), from and to."""
        low, high = self.ratio
        return low * size[1] / size[0], high * size[1] / size[0]

    @property
    def mixes(self) -> bool:
        """Whether images are mixed with each other, and labels soft."""
        return self.mixup > 0 or self.cutmix > 0


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """Which images, in which batches.

    Attributes:
        dataset: `tiny_imagenet`, a name of TensorFlow Datasets with version and split where
            wanted (`imagenet2012`, `cifar10/3.*.*:train[:90%]`; the split is "train" without
            one), or `folder:PATH` (see `folder.py`).
        evaluation: the same for evaluation; without it the data set's own validation split, or
            its test split where it has none.
        size: (height, width) in pixels.
        batch_size: of one step, all workers together.
        eval_batch_size: of one evaluation batch of one worker; without it the worker's part of
            `batch_size`.
        augmentation: of the training images.
        seed: of order and augmentation.
        shard: (index, count) of this worker. The batches of all workers, one after another,
            are exactly the batch of a single worker; evaluation is split without overlap.
        max_corrupt: how many images may be unreadable before training or evaluation stops.
        data_dir: where TensorFlow Datasets keeps its files.
        manual_dir: where it finds what you downloaded yourself; for `tiny_imagenet` an archive
            (.zip, .tar.xz, ...) or a folder.
        holdout: share of a folder without a validation set that is kept for evaluation.
        memory: bytes of encoded images up to which a split is kept in memory.
        shuffle_window: how many examples, near each other on disk, are shuffled together;
            without it all of them. For data sets on disks that seek slowly.
        parallel: how many threads decode; without it TensorFlow decides. No influence on the
            batches.
    """

    dataset: str
    size: tuple[int, int]
    batch_size: int
    evaluation: str | None = None
    eval_batch_size: int | None = None
    augmentation: Augmentation = Augmentation()
    seed: int = 0
    shard: tuple[int, int] = (0, 1)
    max_corrupt: int = 0
    data_dir: str | None = None
    manual_dir: str | None = None
    holdout: float = 0.1
    memory: int = 2**30
    shuffle_window: int | None = None
    parallel: int | None = None

    def __post_init__(self) -> None:
        checks.numbers("size", self.size, 2)
        for side in self.size:
            checks.whole("size", side, lower=1)
        for name in ("batch_size", "eval_batch_size", "shuffle_window", "parallel"):
            if getattr(self, name) is not None:
                checks.whole(name, getattr(self, name), lower=1)
        for name in ("seed", "max_corrupt", "memory"):
            checks.whole(name, getattr(self, name))
        checks.number("holdout", self.holdout, upper=1)
        checks.numbers("shard", self.shard, 2)
        index, count = self.shard
        if not 0 <= index < count:
            raise ValueError(f"expected shard (index, count), 0 <= index < count; got {self.shard}")
        if self.batch_size % count:
            raise ValueError(f"expected a batch_size in {count} equal parts; got {self.batch_size}")
        if self.augmentation.mixes and self.local_batch_size % 2:
            raise ValueError(
                "mixup and cutmix work on pairs: expected an even batch per worker; "
                f"got {self.local_batch_size}"
            )

    @property
    def local_batch_size(self) -> int:
        """Of one step of this worker."""
        return self.batch_size // self.shard[1]
