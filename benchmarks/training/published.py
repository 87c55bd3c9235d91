"""Child: the train step of the published PyTorch code on one batch of noise.

It needs PyTorch, transformers and a clone of the authors' repository, and nothing of ours. timm,
of which the model takes three small functions that make no difference here, is stood in for; the
repository's maps are of 224 pixels, and for another size its downsampling layers are made anew.
"""

import json
import sys
import types
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.training.child import serve

_CONFIG = "configs/binaryvit-small-patch4-224/config.json"
# scripts/run_binaryvit-small-patch4-224.sh
_OPTIONS = {
    "avg_res3": True,
    "avg_res5": True,
    "disable_layerscale": False,
    "drop_path": 0.0,
    "enable_cls_token": False,
    "input_bits": 1,
    "some_fp": False,
    "weight_bits": 1,
}


def main(folder: str, size: int, batch: int, classes: int) -> None:
    """Forward, cross-entropy, backward and AdamW, in float32 as its code does on a CPU."""
    import torch

    start = perf_counter()
    torch.manual_seed(0)
    model = _model(Path(folder), size, classes).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-4, weight_decay=0.0)
    images = torch.randn(batch, 3, size, size)
    labels = torch.randint(0, classes, (batch,))

    def step() -> None:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(images).logits, labels)
        loss.backward()
        optimizer.step()
        if not torch.isfinite(loss):
            raise FloatingPointError(f"the loss is {loss.item()}")

    step()
    first = perf_counter() - start
    parameters = sum(p.numel() for p in model.parameters())
    serve({"first": first, "torch": torch.__version__, "parameters": parameters}, step)


def _model(folder: Path, size: int, classes: int) -> Any:
    _stand_in_for_timm()
    sys.path.insert(0, str(folder))
    import models
    from transformer import modeling_vit_extra_res_pyramid as pyramid
    from transformers import ViTConfig

    plan = json.loads((folder / _CONFIG).read_text(encoding="utf-8"))
    plan = {name: value for name, value in plan.items() if name not in ("id2label", "label2id")}
    config = ViTConfig(num_labels=classes)
    # past its checks: newer releases of transformers want one width, not one per stage
    vars(config).update(plan, **_OPTIONS, image_size=size, norm_layer=models.BatchNormT)
    model = pyramid.ViTForImageClassification(config=config)
    (encoder,) = (part for part in model.modules() if hasattr(part, "patch_embed1"))
    dims = plan["hidden_size"]
    for stage in (1, 2, 3):
        kind = type(getattr(encoder, f"patch_embed{stage}"))
        side = size // plan["patch_size"] // 2 ** (stage - 1)
        layer = kind(side, in_dim=dims[stage - 1], out_dim=dims[stage], config=config)
        setattr(encoder, f"patch_embed{stage}", layer)
    return model


def _stand_in_for_timm() -> None:
    from torch import nn

    layers = types.ModuleType("timm.models.layers")
    vars(layers).update(
        trunc_normal_=nn.init.trunc_normal_,
        DropPath=nn.Identity,  # the published rate is 0
        to_2tuple=lambda value: (value, value),
    )
    for name in ("timm", "timm.models"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["timm.models.layers"] = layers


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
