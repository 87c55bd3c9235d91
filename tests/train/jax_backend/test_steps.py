"""What the exported functions compute, by JAX in this process, beside TensorFlow's own."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.layers.ops import channel_sum
from larq_bvit.train.build import build_model
from larq_bvit.train.data import draws
from larq_bvit.train.data.augment import augment_batch
from larq_bvit.train.data.config import Augmentation
from larq_bvit.train.fitting import compile_model
from larq_bvit.train.flips import Flips
from larq_bvit.train.jax_backend.lowering import lower
from larq_bvit.train.jax_backend.steps import signs_function
from larq_bvit.train.jax_backend.variables import named_variables, read
from larq_bvit.train.recipes import load_recipe
from larq_bvit.zoo.named_weights import latent_weights

jax = pytest.importorskip("jax", reason='pip install "larq_bvit[jax]"')

from jax._src.lib import _jax  # noqa: E402

from larq_bvit.train.jax_backend.runner.programs import Program  # noqa: E402
from larq_bvit.train.jax_backend.stablehlo import to_stablehlo  # noqa: E402

BATCH, CLASSES = 64, 5


def in_jax(function, arguments, variables=None):
    """A function's outputs, computed by JAX, and where new values of variables are among them."""
    lowered = lower(function, [tf.TensorSpec(a.shape, a.dtype) for a in arguments], variables or {})
    artifact = to_stablehlo(lowered)
    values = read(variables or {})
    inputs = [values[name] if isinstance(name, str) else name for name in lowered.inputs]
    with jax.experimental.enable_x64():
        outputs = jax.jit(Program(artifact.content))(*arguments, *inputs)
        return [np.asarray(output) for output in outputs], artifact.updates


@pytest.mark.parametrize(
    "options",
    [
        {"flip": 0.5},
        {"jitter": (0.4, 0.3, 0.2)},
        {"lighting": 0.1},
        {"erasing": 0.5},
        {"mixup": 0.8},
        {"cutmix": 1.0},
        {"mixup": 0.2, "cutmix": 1.0, "erasing": 0.25, "jitter": (0.4, 0.4, 0.4)},
    ],
    ids=lambda options: "-".join(options),
)
def test_augmentation(options):
    """Up to the rounding of float32, as the same random numbers make the same choices."""
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (BATCH, 16, 16, 3), dtype=np.uint8)
    labels = np.eye(CLASSES, dtype=np.float32)[random.integers(0, CLASSES, BATCH)]
    numbers = random.random((BATCH, sum(draws.widths(0).values())), np.float32)
    augmentation = Augmentation(**options)

    def augmented(*arguments):
        return augment_batch(*arguments, augmentation)

    arguments = images, labels, numbers
    (pixels, soft), _ = in_jax(augmented, arguments)
    expected_pixels, expected_soft = augmented(*map(tf.constant, arguments))
    np.testing.assert_allclose(pixels, expected_pixels, 0, 1e-5)
    np.testing.assert_allclose(soft, expected_soft, 0, 1e-6)
    assert np.abs(pixels).std() > 0.1


@pytest.mark.parametrize("model", ["reactnet_cifar10", "binaryvit_nano_cifar10"])
def test_signs(model):
    """Those of the callback `Flips`."""
    sizes = {
        "reactnet_cifar10": ["model.variant.widths=[8,16]"],
        "binaryvit_nano_cifar10": [
            "model.variant.depths=[1,0,0,0]",
            "model.variant.dims=[8,8,8,8]",
        ],
    }
    recipe = load_recipe(model, ["data.size=[32,32]", *sizes[model]])
    learner = compile_model(build_model(recipe, CLASSES), recipe, 10)
    flips = Flips(learner)
    random = np.random.default_rng(0)
    with latent_weights():
        for weight in learner.trainable_weights:
            weight.assign(random.normal(0, 0.7, weight.shape))
    variables = named_variables(learner, flips)
    results, updates = in_jax(signs_function(learner, flips).call, [], variables)
    logs = {}
    flips.on_epoch_end(0, logs)
    assert 0.1 < logs["flips"] < 0.9 and 0.05 < logs["dead"] < 0.9
    np.testing.assert_allclose(results[:3], list(logs.values()), 1e-6)
    assert len(updates) == len(flips.signs)
    after = read(variables)
    for name, output in updates.items():
        np.testing.assert_array_equal(results[output], after[name])


def test_sums_are_reductions():
    """Of a product with ones, which `channel_sum` is on CPUs, a GPU makes no fused sum."""
    lowered = lower(lambda x: [channel_sum(x)], [tf.TensorSpec((4, 2, 3))], {})
    text = _jax.mlir.hlo_to_stablehlo(lowered.hlo)
    assert b"dot" not in text and b"reduce" in text


def test_what_xla_has_not():
    with pytest.raises(ValueError, match="XLA cannot compile this recipe"):
        lower(lambda x: [tf.io.decode_jpeg(x)], [tf.TensorSpec((), tf.string)], {})
