"""The .tflite files that the benchmark runs, made once and kept in a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import tensorflow as tf

from benchmarks.conversion import naive
from benchmarks.conversion.models import Case
from benchmarks.native_speed.names import (
    BIREALNET,
    DEIT,
    DEIT_DYNAMIC,
    DEIT_INT8,
    FROZEN,
    NAIVE,
    REACTNET,
    RESNET,
    RESNET_INT8,
    TWIN,
)
from larq_bvit import convert
from larq_bvit.bench.subjects import kept
from larq_bvit.bench.subjects.images import describe, load_images
from larq_bvit.bench.subjects.precision import dynamic_tflite, float_tflite, integer_tflite
from larq_bvit.bench.subjects.random_weights import as_after_training
from larq_bvit.bench.subjects.resnet import resnet_18
from larq_bvit.train.binarity import with_binary

# what makes the files, besides the library
_CODE = (*kept.CODE, Path(__file__).parents[1] / "conversion", Path(__file__))


@dataclass(frozen=True)
class File:
    """A .tflite: what it is, how it is made, and the images that decide about it, if any."""

    about: str
    make: Callable[[], bytes]
    images: str = ""


def files(images: Path | None, count: int, quick: bool = False) -> dict[str, File]:
    """{name: file}; in a quick run BinaryViT nano at 32 pixels plays small's part, alone.

    Arguments:
        images: what the 8-bit models take their ranges from, see `load_images`.
        count: how many of them.
        quick: whether it is to take seconds.
    """
    case = Case("binaryvit_nano", 32, 10) if quick else Case("binaryvit_small")
    binary = {
        FROZEN: File(f"{case}, frozen and converted by larq_bvit", partial(_frozen, case)),
        NAIVE: File(f"{case}, by LCE's converter alone, batch 1", partial(_naive, case)),
        TWIN: File(f"{case}, all weights and activations in float32", partial(_twin, case)),
    }
    return binary if quick else {**binary, **_others(images, count)}


def _others(images: Path | None, count: int) -> dict[str, File]:
    def integer(build: Callable[[], tf.keras.Model]) -> bytes:
        return integer_tflite(build(), load_images(images, count, 224))

    def calibrated(name: str, build: Callable[[], tf.keras.Model]) -> File:
        chosen = describe(images, count)
        return File(f"{name}, all in 8 bits ({chosen})", partial(integer, build), chosen)

    reactnet, birealnet = Case(REACTNET), Case(BIREALNET)
    dynamic = "DeiT-S, 8-bit weights, activations rounded to 8 bits for each product"
    return {
        DEIT: File("DeiT-S", lambda: float_tflite(_deit())),
        DEIT_INT8: calibrated("DeiT-S", _deit),
        DEIT_DYNAMIC: File(dynamic, lambda: dynamic_tflite(_deit())),
        REACTNET: File(f"{reactnet}, frozen", partial(_frozen, reactnet)),
        BIREALNET: File(f"{birealnet}, frozen", partial(_frozen, birealnet)),
        RESNET: File("ResNet-18", lambda: float_tflite(_resnet())),
        RESNET_INT8: calibrated("ResNet-18", _resnet),
    }


def _frozen(case: Case) -> bytes:
    return convert.to_tflite(case.build(), verify=False)


def _naive(case: Case) -> bytes:
    return naive.convert_alone(case.build())


def _twin(case: Case) -> bytes:
    return float_tflite(with_binary(case.build(), "nothing"))


def _deit() -> tf.keras.Model:
    return Case("deit_small").build()


def _resnet() -> tf.keras.Model:
    tf.keras.backend.clear_session()
    tf.keras.utils.set_random_seed(1)
    return as_after_training(resnet_18())


def keep(wanted: dict[str, File], folder: Path, say: Callable[[str], None]) -> dict[str, Path]:
    """{name: path} of all files, of which those that the folder lacks are made.

    Arguments:
        wanted: what to have.
        folder: where they are kept.
        say: takes what is under way.
    """

    def make(name: str) -> bytes:
        say(f"making {name}: {wanted[name].about}")
        return wanted[name].make()

    return {
        name: kept.keep(folder, name, (file.about, file.images), partial(make, name), _CODE)
        for name, file in wanted.items()
    }
