"""Models: BinaryViT, its ablation ladder, and the binary CNNs that it is compared with."""

from larq_bvit.zoo.binaryvit import BinaryViT, BinaryViTVariant
from larq_bvit.zoo.birealnet import BiRealNet, BiRealNetVariant
from larq_bvit.zoo.deit import DeiT, DeiTVariant
from larq_bvit.zoo.images import decode_predictions, load_image, preprocess_input
from larq_bvit.zoo.load_model import load_model
from larq_bvit.zoo.packed import WeightsMetadata
from larq_bvit.zoo.profile import LayerProfile, ModelProfile, profile
from larq_bvit.zoo.reactdeit import ReActDeiT, ReActDeiTVariant
from larq_bvit.zoo.reactnet import ReActNet, ReActNetVariant
from larq_bvit.zoo.registry import create, list_models, list_presets
from larq_bvit.zoo.torch_import import export_torch, import_torch
from larq_bvit.zoo.weights import load_weights, read_metadata, save_weights

__all__ = [
    "BiRealNet",
    "BiRealNetVariant",
    "BinaryViT",
    "BinaryViTVariant",
    "DeiT",
    "DeiTVariant",
    "LayerProfile",
    "ModelProfile",
    "ReActDeiT",
    "ReActDeiTVariant",
    "ReActNet",
    "ReActNetVariant",
    "WeightsMetadata",
    "create",
    "decode_predictions",
    "export_torch",
    "import_torch",
    "list_models",
    "list_presets",
    "load_image",
    "load_model",
    "load_weights",
    "preprocess_input",
    "profile",
    "read_metadata",
    "save_weights",
]
