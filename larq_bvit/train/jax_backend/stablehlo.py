"""HLO of TensorFlow as a portable StableHLO artifact, which JAX of later years still reads.

What `jax.export` writes does not serve: JAX 0.12 refuses files of JAX 0.6, the newest that lives
beside TensorFlow 2.19 and NumPy 1. StableHLO's artifacts are kept readable for five years.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from jax._src.lib import _jax  # no public way from HLO to StableHLO
from jax.extend.mlir import ir as _ir
from jax.extend.mlir.dialects import stablehlo as _stablehlo
from jax.interpreters import mlir

from larq_bvit.train.jax_backend.lowering import Lowered

# their types are not all declared
ir: Any = _ir
stablehlo: Any = _stablehlo
# output and parameter of an alias in HLO's header
_ALIAS = re.compile(r"\{(\d*)\}: \((\d+), \{\}")


@dataclass(frozen=True)
class Artifact:
    """A `Lowered` function as StableHLO.

    Attributes:
        content: the portable artifact; parameters and outputs are those of the HLO.
        updates: {name of a variable that changes: the output that holds its new value}.
    """

    content: bytes
    updates: dict[str, int]


def to_stablehlo(lowered: Lowered) -> Artifact:
    """Raises:
    ValueError: the function has operators that StableHLO has not.
    """
    module = _jax.mlir.hlo_to_stablehlo(lowered.hlo)
    with mlir.make_ir_context():
        parsed = ir.Module.parse(module)
        _drop_copies(parsed)
        # TensorFlow numbers its functions: the same recipe shall give the same bytes
        parsed.operation.attributes["sym_name"] = ir.StringAttr.get("larq_bvit")
        outputs = len(ir.SymbolTable(parsed.operation)["main"].type.results)
        # changes the module
        content = stablehlo.serialize_portable_artifact(parsed, stablehlo.get_current_version())
    updates = _updates(lowered)
    assert outputs == lowered.results + len(updates), (outputs, lowered.results, len(updates))
    return Artifact(content, updates)


def _updates(lowered: Lowered) -> dict[str, int]:
    module = _jax.HloModule.from_serialized_hlo_module_proto(lowered.hlo)
    header = module.to_string().partition("\n")[0]
    updates = {}
    for output, parameter in _ALIAS.findall(header):
        name = lowered.inputs[int(parameter) - lowered.arguments]
        assert isinstance(name, str), header
        updates[name] = int(output or 0)
    return updates


def _drop_copies(module: Any) -> None:
    """Removes `mhlo.copy`, which stems from HLO, and refuses what else is no StableHLO."""
    copies, foreign = [], set()

    def visit(operation: Any) -> Any:
        if operation.name == "mhlo.copy":
            copies.append(operation)
        elif operation.name.startswith("mhlo."):
            foreign.add(operation.name)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    if foreign:
        raise ValueError(f"StableHLO has no operator for {', '.join(sorted(foreign))}")
    for operation in copies:
        operation.results[0].replace_all_uses_with(operation.operands[0])
        operation.erase()
