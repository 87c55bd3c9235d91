"""How far the zoo is from the published PyTorch code: `make parity`, one line per golden file.

In float64, against what the authors' code computes with the same weights (see `golden.recipe`):
evaluation logits, every block's output, training-mode logits and loss, every gradient.
"""

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from larq_bvit import zoo
from larq_bvit.zoo.torch_names import UNUSED
from tests.golden import recipe


@dataclass(frozen=True)
class Errors:
    """Worst relative errors of one model."""

    logits: float
    blocks: float
    train_logits: float
    loss: float
    gradients: float


def relative(got: np.ndarray, expected: np.ndarray) -> float:
    """Largest difference over the largest magnitude."""
    return float(np.max(np.abs(got - expected)) / np.max(np.abs(expected)))


def build(name: str) -> tuple[tf.keras.Model, dict[str, np.ndarray]]:
    """The model (logits) in the backend's float type with the golden weights, and the golden."""
    golden = recipe.load(name)
    model = zoo.create(name, classifier_activation=None)
    zoo.import_torch(recipe.state(golden), model)
    return model, golden


def block_outputs(model: tf.keras.Model) -> list[tf.Tensor]:
    """Symbolic output of each block, in the published order."""
    last: dict[str, tf.Tensor] = {}
    for layer in model.layers:
        found = re.match(r"stem(?=/conv|/norm)|(stage\d+/)?block\d+", layer.name)
        if found and "/drop" not in layer.name:
            last[found[0]] = layer.output
    if model.name != "reactnet_a":
        last.pop("stem", None)  # only ReActNet-A's published code counts its stem as a block
    return [last[name] for name in sorted(last, key=_natural)]


def _natural(name: str) -> list[int]:
    return [int(n) for n in re.findall(r"\d+", name)]


def evaluate(model: tf.keras.Model, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and per block mean, standard deviation, first six values in PyTorch's layout."""
    mirrored = any(layer.name == "mirror" for layer in model.layers)
    rows = []
    probe = tf.keras.Model(model.input, [*block_outputs(model), model.output])
    *blocks, logits = probe(images, training=False)
    for block in blocks:
        y = block.numpy()
        y = y[:, ::-1, ::-1] if mirrored else y
        # a CNN's map is (B, C, H, W) there, a transformer's (B, H * W, C)
        first = y[0, 0, :6, 0] if mirrored else y.reshape(len(y), -1, y.shape[-1])[0, 0, :6]
        rows.append([y.mean(), y.std(), *first])
    return logits.numpy(), np.array(rows)


def gradients(model: tf.keras.Model, images: np.ndarray, labels: np.ndarray) -> tuple:
    """Training-mode logits, mean cross-entropy, and {PyTorch key: gradient}."""
    with tf.GradientTape() as tape:
        logits = model(images, training=True)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        loss = tf.reduce_mean(losses)
    grads = tape.gradient(loss, model.trainable_variables)
    by_variable = {
        v.ref(): g.numpy() for v, g in zip(model.trainable_variables, grads, strict=True)
    }
    values = [by_variable.get(v.ref(), np.zeros(v.shape)) for v in model.weights]
    return logits.numpy(), float(loss), zoo.export_torch(model, values)


def gradient_error(stats: np.ndarray, gradient: np.ndarray, floor: float) -> float:
    """Worst error of norm, sum and first values, over the gradient's norm or `floor`."""
    flat = gradient.ravel()
    got = np.array([np.linalg.norm(flat), flat.sum(), *flat[:4]])
    return float(np.max(np.abs(got - stats[: len(got)])) / max(stats[0], floor))


def check_exported(golden: dict[str, np.ndarray], state: dict[str, np.ndarray]) -> None:
    """Raises an AssertionError unless a state dict has the published keys and shapes."""
    published = dict(zip(map(str, golden["keys"]), map(str, golden["shapes"]), strict=True))
    published = {
        key: shape
        for key, shape in published.items()
        if not key.endswith("num_batches_tracked") and key not in UNUSED
    }
    exported = {key: ",".join(map(str, array.shape)) for key, array in state.items()}
    if exported != published:
        differ = sorted(set(exported.items()) ^ set(published.items()))
        raise AssertionError(f"keys and shapes that are exported and published differ: {differ}")


def worst(errors: Iterable[float]) -> float:
    """The largest; NaN where one is, which `max` may pass over."""
    return float(np.max(list(errors)))


def compare(name: str) -> Errors:
    """Worst relative errors of one golden file; float64 must be the backend's float type."""
    model, golden = build(name)
    images = recipe.images(int(golden["seed"]))
    logits, blocks = evaluate(model, images)
    train_logits, loss, grads = gradients(model, images, golden["labels"])
    check_exported(golden, grads)
    keys = list(map(str, golden["grad_keys"]))
    # a bias before a batch norm has no gradient but rounding, on either side
    floor = 1e-8 * golden["grad_stats"][:, 0].max()
    return Errors(
        logits=relative(logits, golden["eval_logits"]),
        blocks=worst(
            relative(got, stats) for got, stats in zip(blocks, golden["block_stats"], strict=True)
        ),
        train_logits=relative(train_logits, golden["train_logits"]),
        loss=abs(loss / float(golden["train_loss"]) - 1),
        gradients=worst(
            gradient_error(stats, grads[key], floor)
            for key, stats in zip(keys, golden["grad_stats"], strict=True)
        ),
    )


def main(names: list[str]) -> None:
    """Prints one line per golden file."""
    tf.keras.backend.set_floatx("float64")
    columns = list(Errors.__dataclass_fields__)
    print(f"{'worst relative error':28}" + "".join(f"{column:>14}" for column in columns))
    for name in names:
        errors = compare(name)
        print(f"{name:28}" + "".join(f"{getattr(errors, c):14.1e}" for c in columns), flush=True)
        tf.keras.backend.clear_session()


if __name__ == "__main__":
    main(sys.argv[1:] or recipe.NAMES)
