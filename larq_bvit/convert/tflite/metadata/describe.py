"""Metadata's tables of a model's inputs and outputs."""

from __future__ import annotations

from collections.abc import Sequence

from larq_bvit.convert.tflite.closing_softmax import ends_in_softmax
from larq_bvit.convert.tflite.flatbuffer import Graph, Tensor
from larq_bvit.convert.tflite.metadata import fields as f
from larq_bvit.convert.tflite.metadata.metadata import Metadata
from larq_bvit.convert.tflite.metadata.tables import Fields

LABEL_FILE = "labels.txt"
_COLOR_SPACES = {1: f.ColorSpace.GRAYSCALE, 3: f.ColorSpace.RGB}
_FEATURE = {f.Content.PROPERTIES_TYPE: f.ContentType.FEATURE, f.Content.PROPERTIES: {}}


def image(tensor: Tensor, metadata: Metadata) -> Fields:
    """The first input: an image if it has the shape (batch, height, width, 1 or 3)."""
    table = other(tensor)
    if len(tensor.shape) == 4 and tensor.shape[3] in _COLOR_SPACES:
        _, height, width, channels = tensor.shape
        color_space = _COLOR_SPACES[channels]
        table = {
            f.TensorMetadata.NAME: "image",
            f.TensorMetadata.DESCRIPTION: (
                f"{color_space.name} image of height {height} and width {width}"
            ),
            f.TensorMetadata.CONTENT: {
                f.Content.PROPERTIES_TYPE: f.ContentType.IMAGE,
                f.Content.PROPERTIES: {f.ImageProperties.COLOR_SPACE: color_space},
            },
        }
    normalization = {
        f.ProcessUnit.OPTIONS_TYPE: f.ProcessUnitType.NORMALIZATION,
        f.ProcessUnit.OPTIONS: {
            f.NormalizationOptions.MEAN: metadata.mean,
            f.NormalizationOptions.STD: metadata.std,
        },
    }
    return {
        **table,
        f.TensorMetadata.PROCESS_UNITS: [normalization] if metadata.mean else [],
        f.TensorMetadata.STATS: _stats(metadata.input_min, metadata.input_max),
    }


def scores(graph: Graph, metadata: Metadata) -> Fields:
    """The first output: probabilities where a softmax or sigmoid makes it, with its classes."""
    makers = [node.operator for node in graph.nodes if graph.outputs[0] in node.outputs]
    is_probability = ends_in_softmax(graph) or makers == ["LOGISTIC"]
    name = "probability" if is_probability else "score"
    label_file = {
        f.AssociatedFile.NAME: LABEL_FILE,
        f.AssociatedFile.DESCRIPTION: "names of the classes, one in a line",
        f.AssociatedFile.TYPE: f.AssociatedFileType.TENSOR_AXIS_LABELS,
    }
    return {
        f.TensorMetadata.NAME: name,
        f.TensorMetadata.DESCRIPTION: f"{name} of every class",
        f.TensorMetadata.CONTENT: _FEATURE,
        f.TensorMetadata.STATS: _stats((0,), (1,)) if is_probability else None,
        f.TensorMetadata.ASSOCIATED_FILES: [label_file] if metadata.labels else [],
    }


def other(tensor: Tensor) -> Fields:
    """Any further input or output, by its own name."""
    return {f.TensorMetadata.NAME: tensor.name, f.TensorMetadata.CONTENT: _FEATURE}


def _stats(low: Sequence[float], high: Sequence[float]) -> Fields | None:
    return {f.Stats.MAX: high, f.Stats.MIN: low} if low or high else None
