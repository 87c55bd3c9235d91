"""Tensors from a runtime's details."""

import numpy as np

from larq_bvit.runtime.signature import Quantization, Tensor


def details(dtype, quantization):
    shape = np.array([1, 8, 8, 3], np.int32)
    rest = {"shape_signature": shape, "dtype": dtype, "quantization": quantization, "index": 7}
    return {"name": "x", "shape": shape, **rest}


def test_float():
    tensor = Tensor.of(details(np.float32, (0.0, 0)))
    assert tensor == Tensor("x", (1, 8, 8, 3), "float32", None)
    assert all(type(n) is int for n in tensor.shape)


def test_quantized():
    tensor = Tensor.of(details(np.int8, (np.float32(0.5), np.int64(-128))))
    assert tensor == Tensor("x", (1, 8, 8, 3), "int8", Quantization(0.5, -128))


def test_open_sizes():
    found = details(np.float32, (0.0, 0))
    for signature, expected in ([-1, 8, 8, 3], False), ([1, -1, -1, 3], True):
        assert Tensor.of({**found, "shape_signature": np.int32(signature)}).open is expected
