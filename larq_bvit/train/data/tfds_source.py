"""Sources from TensorFlow Datasets, our Tiny-ImageNet among them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from larq_bvit._extras import require

_NAMES = ("file_name", "id")  # features that tell a person which image it is
_OWN = "tiny_imagenet"


class TfdsSource:
    """A split, images encoded as they are stored."""

    def __init__(self, builder: Any, split: str, memory: int) -> None:
        """See `tfds_source`."""
        info = builder.info
        self._image, self._label = _features(builder)
        self._title = f"{info.full_name}:{split}"
        try:
            examples = info.splits[split].num_examples
        except (KeyError, ValueError) as error:
            known = ", ".join(sorted(info.splits))
            raise ValueError(f"{info.full_name} has no split {split!r}; known: {known}") from error
        self.classes = tuple(info.features[self._label].names)
        self.nbytes = round(info.dataset_size * examples / info.splits.total_num_examples)
        self._examples = self._open(builder, split, memory)
        if len(self) and self[0][1] < 0:
            raise ValueError(f"expected labelled images; those of {self._title} have no labels")

    def _open(self, builder: Any, split: str, memory: int) -> Sequence[dict[str, Any]]:
        """Random access to the files where they offer it, else to a copy in memory."""
        tfds = require("tensorflow_datasets", "data")
        encoded = {self._image: tfds.decode.SkipDecoding()}
        if builder.info.file_format in tfds.core.FileFormat.with_random_access():
            return builder.as_data_source(split, decoders=encoded)
        if self.nbytes > memory:
            raise ValueError(
                f"{self._title} is stored as {builder.info.file_format.value}, which has no random "
                f"access, and takes more than memory={memory:,} bytes; convert it with "
                "`tfds convert_format --out_file_format=array_record`"
            )
        # One file after another: the order in which they are stored.
        config = tfds.ReadConfig(interleave_cycle_length=1)
        dataset = builder.as_dataset(split, decoders=encoded, read_config=config)
        return list(tfds.as_numpy(dataset))

    def __len__(self) -> int:
        return len(self._examples)

    def __getitem__(self, index: int) -> tuple[bytes, int]:
        example = self._examples[index]
        return example[self._image], int(example[self._label])

    def name(self, index: int) -> str:
        example = self._examples[index]
        names = (example[feature] for feature in _NAMES if feature in example)
        name = next(names, b"")
        text = name.decode() if isinstance(name, bytes) else str(name)
        return f"{self._title}[{index}] {text}".strip()


def tfds_source(
    name: str, split: str, *, data_dir: str | None, manual_dir: str | None, memory: int
) -> TfdsSource:
    """Opens a split, after downloading and preparing the data set where that is still to do.

    Arguments:
        name: of the data set, with configuration and version where wanted.
        split: in TensorFlow Datasets' notation, such as `train[:90%]`; "evaluation" is
            `validation`, or `test` where there is none.
        data_dir, manual_dir, memory: see `DataConfig`.

    Raises:
        ImportError: TensorFlow Datasets is not installed.
        ValueError: no such split, no images with one label each, a large data set in a format
            without random access, or files that are missing or are not the expected ones.
    """
    builder = _prepared(name, data_dir, manual_dir)
    if split == "evaluation":
        split = "validation" if "validation" in builder.info.splits else "test"
    return TfdsSource(builder, split, memory)


def _prepared(name: str, data_dir: str | None, manual_dir: str | None) -> Any:
    tfds = require("tensorflow_datasets", "data")
    arguments = {}
    if re.split("[/:]", name)[0] == _OWN:
        from larq_bvit.train.data import tiny_imagenet  # noqa: F401  (its name becomes known)

        arguments = {"archive": manual_dir}
    builder = tfds.builder(name, data_dir=data_dir, **arguments)
    if not builder.is_prepared():
        # Array records can be read in any order; there is no package for Windows.
        file_format = "array_record" if find_spec("array_record") else None
        config = None
        if manual_dir and not arguments:
            config = tfds.download.DownloadConfig(manual_dir=manual_dir)
        try:
            builder.download_and_prepare(download_config=config, file_format=file_format)
        except _failures() as error:
            raise ValueError(
                f"can't prepare {name}: {error}\nWhat has to be downloaded by hand is looked for "
                "in data.manual_dir (--manual-dir)"
            ) from error
    return builder


def _failures() -> tuple[type[Exception], ...]:
    """What TensorFlow Datasets raises where files are missing or are not the expected ones."""
    tfds = require("tensorflow_datasets", "data")
    from tensorflow_datasets.core.download.download_manager import NonMatchingChecksumError

    return AssertionError, tfds.download.DownloadError, NonMatchingChecksumError


def _features(builder: Any) -> tuple[str, str]:
    """Names of the image and the label."""
    tfds = require("tensorflow_datasets", "data")
    keys, features = builder.info.supervised_keys, builder.info.features
    kinds = tuple(type(features[key]) for key in keys) if keys and len(keys) == 2 else ()
    if kinds != (tfds.features.Image, tfds.features.ClassLabel):
        raise ValueError(
            f"expected a data set of images with one label each; {builder.info.full_name} has "
            f"{dict(features)}"
        )
    return keys
