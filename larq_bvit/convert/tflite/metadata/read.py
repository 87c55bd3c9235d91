"""Reads the metadata of a .tflite."""

from __future__ import annotations

import numpy as np

from larq_bvit.convert.tflite.flatbuffer import load
from larq_bvit.convert.tflite.metadata import fields as f
from larq_bvit.convert.tflite.metadata.container import find_buffer, read_file
from larq_bvit.convert.tflite.metadata.metadata import Metadata
from larq_bvit.convert.tflite.metadata.tables import EMPTY, Table


def read_metadata(tflite: bytes) -> Metadata | None:
    """What a .tflite says of itself, whoever wrote it; None when it has no metadata.

    Raises:
        ValueError: these bytes are not a .tflite, or its metadata or labels are damaged.
    """
    model = load(tflite)
    try:
        buffer = find_buffer(model)
        if buffer is None:
            return None
        return _read(b"" if buffer.data is None else bytes(buffer.data), tflite)
    except ValueError as error:
        raise ValueError(f"the metadata of this .tflite is damaged: {error}") from error


def _read(data: bytes, tflite: bytes) -> Metadata:
    model = Table.root(data, f.IDENTIFIER)
    graph = _first(model.tables(f.ModelMetadata.SUBGRAPH_METADATA))
    image = _first(graph.tables(f.SubGraphMetadata.INPUT_TENSOR_METADATA))
    scores = _first(graph.tables(f.SubGraphMetadata.OUTPUT_TENSOR_METADATA))
    stats, normalization = image.table(f.TensorMetadata.STATS), _normalization(image)
    return Metadata(
        name=model.string(f.ModelMetadata.NAME),
        description=model.string(f.ModelMetadata.DESCRIPTION),
        version=model.string(f.ModelMetadata.VERSION),
        author=model.string(f.ModelMetadata.AUTHOR),
        license=model.string(f.ModelMetadata.LICENSE),
        mean=_decimals(normalization, f.NormalizationOptions.MEAN),
        std=_decimals(normalization, f.NormalizationOptions.STD),
        input_min=_decimals(stats, f.Stats.MIN),
        input_max=_decimals(stats, f.Stats.MAX),
        labels=_labels(scores, tflite),
    )


def _first(tables: list[Table]) -> Table:
    return tables[0] if tables else EMPTY


def _normalization(tensor: Table) -> Table:
    for unit in tensor.tables(f.TensorMetadata.PROCESS_UNITS):
        if unit.byte(f.ProcessUnit.OPTIONS_TYPE) == f.ProcessUnitType.NORMALIZATION:
            return unit.table(f.ProcessUnit.OPTIONS)
    return EMPTY


def _decimals(table: Table, field: int) -> tuple[float, ...]:
    """Of float32 0.1 the number 0.1, not 0.10000000149011612."""
    return tuple(float(str(np.float32(x))) for x in table.floats(field))


def _labels(tensor: Table, tflite: bytes) -> tuple[str, ...]:
    """Lines of the first label file."""
    for file in tensor.tables(f.TensorMetadata.ASSOCIATED_FILES):
        name, kind = file.string(f.AssociatedFile.NAME), file.byte(f.AssociatedFile.TYPE)
        if name and kind == f.AssociatedFileType.TENSOR_AXIS_LABELS:
            text = read_file(tflite, name).decode()
            lines = text.removesuffix("\n").split("\n") if text else []
            return tuple(line.removesuffix("\r") for line in lines)
    return ()
