"""StableHLO as functions of JAX: all types of a job, and an error for others."""

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason='pip install "larq_bvit[jax]"')

from jax.extend.mlir import ir  # noqa: E402
from jax.extend.mlir.dialects import stablehlo  # noqa: E402
from jax.interpreters import mlir  # noqa: E402

from larq_bvit.train.jax_backend.runner.programs import Program  # noqa: E402

TYPES = {"i1": "bool", "bf16": "bfloat16", "f16": "float16", "f32": "float32", "f64": "float64"}
TYPES |= {f"i{bits}": f"int{bits}" for bits in (8, 16, 32, 64)}
TYPES |= {f"ui{bits}": f"uint{bits}" for bits in (8, 16, 32, 64)}


def program(*types):
    """(x, y, ...) -> (x, y, ...), vectors of two."""
    names = [f"%{k}: tensor<2x{name}>" for k, name in enumerate(types)]
    results = ", ".join(f"tensor<2x{name}>" for name in types)
    values = ", ".join(f"%{k}" for k in range(len(types)))
    body = f"func.func @main({', '.join(names)}) -> ({results}) {{ return {values} : {results} }}"
    with mlir.make_ir_context():
        module = ir.Module.parse(body)
        version = stablehlo.get_current_version()
        return Program(stablehlo.serialize_portable_artifact(module, version))


def test_types():
    identity = program(*TYPES)
    types = [np.dtype(name) for name in TYPES.values()]
    assert [output.dtype for output in identity.outputs] == types
    with jax.experimental.enable_x64():
        given = [jax.numpy.array([0, 1], dtype) for dtype in types]
        for got, expected in zip(jax.jit(identity)(*given), given, strict=True):
            assert got.dtype == expected.dtype and got.tolist() == expected.tolist()


def test_another_type():
    """Not one output less."""
    with pytest.raises(ValueError, match="expected numbers of i1, .*, bf16 .*; got f8E4M3FN"):
        program("f32", "f8E4M3FN", "f32")
