"""Splitting images into batches, and joining outputs."""

import numpy as np
import pytest

from larq_bvit.runtime.batches import check_images, join, split
from larq_bvit.runtime.signature import Tensor

IMAGES = np.arange(5 * 2, dtype=np.float32).reshape(5, 2)


@pytest.mark.parametrize("count", range(6))
@pytest.mark.parametrize("batch", [1, 2, 3, 8])
@pytest.mark.parametrize("rows", [1, 4])
def test_there_and_back(count, batch, rows):
    """With an output of `rows` rows per image, such as (B * tokens, C)."""
    parts = list(split(IMAGES[:count], batch))
    assert all(part.shape == (batch, 2) for part in parts)
    assert len(parts) == -(-count // batch)
    tensor = Tensor("y", (rows * batch, 2), "float32")
    outputs = [part.repeat(rows, axis=0) for part in parts]
    joined = join(outputs, tensor, batch, count)
    np.testing.assert_array_equal(joined, IMAGES[:count].repeat(rows, axis=0))
    assert joined.dtype == np.float32


@pytest.mark.parametrize("shape", [(), (3,), (3, 2)])
def test_outputs_without_an_axis_of_images(shape):
    tensor, one = Tensor("y", shape, "float32"), np.ones(shape, np.float32)
    assert join([one], tensor, 2, 2) is one
    for parts, count in ([one], 1), ([one, one], 3), ([], 0):
        with pytest.raises(ValueError, match=r"output 'y' .* exactly 2 images; got"):
            join(parts, tensor, 2, count)


def test_a_squeezed_output_is_not_taken_for_rows():
    tensor, one = Tensor("y", (10,), "float32"), np.ones(10, np.float32)
    assert join([one], tensor, 1, 1) is one
    with pytest.raises(ValueError, match="exactly 1 images; got 3"):
        join([one] * 3, tensor, 1, 3)


def test_check_images():
    tensor = Tensor("x", (4, 2), "float32")
    np.testing.assert_array_equal(check_images(IMAGES[::2], tensor), IMAGES[::2])
    assert check_images(np.asfortranarray(IMAGES), tensor).flags.c_contiguous
    assert check_images(IMAGES[:0], tensor).shape == (0, 2)
    for bad in (IMAGES[0], IMAGES[:, :1], IMAGES[None], np.float32(1)):
        with pytest.raises(ValueError, match=r"images must have shape \(N, 2\); got \("):
            check_images(bad, tensor)
    with pytest.raises(ValueError, match="images must be float32; got int64"):
        check_images(IMAGES.astype(np.int64), tensor)


def test_the_order_of_bytes_is_the_machines():
    tensor = Tensor("x", (4, 2), "float32")
    for order in "<>":
        found = check_images(IMAGES.astype(f"{order}f4"), tensor)
        assert found.dtype.isnative and np.array_equal(found, IMAGES)


def test_inputs_that_take_no_images():
    with pytest.raises(ValueError, match="input 'x' has open sizes, which are not set here"):
        check_images(IMAGES, Tensor("x", (1, 1), "float32", open=True))
    with pytest.raises(ValueError, match=r"expected an input \(N, ...\); 'x' is a single number"):
        check_images(IMAGES, Tensor("x", (), "float32"))
