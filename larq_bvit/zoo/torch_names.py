"""What each weight is called in the published PyTorch code.

A table is a list of (pattern, replacement) that turns a Keras weight path into a PyTorch key,
applied in order. The keys are those of the authors' repositories: BinaryViT, ReActDeiT and DeiT
(which has the names of Hugging Face transformers), ReActNet, Bi-Real Net.
"""

import re
from collections.abc import Callable

Table = list[tuple[str, str | Callable[[re.Match], str]]]

NORM: Table = [
    (r"gamma$", "weight"),
    (r"beta$", "bias"),
    (r"moving_mean$", "running_mean"),
    (r"moving_variance$", "running_var"),
    (r"kernel$", "weight"),
]

TRANSFORMER: Table = [
    (r"^stem/(projection)", r"vit.embeddings.patch_embeddings.\1"),
    (r"^stem/norm", "vit.embeddings.norm"),
    (r"^stem/(class_token/)?position$", "vit.embeddings.position_embeddings"),
    (r"^stem/position/position$", "vit.embeddings.position_embeddings"),
    (r"^stem/class_token/token$", "vit.embeddings.cls_token"),
    (r"^head/norm", "vit.layernorm"),
    (r"^block(\d+)", lambda m: f"vit.encoder.layer.{int(m[1]) - 1}"),
    (r"attention/norm", "layernorm_before"),
    (r"mlp/norm", "layernorm_after"),
]

DEIT: Table = [
    *TRANSFORMER,
    (r"attention/(query|key|value)", r"attention.attention.\1"),
    (r"attention/out", "attention.output.dense"),
    (r"mlp/up", "intermediate.dense"),
    (r"mlp/down", "output.dense"),
    *NORM,
]

BINARY_TRANSFORMER: Table = [
    *TRANSFORMER,
    (r"^stage(\d)/downsample", lambda m: f"vit.encoder.patch_embed{int(m[1]) - 1}"),
    (r"norm_in", "norm0"),
    (r"conv/kernel$", "proj.weight"),
    (r"position/position$", "position_embeddings"),
    # the two affine layers of a block end up in modules of different depth
    (r"attention/affine", "attention.output.layerscale"),
    (r"mlp/affine", "output.layerscale"),
    (r"pooling/([hw]\d)", r"layerscale_\1"),
    (r"(layerscale\w*)/scale$", r"\1.alpha"),
    (r"(layerscale\w*)/shift$", r"\1.move"),
    (r"attention/reduce/linear", "attention.attention.reduction"),
    (r"attention/reduce/norm", "attention.attention.norm_r"),
    (r"attention/(query|key|value)/linear", r"attention.attention.\1"),
    (r"attention/(q|k|v|r)\w+/norm", r"attention.attention.norm\1"),
    (r"attention/(q|k|v|r)\w+/rprelu", r"attention.attention.rprelu\1"),
    (r"attention/(q|k|v|r)\w+/shift/shift$", r"attention.attention.move\1"),
    (r"attention/attend/(q|k|v)\w+/shift$", r"attention.attention.move\g<1>2"),
    (r"attention/attend/probability/clip$", "attention.attention.att_prob_clip"),
    (r"attention/context/(norm|rprelu)", r"attention.attention.\1_context"),
    (r"attention/out", "attention.output"),
    (r"mlp/up", "intermediate"),
    (r"mlp/down", "output"),
    (r"linear/kernel$", "dense.weight"),
    (r"/shift/shift$", "/move"),
    (r"shift_in$", "move1"),
    (r"slope$", "prelu/weight"),
    (r"shift_out$", "move2"),
    *NORM,
]

RESNET: Table = [
    (r"^stem/conv", "conv1"),
    (r"^stem/norm", "bn1"),
    (r"^classifier", "fc"),
    (r"^stage(\d)/block(\d+)", lambda m: f"layer{m[1]}.{int(m[2]) - 1}"),
    (r"shortcut/conv", "downsample.1"),
    (r"shortcut/norm", "downsample.2"),
    (r"conv/kernel$", "binary_conv.weight"),
    (r"norm", "bn1"),
    (r"/shift/shift$", ".move0.bias"),
    (r"rprelu/shift_in$", "move1.bias"),
    (r"rprelu/slope$", "prelu.weight"),
    (r"rprelu/shift_out$", "move2.bias"),
    *NORM,
]

MOBILENET: Table = [
    (r"^stem/conv", "feature.0.conv1"),
    (r"^stem/norm", "feature.0.bn1"),
    (r"^classifier", "fc"),
    (r"^block(\d+)", r"feature.\1"),
    (r"spatial/conv", "binary_3x3"),
    (r"spatial/norm", "bn1"),
    (r"spatial/shift/shift$", "move11.bias"),
    (r"spatial/rprelu/shift_in$", "move12.bias"),
    (r"spatial/rprelu/slope$", "prelu1.weight"),
    (r"spatial/rprelu/shift_out$", "move13.bias"),
    (r"pointwise/shift/shift$", "move21.bias"),
    (r"pointwise/conv", "binary_pw"),
    (r"pointwise/left/conv", "binary_pw_down1"),
    (r"pointwise/right/conv", "binary_pw_down2"),
    (r"pointwise/left/norm", "bn2_1"),
    (r"pointwise/right/norm", "bn2_2"),
    (r"pointwise/norm", "bn2"),
    (r"pointwise/rprelu/shift_in$", "move22.bias"),
    (r"pointwise/rprelu/slope$", "prelu2.weight"),
    (r"pointwise/rprelu/shift_out$", "move23.bias"),
    *NORM,
]

BOTTLENECK: Table = [
    (r"^stem/conv", "conv1"),
    (r"^stem/norm", "bn1"),
    (r"^classifier", "fc"),
    (r"^block(\d+)", lambda m: f"layers.{int(m[1]) - 1}"),
    (r"outer_shortcut/conv", "downsample.1"),
    (r"outer_shortcut/norm", "downsample.2"),
    (r"inner_shortcut/conv", "down_conv1x1"),
    (r"norm(\d)", r"bn\1"),
    *NORM,
]


# In the published Bi-Real-50, but its first block, which has no inner shortcut, never calls it.
UNUSED = {"layers.0.down_conv1x1.weight"}

CLASSIFIERS = "classifier.", "fc."  # what the classifiers' keys begin with


_SHIFTS = re.compile(r"(move\d+\.bias|patch_embed\d+\.move)$")  # of maps (B, C, H, W)
_LINEAR = re.compile(r"(dense|query|key|value|reduction)\.weight$")  # 1x1 convolutions here
_BINARY = re.compile(r"binary_\w+\.weight$")


def published_shape(key: str, shape: tuple[int, ...], flat: bool) -> tuple[int, ...]:
    """Of a tensor that has the axes (C,), (out, in) or (out, in, height, width) here.

    Arguments:
        flat: whether the published code holds binary kernels as columns.
    """
    if _SHIFTS.search(key):
        return 1, *shape, 1, 1
    if _LINEAR.search(key):
        return shape[:2]
    if key.endswith("cls_token"):
        return 1, 1, *shape
    return (-1, 1) if flat and _BINARY.search(key) else shape


def published_key(key: str, flat: bool) -> str:
    """Flat kernels are `weights`, all others `weight`."""
    return f"{key}s" if flat and _BINARY.search(key) else key


def torch_key(path: str, table: Table) -> str:
    """`block1/mlp/up/linear/kernel` -> `vit.encoder.layer.0.intermediate.dense.weight`."""
    for pattern, replacement in table:
        path = re.sub(pattern, replacement, path)
    return path.replace("/", ".")
