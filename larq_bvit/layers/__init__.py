"""Layers and quantizers of binary vision transformers and binary CNNs, all on (B, H, W, C)."""

from larq_bvit.layers.approx_sign import ApproxSign
from larq_bvit.layers.attention import QuantAttention
from larq_bvit.layers.binary_probability import BinaryProbability
from larq_bvit.layers.channel_tile import ChannelTile
from larq_bvit.layers.class_token import ClassToken
from larq_bvit.layers.drop_path import drop_path
from larq_bvit.layers.group_mean import GroupMean
from larq_bvit.layers.layer_scale import LayerScale
from larq_bvit.layers.leaky_clip import LeakyClip
from larq_bvit.layers.learned_shift import LearnedShift
from larq_bvit.layers.mirror import Mirror
from larq_bvit.layers.padded_average import PaddedAveragePooling2D
from larq_bvit.layers.pooling_branches import PoolingBranches
from larq_bvit.layers.position_embedding import PositionEmbedding
from larq_bvit.layers.quantized import bias_uniform, binary_conv, binary_linear, torch_uniform
from larq_bvit.layers.rprelu import RPReLU
from larq_bvit.layers.scaled_sign import ScaledSign
from larq_bvit.layers.split_token import SplitToken
from larq_bvit.layers.upsample import Upsample

__all__ = [
    "ApproxSign",
    "BinaryProbability",
    "ChannelTile",
    "ClassToken",
    "GroupMean",
    "LayerScale",
    "LeakyClip",
    "LearnedShift",
    "Mirror",
    "PaddedAveragePooling2D",
    "PoolingBranches",
    "PositionEmbedding",
    "QuantAttention",
    "RPReLU",
    "ScaledSign",
    "SplitToken",
    "Upsample",
    "bias_uniform",
    "binary_conv",
    "binary_linear",
    "drop_path",
    "torch_uniform",
]
