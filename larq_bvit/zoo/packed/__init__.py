"""Packed weight files: safetensors, binary kernels as bits, and what is known of the weights."""

from larq_bvit.zoo.packed.describe import describe, num_classes, variant_names
from larq_bvit.zoo.packed.metadata import Accuracy, Preprocessing, Share, WeightsMetadata
from larq_bvit.zoo.packed.read import PackedFile, read_packed
from larq_bvit.zoo.packed.write import packed_bytes

__all__ = [
    "Accuracy",
    "PackedFile",
    "Preprocessing",
    "Share",
    "WeightsMetadata",
    "describe",
    "num_classes",
    "packed_bytes",
    "read_packed",
    "variant_names",
]
