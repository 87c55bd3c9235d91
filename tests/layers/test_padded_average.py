"""PaddedAveragePooling2D counts its zero padding."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.layers import PaddedAveragePooling2D
from tests.layers.common import close, contract, normal, run

test_contract = contract(lambda: PaddedAveragePooling2D((3, 5)), (4, 6, 8))


def window(i, size, length):
    """The real pixels that a pool around pixel i covers."""
    return range(max(0, i - size // 2), min(length, i + size // 2 + 1))


@pytest.mark.parametrize("pool", [(1, 1), (3, 1), (1, 5), (3, 5), [5, 3]])
def test_equals_numpy(pool):
    x = normal(2, 4, 6, 3)
    y, dy, dx, _ = run(PaddedAveragePooling2D(pool), x)
    expected, gradient = np.zeros_like(x), np.zeros_like(x)
    for i in range(4):
        for j in range(6):
            for a in window(i, pool[0], 4):
                for b in window(j, pool[1], 6):
                    expected[:, i, j] += x[:, a, b] / (pool[0] * pool[1])
                    gradient[:, a, b] += dy[:, i, j] / (pool[0] * pool[1])
    close(y, expected)
    close(dx, gradient)


def test_trap_2_zero_padding_counts():
    row = np.ones((1, 1, 5, 1))
    pooled = {k: PaddedAveragePooling2D((1, k))(row).numpy().ravel() for k in (3, 5)}
    close(pooled[3], [2 / 3, 1, 1, 1, 2 / 3])
    close(pooled[5], [0.6, 0.8, 1, 0.8, 0.6])
    column = PaddedAveragePooling2D((3, 1))(row.reshape(1, 5, 1, 1)).numpy().ravel()
    close(column, pooled[3])
    same = tf.keras.layers.AveragePooling2D((1, 3), strides=1, padding="same")(row)
    close(same, row)  # Keras divides by the number of real pixels


@pytest.mark.parametrize("pool", [(2, 3), (3, 0), (-1, 3), (3,), (3, 3, 3)])
def test_names_the_wrong_pool_size(pool):
    with pytest.raises(ValueError, match="pool_size must be two odd positive integers; got ") as e:
        PaddedAveragePooling2D(pool)
    assert str(e.value).endswith(f"got {pool}")
