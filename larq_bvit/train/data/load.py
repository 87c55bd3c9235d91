"""A data set, ready for training and evaluation."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.train.data import draws
from larq_bvit.train.data.augment import augment_batch, image_augmenter, normalise
from larq_bvit.train.data.config import Augmentation, DataConfig
from larq_bvit.train.data.corrupt import CorruptImages
from larq_bvit.train.data.decode import train_decoder
from larq_bvit.train.data.examples import decoder, readable
from larq_bvit.train.data.sampler import Sampler
from larq_bvit.train.data.source import Source, fetcher
from larq_bvit.train.data.sources import open_sources

Pair = tuple[tf.Tensor, tf.Tensor]
# Examples decoded in one call: few enough to share a batch between cores, and enough to make
# the cost of a call small (it is about 0.2 ms).
_TOGETHER = 16
_ENDLESS = np.iinfo(np.int64).max


class Data:
    """Batches of (images, labels): float32 (B, H, W, 3) normalised, and float32 (B, classes).

        data = load_data(DataConfig(dataset="cifar10", size=(32, 32), batch_size=128))
        model.fit(data.train(), steps_per_epoch=data.steps_per_epoch,
                  validation_data=data.evaluation())

    Attributes:
        config: what was asked for.
        classes: names, in the order of the labels.
        train_examples, eval_examples: of all workers together, corrupt ones included.
        steps_per_epoch: training steps that visit every example once, but for the rest that
            does not fill a batch.
        eval_batch_size: of an evaluation batch of this worker.
        corrupt: the corrupt images found so far, of training and of evaluation.
    """

    def __init__(self, config: DataConfig, train: Source, evaluation: Source) -> None:
        """For two sources of the same classes; `load_data` opens them."""
        self.config = config
        self.classes = train.classes
        self.train_examples, self.eval_examples = len(train), len(evaluation)
        self.corrupt = {
            "train": CorruptImages(train, config.max_corrupt),
            "evaluation": CorruptImages(evaluation, config.max_corrupt),
        }
        if config.max_corrupt >= len(train):
            raise ValueError(
                f"expected max_corrupt below the {len(train)} examples; got {config.max_corrupt}"
            )
        self._width = sum(draws.widths(config.augmentation.rand_augment).values())
        self._sampler = Sampler(
            examples=len(train),
            batch_size=config.batch_size,
            width=self._width,
            seed=config.seed,
            shard=config.shard,
            window=config.shuffle_window,
        )
        self.steps_per_epoch = self._sampler.steps_per_epoch
        self.eval_batch_size = config.eval_batch_size or config.local_batch_size
        self._fetch_train = fetcher(train, config.memory)
        self._fetch_eval = fetcher(evaluation, config.memory)

    def train(self, step: int = 0, epoch: int = 0) -> tf.data.Dataset:
        """Augmented batches without end, from `step` of `epoch` on; `step` may exceed an epoch.

        They are those that an uninterrupted run sees from there, and nothing before them is
        read. This worker's part of them: (batch_size / workers, H, W, 3).
        """
        start = epoch * self.steps_per_epoch + step
        size, augmentation = self.config.size, self.config.augmentation
        decode = decoder(
            self._fetch_train,
            image_augmenter(size, augmentation),
            self.corrupt["train"],
            size=size,
            width=self._width,
            examples=self.train_examples,
            candidates=self.config.max_corrupt + 1,
        )
        samples = tf.data.Dataset.range(start, _ENDLESS).map(self._sample).rebatch(_TOGETHER)
        examples = self._parallel(samples, decode)
        batches = examples.rebatch(self.config.local_batch_size, drop_remainder=True)
        return self._parallel(batches, self._augmented).prefetch(tf.data.AUTOTUNE)

    def evaluation(self) -> tf.data.Dataset:
        """Every example of this worker once, in the source's order; the last batch is smaller."""
        index, count = self.config.shard
        size, batch_size = self.config.size, self.eval_batch_size
        indices = np.arange(index, self.eval_examples, count)
        decode = decoder(
            self._fetch_eval,
            train_decoder(size, Augmentation(crop="centre")),
            self.corrupt["evaluation"],
            size=size,
            width=0,
            examples=self.eval_examples,
            candidates=1,
        )
        no_draws = np.zeros((len(indices), 0), np.float32)
        samples = tf.data.Dataset.from_tensor_slices((indices, no_draws)).batch(_TOGETHER)
        batches = self._parallel(samples, decode).map(readable).rebatch(batch_size)
        batches = batches.map(_as_it_is(self._normalised)).prefetch(tf.data.AUTOTUNE)
        if self.config.max_corrupt:
            return batches  # their number is not known before
        return batches.apply(
            tf.data.experimental.assert_cardinality(ceil(len(indices) / batch_size))
        )

    def _sample(self, step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        indices, numbers = tf.numpy_function(self._sampler, [step], [tf.int64, tf.float32])
        local = self.config.local_batch_size
        return tf.ensure_shape(indices, (local,)), tf.ensure_shape(numbers, (local, self._width))

    def _augmented(self, images: tf.Tensor, labels: tf.Tensor, numbers: tf.Tensor) -> Pair:
        soft = tf.one_hot(labels, len(self.classes))
        return augment_batch(images, soft, numbers, self.config.augmentation)

    def _normalised(self, images: tf.Tensor, labels: tf.Tensor, _: tf.Tensor) -> Pair:
        return normalise(images), tf.one_hot(labels, len(self.classes))

    def _parallel(self, dataset: tf.data.Dataset, function: Callable[..., Any]) -> tf.data.Dataset:
        return dataset.map(
            _as_it_is(function),
            num_parallel_calls=self.config.parallel or tf.data.AUTOTUNE,
            deterministic=True,
        )


# Nothing here branches on tensors in Python; to look for that takes longer than tracing does.
_as_it_is = tf.autograph.experimental.do_not_convert


def load_data(config: DataConfig) -> Data:
    """Opens a data set, downloading and preparing it where that is still to do.

    Raises:
        ImportError: the data set needs TensorFlow Datasets, which is not installed.
        ValueError: there is no such data set, split or class; training and evaluation have
            different classes; or there is less than one batch.
    """
    return Data(config, *open_sources(config))
