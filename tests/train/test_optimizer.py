"""The optimizers against plain NumPy, and which variables decay and are clipped."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.layers import BinaryProbability
from larq_bvit.train.average import averaged
from larq_bvit.train.optimizer import is_kernel, make_optimizer
from larq_bvit.train.recipe import OptimizerConfig, ScheduleConfig
from larq_bvit.train.recipes import load_recipe
from larq_bvit.zoo.macs import one_bit
from larq_bvit.zoo.named_weights import latent_weights, named_weights
from larq_bvit.zoo.registry import MODELS
from tests.train.models import batch, small
from tests.train.tiny_models import tiny_model

RATE, STEPS, EPSILON = 0.1, 4, 1e-3
RECIPE = load_recipe("binaryvit_nano_cifar10", ["schedule.name=constant", "epochs=1"])


def optimizer(precision="float32", **fields):
    config = OptimizerConfig(**{"learning_rate": RATE, "epsilon": EPSILON, **fields})
    schedule = ScheduleConfig(name="constant")
    recipe = replace(RECIPE, optimizer=config, schedule=schedule, precision=precision)
    return make_optimizer(recipe, STEPS)


def weights():
    """A kernel and a bias, by Keras' names."""
    return [
        tf.Variable([[0.5, -2.0], [1.0, 0.25]], name="layer/kernel"),
        tf.Variable([1.0, -3.0], name="layer/bias"),
    ]


def gradients(step):
    rng = np.random.default_rng(step)
    return [rng.normal(size=shape).astype("float32") for shape in ((2, 2), (2,))]


def train(made, variables, steps=STEPS):
    for step in range(steps):
        made.apply_gradients(zip(map(tf.constant, gradients(step)), variables, strict=True))
    return [variable.numpy() for variable in variables]


def adam(values, decay=0.0, l2=0.0, beta_1=0.9, beta_2=0.999):
    """Adam of a kernel and a bias in float64; epsilon as Keras has it."""
    moments = [(np.zeros_like(v), np.zeros_like(v)) for v in values]
    for step in range(STEPS):
        for i, gradient in enumerate(gradients(step)):
            kernel = i == 0
            g = gradient + l2 * kernel * values[i]
            m, v = moments[i]
            m, v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g * g
            moments[i] = m, v
            scale = np.sqrt(1 - beta_2 ** (step + 1)) / (1 - beta_1 ** (step + 1))
            values[i] = values[i] * (1 - RATE * decay * kernel)
            values[i] = values[i] - RATE * scale * m / (np.sqrt(v) + EPSILON)
    return values


def same(got, expected):
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def numpy_weights():
    return [variable.numpy().astype("float64") for variable in weights()]


@pytest.mark.parametrize("decay", [0.0, 0.2])
@pytest.mark.parametrize(("name", "way"), [("adamw", "decay"), ("adam", "l2")])
def test_adam(name, way, decay):
    made = optimizer(name=name, weight_decay=decay, beta_1=0.8, beta_2=0.9)
    expected = adam(numpy_weights(), beta_1=0.8, beta_2=0.9, **{way: decay})
    same(train(made, weights()), expected)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_sgd(momentum):
    values, speeds = numpy_weights(), [0.0, 0.0]
    for step in range(STEPS):
        for i, gradient in enumerate(gradients(step)):
            g = gradient + 0.2 * (i == 0) * values[i]
            speeds[i] = momentum * speeds[i] - RATE * g
            values[i] = values[i] + momentum * speeds[i] - RATE * g
    same(train(optimizer(name="sgd", weight_decay=0.2, momentum=momentum), weights()), values)


def test_clip_norm():
    made = optimizer(name="sgd", momentum=0.0, clip_norm=0.5)
    norm = np.sqrt(sum((g.astype("float64") ** 2).sum() for g in gradients(0)))
    assert norm > 0.5
    moved = [v - RATE * g * 0.5 / norm for v, g in zip(numpy_weights(), gradients(0), strict=True)]
    same(train(made, weights(), steps=1), moved)


def test_average():
    """It forgets more in the first steps: of 4, the last alone has the decay that is asked for."""
    made, variables = optimizer(name="sgd", momentum=0.0, ema=0.3), weights()
    values, averages = numpy_weights(), numpy_weights()
    for step in range(STEPS):
        decay = (1 / 10, 2 / 11, 3 / 12, 0.3)[step]
        for i, gradient in enumerate(gradients(step)):
            values[i] = values[i] - RATE * gradient
            averages[i] = decay * averages[i] + (1 - decay) * values[i]
    same(train(made, variables), values)
    made.finalize_variable_values(variables)
    same([variable.numpy() for variable in variables], averages)


