"""Section c: the .tflite against Keras on real images."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.conversion.models import Case, Conversions, with_float16
from benchmarks.table import Table
from larq_bvit import convert
from larq_bvit.convert.verification.edges import Edges

_KERNELS = {"use_indirect_bgemm": True}  # the fastest; verification compares all of them
_MOST = 50  # disagreements that are explained
_PARTED = 1e-3  # relative difference that rounding alone does not make


def measure(
    cases: list[Case],
    load: Callable[[int], np.ndarray],
    conversions: Conversions,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Keras in float32 against both kinds of storage, image by image.

    Arguments:
        cases: the models.
        load: {size: images (N, size, size, 3)} as a function.
        conversions: shared ones.
        say: takes what is under way.
    """
    models = []
    for case in cases:
        images = load(case.size)
        say(f"c: {case}, {len(images)} images")
        model = case.build()
        tflite = conversions(case, model).tflite
        with _as_written():
            models.append({"model": str(case), **_compare(model, tflite, images, say)})
        models[-1]["weights"] = case.weights_name
    return {"models": models}


def _compare(
    model: tf.keras.Model, tflite: bytes, images: np.ndarray, say: Callable[[str], None]
) -> dict[str, Any]:
    expected = _predict(model, images)
    files = {"float32": tflite, "float16": with_float16(tflite)}
    got = {name: convert.Interpreter(f, **_KERNELS).predict(images) for name, f in files.items()}
    errors = _differences(got["float32"], expected)
    differ = np.flatnonzero(got["float32"].argmax(-1) != expected.argmax(-1))
    # without a disagreement, the image that comes nearest to one shows the same mechanism
    explain = differ[:_MOST] if len(differ) else [int(errors.argmax())]
    say(f"   {len(differ)} disagreements; looking for what decided")
    edges = Edges(model, tflite)
    flips = {int(i): edges.first_flip(images[i : i + 1], images[i : i + 1]) for i in explain}
    return {
        "images": len(images),
        "classes_seen": len(set(expected.argmax(-1).tolist())),
        "storage": {name: _summary(y, expected) for name, y in got.items()},
        "disagreements": len(differ),
        "explained": [
            {
                "image": image,
                "disagrees": image in differ,
                "relative": float(errors[image]),
                "flip": str(flip) if flip else None,
            }
            for image, flip in flips.items()
        ],
    }


def _predict(model: tf.keras.Model, images: np.ndarray) -> np.ndarray:
    """One by one, as the .tflite does: other batch sizes round differently."""
    run = tf.function(model, autograph=False)
    return np.concatenate([run(tf.constant(x[None]), training=False).numpy() for x in images])


def _differences(got: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Per image, the largest difference over the largest magnitude."""
    return np.abs(got - expected).max(-1) / np.abs(expected).max(-1)


def _summary(got: np.ndarray, expected: np.ndarray) -> dict[str, float]:
    errors = _differences(got, expected)
    return {
        "top_1": float((got.argmax(-1) == expected.argmax(-1)).mean()),
        "largest": float(errors.max()),
        "median": float(np.median(errors)),
        "parted": int((errors > _PARTED).sum()),
    }


@contextmanager
def _as_written() -> Iterator[None]:
    """Without TensorFlow's graph optimiser: it rounds otherwise where a layer is looked at."""
    before = tf.config.optimizer.get_experimental_options()
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    try:
        yield
    finally:
        default = {"disable_meta_optimizer": False}
        tf.config.optimizer.set_experimental_options({**default, **before})


def tables(result: dict[str, Any]) -> list[Table]:
    """For people."""
    columns = ("Model", "Weights", "Floats stored as", "Images", "Same best class")
    columns += ("Largest difference", "Median", f"Images above {_PARTED:g}", "Classes seen")
    rows = [
        (model["model"], model["weights"], name, *_cells(model, model["storage"][name]))
        for model in result["models"]
        for name in ("float32", "float16")
    ]
    causes = [
        (
            model["model"],
            f"{case['image']}",
            "another best class" if case["disagrees"] else "largest difference",
            _cause(case),
            f"{case['relative']:.1e}",
        )
        for model in result["models"]
        for case in model["explained"]
    ]
    titles = ("Model", "Image", "Why it is here", "First sign on the other side", "Difference")
    return [
        Table("Keras float32 against the .tflite", columns, rows, words=3),
        Table("What decided, float32", titles, causes, words=4),
    ]


def _cells(model: dict[str, Any], storage: dict[str, float]) -> tuple[str, ...]:
    return (
        str(model["images"]),
        f"{storage['top_1']:.1%}",
        f"{storage['largest']:.1e}",
        f"{storage['median']:.1e}",
        str(storage["parted"]),
        str(model["classes_seen"]),
    )


def _cause(case: dict[str, Any]) -> str:
    if case["flip"] or case["relative"] > _PARTED:
        return case["flip"] or "NOT A SIGN ON A ROUNDING EDGE: a fault"
    return "none: rounding only"
