"""Names and one line about every model of the zoo, at hand without importing TensorFlow.

A test compares the names with the zoo's.
"""

from larq_bvit.presets import Preset, presets

_BINARYVIT = "Le & Li 2023, arXiv 2306.16678"
_REACTNET = "Liu et al. 2020, arXiv 2003.03488"
_BIREAL = "Liu et al. 2018, arXiv 1808.00278"

# {name: (what it is, where it comes from)}
CATALOG: dict[str, tuple[str, str]] = {
    "binaryvit_nano": ("BinaryViT for small data: 6 blocks, 64 to 256 channels", "ours"),
    "binaryvit_small": ("BinaryViT: 19 blocks, 64 to 512 channels", _BINARYVIT),
    "binaryvit_small_fp_down": (
        "BinaryViT with downsampling in full precision",
        _BINARYVIT,
    ),
    "binaryvit_tiny": ("BinaryViT for small data: 12 blocks, 64 to 256 channels", "ours"),
    "birealnet_18": ("Binary ResNet-18 with a shortcut around every convolution", _BIREAL),
    "birealnet_34": ("Binary ResNet-34 with a shortcut around every convolution", _BIREAL),
    "birealnet_50": (
        "Binary bottleneck ResNet of 50 layers",
        "Liu et al. 2018, arXiv 1811.01335",
    ),
    "deit_small": (
        "DeiT-S in full precision, BinaryViT's teacher",
        "Touvron et al. 2021, arXiv 2012.12877",
    ),
    "reactdeit_small": ("Binary DeiT-S with ReActNet's shifts and RPReLU", _BINARYVIT),
    "reactdeit_small_avg_pool": (
        "reactdeit_small, average pooling for the class token",
        _BINARYVIT,
    ),
    "reactdeit_small_layer_scale": (
        "reactdeit_small_multi_branch with layer scale",
        _BINARYVIT,
    ),
    "reactdeit_small_multi_branch": (
        "reactdeit_small_avg_pool with pooling branches",
        _BINARYVIT,
    ),
    "reactnet_18": ("Bi-Real-18 with learned shifts and RPReLU", _REACTNET),
    "reactnet_a": ("Binary MobileNet with learned shifts and RPReLU", _REACTNET),
    "reactnet_b": ("ReActNet-A, widening in full precision and 4 groups", _REACTNET),
    "reactnet_c": ("ReActNet-A, widening in full precision", _REACTNET),
}


def published() -> dict[str, list[Preset]]:
    """{name: its published weights, those that `pretrained=True` means first}."""
    weights: dict[str, list[Preset]] = {}
    for preset in sorted(presets().values(), key=lambda preset: not preset.default):
        weights.setdefault(preset.model, []).append(preset)
    return weights
