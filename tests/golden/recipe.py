"""The deterministic arrays behind the golden files beside this module.

A golden file holds what the authors' published PyTorch code computes in float64 when its state
dict is filled by `fill` and its input by `images`: `keys` and `shapes` of the state dict, `seed`,
`eval_logits`, `block_stats` (per block: mean, standard deviation, first six values), `labels`,
`train_logits`, `train_loss`, `grad_keys`, `grad_stats` (per gradient: norm, sum, first four
values). The arrays themselves are rebuilt from names and shapes.
"""

import zlib
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
NAMES = sorted(path.stem for path in FOLDER.glob("*.npz"))


def load(name: str) -> dict[str, np.ndarray]:
    """One golden file."""
    with np.load(FOLDER / f"{name}.npz") as file:
        return dict(file)


def state(golden: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The filled state dict of a golden file."""
    shapes = [tuple(int(n) for n in str(s).split(",") if n) for s in golden["shapes"]]
    seed = int(golden["seed"])
    return {str(k): fill(str(k), s, seed) for k, s in zip(golden["keys"], shapes, strict=True)}


def images(seed: int, batch: int = 2, size: int = 224) -> np.ndarray:
    """Input images (B, H, W, 3), float64 standard normal, drawn channels first."""
    return np.random.RandomState(seed).standard_normal((batch, 3, size, size)).transpose(0, 2, 3, 1)


def fill(key: str, shape: tuple[int, ...], seed: int) -> np.ndarray:
    """One parameter or buffer of the PyTorch state dict, float64."""
    # RandomState's streams are frozen: the same on every NumPy release
    rng = np.random.RandomState((zlib.crc32(key.encode()) + 7919 * seed) % 2**32)
    noise = rng.standard_normal(shape) if shape else float(rng.standard_normal())
    name = key.rsplit(".", 1)[-1]
    if name == "num_batches_tracked":
        return np.zeros(shape, np.int64)
    if name == "running_var":
        return 0.5 + rng.uniform(size=shape)
    if name == "running_mean":
        return 0.2 * noise
    if name == "att_prob_clip":
        return np.asarray(0.02 * (0.5 + rng.uniform()))
    if name == "alpha":
        return 0.1 + 0.05 * noise
    if "prelu" in key and name == "weight":
        return 0.25 + 0.05 * noise
    if name.startswith("move") or name in ("bias", "position_embeddings", "cls_token"):
        return 0.1 * noise
    if name == "weight" and len(shape) == 1:
        return 1.0 + 0.1 * noise
    if name in ("weight", "weights") and len(shape) > 1:
        offset = rng.standard_normal((shape[0],) + (1,) * (len(shape) - 1))
        return 0.05 * noise + (0.02 * offset if name == "weight" else 0.0)
    raise KeyError(f"no rule for {key} {shape}")
