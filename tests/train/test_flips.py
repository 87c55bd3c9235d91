"""Flips and dead weights."""

import larq as lq
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import layers
from larq_bvit.train.distiller import Distiller
from larq_bvit.train.flips import (
    Flips,
    LatentStatistics,
    binary_kernels,
    latent_statistics,
    packed_signs,
    starved,
    together,
)
from tests.train.models import batch, small


def kernel_of(quantizer, values):
    """A kernel (1, 1, inputs, outputs) of these latent values, inputs first."""
    values = np.array(values, np.float32)
    layer = lq.layers.QuantConv2D(
        values.shape[1], 1, kernel_quantizer=quantizer, kernel_constraint="weight_clip"
    )
    layer.build((None, 4, 4, values.shape[0]))
    with lq.context.quantized_scope(False):
        layer.kernel.assign(values[None, None])
    return layer.kernel


def test_signs_are_those_of_the_binary_weights():
    values = [[0.5, -0.1], [-0.2, 0.3], [0.1, 0.0], [3.0, 1.5], [0.9, 0.8]]
    plain = kernel_of(layers.ScaledSign(), values)
    bits = np.unpackbits(packed_signs(plain), count=10).reshape(5, 2)
    np.testing.assert_array_equal(bits, [[1, 0], [0, 1], [1, 1], [1, 1], [1, 1]])
    # the means are 0.86 and 0.5
    centred = kernel_of(layers.ScaledSign(centred=True), values)
    bits = np.unpackbits(packed_signs(centred), count=10).reshape(5, 2)
    np.testing.assert_array_equal(bits, [[0, 0], [0, 0], [0, 0], [1, 1], [1, 1]])


@pytest.mark.parametrize(
    ("quantizer", "expected"),
    [
        (layers.ScaledSign(), [[0, 0], [0, 0], [1, 0], [1, 1]]),
        (layers.ScaledSign(centred=True), [[0, 0], [1, 0], [0, 1], [1, 1]]),
        ("ste_sign", [[0, 0], [0, 0], [1, 0], [1, 1]]),
        (lq.quantizers.SteSign(clip_value=2.5), [[0, 0], [0, 0], [0, 0], [1, 0]]),
        (lq.quantizers.SteSign(clip_value=None), [[0, 0], [0, 0], [0, 0], [0, 0]]),
    ],
)
def test_starved_weights_are_beyond_the_quantizers_limit(quantizer, expected):
    values = [[0.5, 1.0], [-1.0, 0.5], [1.5, -1.0], [3.0, 1.75]]  # the means are 1 and 0.5625
    np.testing.assert_array_equal(starved(kernel_of(quantizer, values))[0, 0], expected)


def test_statistics_of_a_kernel():
    kernel = kernel_of(layers.ScaledSign(), [[0.5, -0.5, 2.0]] * 3)
    before = packed_signs(kernel)
    with lq.context.quantized_scope(False):
        kernel.assign(kernel * np.array([-1, 1, 1], np.float32))
    # an exception inside a Larq layer leaves kernels reading as quantized
    with lq.context.quantized_scope(True):
        found = latent_statistics(kernel, before, packed_signs(kernel))
    assert found == LatentStatistics(size=9, flips=1 / 3, dead=1 / 3, magnitude=1.0)


def test_larger_kernels_count_more():
    parts = [LatentStatistics(10, 0.5, 0.0, 1.0), LatentStatistics(30, 0.1, 0.2, 2.0)]
    total = together(parts)
    assert total.size == 40 and total.flips == pytest.approx(0.2)
    assert total.dead == pytest.approx(0.15) and total.magnitude == pytest.approx(1.75)


def test_only_binary_weights_of_the_student_are_watched():
    student = small(seed=0)
    assert list(binary_kernels(Distiller(student, small(seed=1)))) == ["binary/kernel"]
    assert binary_kernels(student)["binary/kernel"] is student.get_layer("binary").kernel


def test_in_fit(tmp_path):
    model = small(seed=0)
    kernel = model.get_layer("binary").kernel
    signs, flips = [np.sign(kernel.numpy())], Flips(model, tmp_path)

    class Watch(tf.keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            signs.append(np.sign(kernel.numpy()))

    model.compile(tf.keras.optimizers.Adam(0.02), "mse")
    logs = model.fit(*batch(8), epochs=3, verbose=0, callbacks=[flips, Watch()]).history
    expected = [np.mean(a != b) for a, b in zip(signs, signs[1:], strict=False)]
    assert logs["flips"] == pytest.approx(expected) and min(expected) > 0
    latent = np.abs(kernel.numpy())
    assert logs["magnitude"][-1] == pytest.approx(latent.mean(), rel=1e-5)
    assert logs["dead"][-1] == np.mean(latent > 1)
    assert flips.layers["binary/kernel"].flips == logs["flips"][-1]
    (file,) = tmp_path.iterdir()
    events = tf.compat.v1.train.summary_iterator(str(file))
    shown = {
        (e.step, v.tag): float(tf.make_ndarray(v.tensor)) for e in events for v in e.summary.value
    }
    assert shown[3, "flips/binary/kernel"] == pytest.approx(logs["flips"][2])
    assert len(shown) == 9


def test_signs_survive_in_a_checkpoint(tmp_path):
    model = small(seed=0)
    flips = Flips(model)
    path = tf.train.Checkpoint(signs=flips.signs).write(str(tmp_path / "checkpoint"))
    kernel = model.get_layer("binary").kernel
    kernel.assign(-kernel.numpy())
    again = Flips(model)
    logs = {}
    again.on_epoch_end(0, logs)
    assert logs["flips"] == 0
    tf.train.Checkpoint(signs=again.signs).read(path).assert_consumed()
    again.on_epoch_end(1, logs)
    assert logs["flips"] == 1


def test_nothing_to_say_of_a_model_in_full_precision():
    x = tf.keras.Input((3,))
    logs = {"loss": 1.0}
    Flips(tf.keras.Model(x, tf.keras.layers.Dense(2)(x))).on_epoch_end(0, logs)
    assert logs == {"loss": 1.0}
