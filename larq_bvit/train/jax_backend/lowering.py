"""A TensorFlow function as HLO, and what its parameters and outputs are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.layers.ops import reduced_sums
from larq_bvit.train.jax_backend.products import convolutions_as_products


@dataclass(frozen=True)
class Lowered:
    """A function (arguments, variables, constants) -> (results, new values of some variables).

    Attributes:
        hlo: its serialised HloModuleProto. Parameters are the arguments, then `inputs`; outputs
            are the results, then the variables that it changes, each aliased with its parameter.
        arguments: number of arguments.
        inputs: of every further parameter its variable's name, or its value.
        results: number of results.
    """

    hlo: bytes
    arguments: int
    inputs: tuple[str | np.ndarray, ...]
    results: int


def lower(
    function: Callable[..., Sequence[tf.Tensor]],
    arguments: Sequence[tf.TensorSpec],
    variables: Mapping[str, tf.Variable],
) -> Lowered:
    """Traces a function for XLA and gives its HLO.

    Arguments:
        function: of tensors; gives tensors. It may read and assign variables, and must make none.
        arguments: of static shapes.
        variables: those that it may use, by name.

    Raises:
        ValueError: it uses an operator that XLA has not, such as reading a file or Python; or a
            variable that `variables` lacks.
    """
    compiled = tf.function(function, jit_compile=True, autograph=False)
    with reduced_sums(), convolutions_as_products():
        concrete = compiled.get_concrete_function(*arguments)
        stage = compiled.experimental_get_compiler_ir(*arguments)
    names = {id(_plain(variable).handle): name for name, variable in variables.items()}
    inputs = tuple(_input(capture, names) for capture in concrete.captured_inputs)
    try:
        # the CPU's kernels, as TensorFlow may see no other device; up to here XLA knows none
        hlo = stage(stage="hlo_serialized", platform_name="CPU")
    except (tf.errors.OpError, ValueError) as error:
        raise ValueError(f"XLA cannot compile this recipe: {str(error).splitlines()[0]}") from error
    return Lowered(hlo, len(arguments), inputs, len(concrete.outputs))


def _plain(variable: Any) -> Any:
    """Keras wraps variables that are cast under a mixed policy."""
    return getattr(variable, "_variable", variable)


def _input(capture: tf.Tensor, names: Mapping[int, str]) -> str | np.ndarray:
    if capture.dtype != tf.resource:
        return capture.numpy()
    if id(capture) not in names:
        raise ValueError(f"expected the variables of model and optimizer alone; got {capture!r}")
    return names[id(capture)]
