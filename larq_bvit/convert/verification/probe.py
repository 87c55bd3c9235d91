"""Makes the inside of a .tflite visible."""

from __future__ import annotations

from larq_bvit.convert.tflite.flatbuffer import load
from larq_bvit.convert.tflite.layer_names import NAME_LENGTH, SCOPE
from larq_bvit.convert.tflite.pack import pack

_LONGEST = NAME_LENGTH - len(f"{SCOPE}/")


def probe(tflite: bytes, layers: list[str]) -> tuple[bytes, list[str]]:
    """A .tflite whose outputs are those of some layers, and which layers they are.

    A layer is found by its path, the name of its last tensor (see `name_by_layer`), where it was
    not cut off. That is right for layers of one operator, such as additions; whatever the
    converter has fused away is not found.

    Arguments:
        tflite: the file's bytes, of `to_tflite`.
        layers: names of layers of the frozen model.

    Returns:
        The changed file, and the names of its outputs in order of execution.
    """
    model = load(tflite)
    graph = model.subgraphs[0]
    wanted = {name for name in layers if len(name) + 1 < _LONGEST}
    found: dict[str, int] = {}
    for node in graph.operators:
        for index in node.outputs:
            layer = (graph.tensors[index].name or b"").decode()
            if layer in wanted:
                found.pop(layer, None)  # the last one, in its own place
                found[layer] = int(index)
    graph.outputs = list(found.values())
    model.signatureDefs = None  # they name the old outputs
    return pack(model), list(found)
