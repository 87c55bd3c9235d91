"""The preset.toml of packed weights."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tomli_w

from larq_bvit._toml import from_table
from larq_bvit.artifacts import artifact_folder
from larq_bvit.presets import FILE, Preset, check_new
from larq_bvit.train.evaluation import Evaluation
from larq_bvit.zoo.weight_files import FILE as WEIGHTS


def check_preset(name: str, facts: dict[str, Any], flags: dict[str, bool], out: Path) -> None:
    """Whether weights that are still to be measured can be a preset of this name.

    In the folder of the presets that come with the package, it must fit these, too.

    Raises:
        ValueError: a name that is none, or defaults that contradict each other.
    """
    unknown = {"num_classes": 1, "sha256": "0" * 64, "bytes": 1, "top_1": 0.0, "images": 1}
    trial = _preset(name, facts, flags, **unknown)
    if is_own(out):
        check_new(trial)


def is_own(out: Path) -> bool:
    """Whether it is the folder of the presets that come with the package."""
    return out.resolve() == artifact_folder("zoo").resolve()


def write_preset(
    folder: Path, name: str, facts: dict[str, Any], flags: dict[str, bool], evaluation: Evaluation
) -> None:
    """Writes that of the packed weights in `folder`, whose name will be `name`."""
    weights = (folder / WEIGHTS).read_bytes()
    preset = _preset(
        name,
        facts,
        flags,
        num_classes=len(evaluation.classes),
        sha256=hashlib.sha256(weights).hexdigest(),
        bytes=len(weights),
        top_1=evaluation.top_1.value,
        images=evaluation.images,
    )
    table = asdict(preset)
    del table["name"]  # is that of its folder
    table = {key: value for key, value in table.items() if value is not None and value is not False}
    (folder / FILE).write_text(tomli_w.dumps(table), encoding="utf-8")


def _preset(name: str, facts: dict[str, Any], flags: dict[str, bool], **measured: Any) -> Preset:
    told = {key: facts[key] for key in ("model", "dataset", "input_shape")}
    return from_table(Preset, {"name": name, **told, **flags, **measured})