def test_schedule_moves_the_learning_rate():
    linear = ScheduleConfig(name="linear", last=0.0)
    config = OptimizerConfig(learning_rate=1e-3)
    made = make_optimizer(replace(RECIPE, schedule=linear, optimizer=config), STEPS)
    rates = []
    variable = tf.Variable(0.0)
    for _ in range(STEPS):
        made.apply_gradients([(tf.constant(1.0), variable)])
        rates.append(float(made.learning_rate))
    assert rates == pytest.approx([1e-3, 0.75e-3, 0.5e-3, 0.25e-3])


@pytest.mark.parametrize("model", sorted(MODELS))
def test_kernels_of_the_zoo(model):
    """Kernels are what convolutions and linear layers multiply by, and nothing else is."""
    built = tiny_model(model)
    products = (tf.keras.layers.Conv2D, tf.keras.layers.Dense)
    layers = [layer for layer in built.layers if isinstance(layer, products)]
    expected = {layer.kernel.ref() for layer in layers}
    trained = {w.ref(): path for path, w in named_weights(built).items() if w.trainable}
    assert {ref for ref in trained if is_kernel(ref.deref())} == expected
    others = {path.split("/")[-1] for ref, path in trained.items() if ref not in expected}
    assert others <= {
        *("bias", "beta", "gamma", "clip", "shift", "scale", "slope", "shift_in", "shift_out"),
        *("position", "token"),
    }


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd"])
@pytest.mark.parametrize("clip", [True, False])
def test_latent_weights_are_clipped(name, clip):
    model = small()
    made = optimizer(name=name, clip_latent=clip, learning_rate=20.0, ema=0.5)
    model.compile(made, tf.keras.losses.CategoricalCrossentropy(from_logits=True))
    model.fit(*batch(), epochs=2, verbose=0)
    with latent_weights():
        largest = {
            path: np.abs(weight.numpy()).max()
            for path, weight in named_weights(model).items()
            if path.endswith("kernel")
        }
    assert largest["stem/kernel"] > 1  # a real one
    assert (largest["binary/kernel"] <= 1) == clip
    assert [path for path, w in named_weights(model).items() if one_bit(w)] == ["binary/kernel"]


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd"])
@pytest.mark.parametrize("precision", ["float32", "mixed_float16"])
def test_averages_keep_within_constraints(name, precision):
    """A step takes the clip below its floor; at 0 attention of the evaluated weights were off."""
    attention = BinaryProbability()
    attention.build(tf.TensorShape([]))
    model = tf.keras.Sequential([tf.keras.layers.Activation(attention)])
    model.build((None, 2))
    (clip,) = model.trainable_variables
    made = optimizer(precision, name=name, learning_rate=1.0, ema=0.5)
    model.compile(made)
    for _ in range(3):
        scaled = getattr(made, "get_scaled_loss", lambda gradient: gradient)
        made.apply_gradients([(scaled(tf.constant(1.0)), clip)])
        assert clip.numpy() == np.float32(1e-5)
        with averaged(model):
            assert np.float32(1e-5) <= clip.numpy() < 0.005
    assert made.iterations.numpy() == 3


def test_only_float16_scales_its_loss():
    for precision in ("float32", "mixed_bfloat16", "mixed_float16"):
        made = optimizer(precision, ema=0.9)
        scaled = isinstance(made, tf.keras.mixed_precision.LossScaleOptimizer)
        assert scaled == (precision == "mixed_float16")
        assert made.use_ema


@pytest.mark.parametrize("fields", [{"name": "adam"}, {"name": "sgd"}, {"name": "adamw"}])
def test_config_round_trips(fields):
    made = optimizer(**fields, weight_decay=0.1, clip_latent=True, clip_norm=1.0, ema=0.9)
    copy = tf.keras.optimizers.deserialize(tf.keras.optimizers.serialize(made))
    assert type(copy) is type(made) and copy.get_config() == made.get_config()
    assert copy.clip_latent and copy.global_clipnorm == 1.0


def test_steps_are_not_compiled_one_by_one(monkeypatch):
    """As Keras does where it sees a GPU: what a step keeps for all variables is of one graph."""
    gpu = tf.config.PhysicalDevice("/physical_device:GPU:0", "GPU")
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: [gpu])
    for changes in ([], ["optimizer.name='adam'"], ["optimizer.name='sgd'"]):
        assert not make_optimizer(load_recipe("binaryvit_nano_cifar10", changes), 10).jit_compile
