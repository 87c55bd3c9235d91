"""A graph of constants and operators that can be read and edited before it is converted."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

_PASSES = {"Identity", "IdentityN", "StopGradient"}
# a session takes 40 ms for each value of a large model; these are in every Larq sign
_QUICK: dict[str, Callable[..., np.ndarray]] = {
    "Neg": np.negative,
    "Fill": lambda shape, value: np.full(shape, value, value.dtype),
}
_VARYING = ("Placeholder", "Random", "Stateful")


class Graph:
    """The body of a concrete function without variables; a tensor is written `node:output`.

    Arguments:
        function: a concrete function whose variables have become constants.
    """

    def __init__(self, function: Any):
        self._function = function
        self._def = function.graph.as_graph_def()
        self._nodes = {node.name: node for node in self._def.node}
        self._values: dict[str, np.ndarray | None] = {}
        self._constant = self._nodes.keys() - _below(self._def, _VARYING)
        self._session = tf.compat.v1.Session(graph=function.graph)

    def nodes(self, *ops: str) -> Iterator[Any]:
        """The nodes of these operators, as they were at the time of the call."""
        return iter([node for node in self._def.node if node.op in ops])

    def producer(self, tensor: str) -> Any:
        """The node that computes a tensor; nodes that only pass it on are skipped."""
        name, _, output = tensor.partition(":")
        node = self._nodes[name]
        if node.op in _PASSES:
            return self.producer(node.input[int(output or 0)])
        return node

    def shape(self, tensor: str) -> list[int]:
        """Shape of a constant, or of a tensor of the graph as it was given; -1 if it varies."""
        name, _, output = tensor.partition(":")
        if self._nodes[name].op == "Const":
            return list(tf.make_ndarray(self._nodes[name].attr["value"].tensor).shape)
        shape = self._function.graph.get_tensor_by_name(f"{name}:{output or 0}").shape
        return [-1 if n is None else n for n in shape.as_list()]

    def value(self, tensor: str) -> np.ndarray | None:
        """A tensor that is computed from constants alone; None for one that is not."""
        node = self.producer(tensor)
        if node.name not in self._values:
            value = self._compute(node)
            if value is not None and value.size and (value == value.flat[0]).all():
                value = np.broadcast_to(value.flat[0], value.shape)  # holds one number
            self._values[node.name] = value
        return self._values[node.name]

    def _compute(self, node: Any) -> np.ndarray | None:
        if node.op == "Const":
            return tf.make_ndarray(node.attr["value"].tensor)
        if node.name not in self._constant:
            return None
        if node.op in _QUICK:
            above = [self.value(tensor) for tensor in node.input if tensor[0] != "^"]
            return np.asarray(_QUICK[node.op](*above))
        return np.asarray(self._session.run(f"{node.name}:0"))

    def constant(self, name: str, value: np.ndarray) -> str:
        """A new constant; returns its tensor."""
        attributes = {"dtype": tf.as_dtype(value.dtype), "value": value}
        return self.add("Const", name, [], **attributes)

    def add(self, op: str, name: str, inputs: list[str], **attributes: Any) -> str:
        """A new node of an unused name like `name`; returns its first output."""
        free = name
        while free in self._nodes:
            free += "_"
        self._nodes[free] = self._def.node.add(name=free)
        self.become(self._nodes[free], op, inputs, **attributes)
        return free

    def become(self, node: Any, op: str, inputs: list[str], **attributes: Any) -> None:
        """Replaces a node by another of the same name, whose readers it keeps."""
        name = node.name
        node.Clear()
        node.name, node.op = name, op
        node.input.extend(inputs)
        for key, value in attributes.items():
            set_attribute(node, key, value)

    def function(self, signature: list[tf.TensorSpec]) -> Any:
        """The edited graph as a function of the given one's inputs."""
        body = tf.compat.v1.GraphDef(versions=self._def.versions, library=self._def.library)
        body.node.extend(node for node in self._def.node if node.op != "Placeholder")
        inputs, outputs = self._function.inputs, self._function.outputs

        @tf.function(input_signature=signature, autograph=False)
        def call(*images: tf.Tensor) -> Any:
            places = dict(zip((tensor.name for tensor in inputs), images, strict=True))
            results = tf.graph_util.import_graph_def(
                body, places, [tensor.name for tensor in outputs], name=""
            )
            return tf.nest.pack_sequence_as(self._function.structured_outputs, results)

        return call


def set_attribute(node: Any, key: str, value: Any) -> None:
    """Gives a node an attribute: a type, a constant, a string, or what another node has."""
    if isinstance(value, tf.DType):
        node.attr[key].type = value.as_datatype_enum
    elif isinstance(value, np.ndarray):
        node.attr[key].tensor.CopyFrom(tf.make_tensor_proto(value))
    elif isinstance(value, bytes):
        node.attr[key].s = value
    else:
        node.attr[key].CopyFrom(value)


def _below(graph: Any, sources: tuple[str, ...]) -> set[str]:
    """The nodes that operators whose names begin with `sources` reach, and these themselves."""
    readers = defaultdict(list)
    for node in graph.node:
        for name in node.input:
            readers[name.lstrip("^").partition(":")[0]].append(node.name)
    found: set[str] = set()
    waiting = [node.name for node in graph.node if node.op.startswith(sources)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += readers[name]
    return found
