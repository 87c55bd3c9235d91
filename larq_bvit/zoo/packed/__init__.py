"""Packed weight files: safetensors, binary kernels as bits, and what is known of the weights."""

from larq_bvit.zoo.packed.agreement import contradictions, name_of_another, stored_variant
from larq_bvit.zoo.packed.describe import describe
from larq_bvit.zoo.packed.metadata import Accuracy, Preprocessing, Share, WeightsMetadata
from larq_bvit.zoo.packed.read import PackedFile, read_packed
from larq_bvit.zoo.packed.write import packed_bytes

__all__ = [
    "Accuracy",
    "PackedFile",
    "Preprocessing",
    "Share",
    "WeightsMetadata",
    "contradictions",
    "describe",
    "name_of_another",
    "packed_bytes",
    "read_packed",
    "stored_variant",
]
