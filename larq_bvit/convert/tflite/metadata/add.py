"""Writes metadata into a .tflite."""

from __future__ import annotations

from larq_bvit.convert.tflite.flatbuffer import Graph, load, read
from larq_bvit.convert.tflite.metadata import describe
from larq_bvit.convert.tflite.metadata import fields as f
from larq_bvit.convert.tflite.metadata.checks import check
from larq_bvit.convert.tflite.metadata.container import append_file, set_buffer
from larq_bvit.convert.tflite.metadata.metadata import Metadata
from larq_bvit.convert.tflite.metadata.tables import Fields, pack_tables
from larq_bvit.convert.tflite.pack import pack


def add_metadata(tflite: bytes, metadata: Metadata) -> bytes:
    """The same model with metadata, which replaces older metadata and its files.

    The first input is described as an image, the first output by its classes. The libraries
    demand an entry for every other input and output too: it has the tensor's own name.

    Raises:
        ValueError: these bytes are not a .tflite, or the metadata does not fit the model; says
            what was expected and what came.
    """
    graph = read(tflite)
    if not graph.inputs or not graph.outputs:
        raise ValueError(
            f"expected a model with inputs and outputs; "
            f"got {len(graph.inputs)} and {len(graph.outputs)}"
        )
    check(metadata, _last_axis(graph, graph.inputs), _last_axis(graph, graph.outputs))
    model = load(tflite)
    set_buffer(model, pack_tables(_tables(graph, metadata), f.IDENTIFIER))
    packed = pack(model)  # without what was behind the model, such as an older archive
    if not metadata.labels:
        return packed
    return append_file(packed, describe.LABEL_FILE, "\n".join(metadata.labels).encode())


def _last_axis(graph: Graph, tensors: list[int]) -> int:
    """Of the first of some tensors."""
    shape = graph.tensors[tensors[0]].shape
    return shape[-1] if shape else 1


def _tables(graph: Graph, metadata: Metadata) -> Fields:
    inputs = [graph.tensors[index] for index in graph.inputs]
    outputs = [graph.tensors[index] for index in graph.outputs]
    main = {
        f.SubGraphMetadata.INPUT_TENSOR_METADATA: [
            describe.image(inputs[0], metadata),
            *map(describe.other, inputs[1:]),
        ],
        f.SubGraphMetadata.OUTPUT_TENSOR_METADATA: [
            describe.scores(graph, metadata),
            *map(describe.other, outputs[1:]),
        ],
    }
    return {
        f.ModelMetadata.NAME: metadata.name,
        f.ModelMetadata.DESCRIPTION: metadata.description,
        f.ModelMetadata.VERSION: metadata.version,
        f.ModelMetadata.SUBGRAPH_METADATA: [main],
        f.ModelMetadata.AUTHOR: metadata.author,
        f.ModelMetadata.LICENSE: metadata.license,
        f.ModelMetadata.MIN_PARSER_VERSION: f.PARSER_VERSION,
    }
