"""Makes the inside of a .tflite visible."""

from __future__ import annotations

import flatbuffers
from tensorflow.lite.python import schema_py_generated as schema

# TensorFlow Lite cuts names here, and numbers what has become equal
_NAME_LENGTH = 50


def probe(tflite: bytes, layers: list[str]) -> tuple[bytes, list[str]]:
    """A .tflite whose outputs are those of some layers, and which layers they are.

    A layer is found by its path in the operators' names, where it was not cut off, as the last
    tensor that carries it. That is right for layers of one operator, such as additions; whatever
    the converter has fused away is not found.

    Arguments:
        tflite: the file's bytes, of `to_tflite`.
        layers: names of layers of the frozen model.

    Returns:
        The changed file, and the names of its outputs in order of execution.
    """
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(tflite, 0))
    graph = model.subgraphs[0]
    wanted = {f"net/{name}/": name for name in layers if len(name) + 5 < _NAME_LENGTH}
    found: dict[str, int] = {}
    for node in graph.operators:
        for index in node.outputs:
            scope, _, _ = graph.tensors[index].name.decode().rpartition("/")
            if f"{scope}/" in wanted:
                name = wanted[f"{scope}/"]
                found.pop(name, None)  # the last one, in its own place
                found[name] = int(index)
    graph.outputs = list(found.values())
    model.signatureDefs = None  # they name the old outputs
    builder = flatbuffers.Builder(len(tflite))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output()), list(found)
