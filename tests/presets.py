"""Published weights of the tests' own, in the folder of the fixture `empty_package`."""

import hashlib
from pathlib import Path

import tomli_w

from larq_bvit import presets

FACTS = {
    "model": "binaryvit_nano",
    "dataset": "cifar10",
    "input_shape": [32, 32, 3],
    "num_classes": 10,
    "sha256": hashlib.sha256(b"weights").hexdigest(),
    "bytes": len(b"weights"),
    "top_1": 0.75,
    "images": 10_000,
}


def publish(package: Path, name: str, content: bytes | None = None, /, **changes) -> Path:
    """Writes a preset's folder, with the weights `content`; None leaves a field out."""
    folder = package / "_artifacts" / "zoo" / name
    folder.mkdir(parents=True, exist_ok=True)
    table = {**FACTS, **changes}
    if content is not None:
        facts = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        table = {**FACTS, **facts, **changes}
        (folder / "weights.safetensors").write_bytes(content)
    text = tomli_w.dumps({key: value for key, value in table.items() if value is not None})
    (folder / "preset.toml").write_text(text)
    presets._presets.cache_clear()
    return folder
