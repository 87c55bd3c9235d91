"""StableHLO as functions of JAX."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from jax.extend.core import Primitive
from jax.extend.mlir import ir as _ir
from jax.extend.mlir.dialects import func
from jax.extend.mlir.dialects import stablehlo as _stablehlo
from jax.interpreters import mlir

# their types are not all declared
ir: Any = _ir
stablehlo: Any = _stablehlo
_call = Primitive("larq_bvit_stablehlo")
_call.multiple_results = True
_TYPES: dict[str, Any] = {
    "i1": np.bool_,
    **{f"i{bits}": np.dtype(f"int{bits}") for bits in (8, 16, 32, 64)},
    **{f"ui{bits}": np.dtype(f"uint{bits}") for bits in (8, 16, 32, 64)},
    **{f"f{bits}": np.dtype(f"float{bits}") for bits in (16, 32, 64)},
    "bf16": jax.numpy.bfloat16,
}


class Program:
    """The function `main` of a portable StableHLO artifact; to be called within `jax.jit`.

    Attributes:
        inputs, outputs: shapes and types.
    """

    def __init__(self, artifact: bytes):
        """Raises:
        ValueError: this JAX cannot read it, or does not know its types.
        """
        self._artifact = artifact
        with mlir.make_ir_context() as context:
            try:
                main = _main(_read(context, artifact)).type
            except Exception as error:
                raise ValueError(
                    f"JAX {jax.__version__} cannot read the job's functions: {error}"
                ) from error
            self.inputs = tuple(map(_shape, main.inputs))
            self.outputs = tuple(map(_shape, main.results))

    def __call__(self, *arguments: Any) -> list[Any]:
        for number, (given, wanted) in enumerate(zip(arguments, self.inputs, strict=True)):
            if (given.shape, given.dtype) != (wanted.shape, wanted.dtype):
                raise ValueError(
                    f"argument {number}: expected {wanted.dtype}{wanted.shape}; "
                    f"got {given.dtype}{given.shape}"
                )
        return list(_call.bind(*arguments, artifact=self._artifact, outputs=self.outputs))


def _read(context: Any, artifact: bytes) -> Any:
    return stablehlo.deserialize_portable_artifact(context, artifact)


def _main(module: Any) -> Any:
    return ir.SymbolTable(module.operation)["main"]


def _shape(type_: Any) -> jax.ShapeDtypeStruct:
    ranked = ir.RankedTensorType(type_)
    name = str(ranked.element_type)
    if name not in _TYPES:
        raise ValueError(
            f"expected numbers of {', '.join(_TYPES)} in the job's functions; got {name}"
        )
    return jax.ShapeDtypeStruct(tuple(ranked.shape), np.dtype(_TYPES[name]))


@_call.def_abstract_eval
def _outputs(*_: Any, artifact: bytes, outputs: tuple[jax.ShapeDtypeStruct, ...]) -> Any:
    return [jax.core.ShapedArray(output.shape, output.dtype) for output in outputs]


def _lower(context: Any, *arguments: Any, artifact: bytes, outputs: Any) -> Any:
    into = context.module_context
    module = _read(into.context, artifact)
    results = list(_main(module).type.results)
    name = mlir.merge_mlir_modules(into.module, "step", module, dst_symtab=into.symbol_table)
    return func.CallOp(results, ir.FlatSymbolRefAttr.get(name), list(arguments)).results


mlir.register_lowering(_call, _lower)
