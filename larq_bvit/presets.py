"""Which weights are published: a folder of the root folder `zoo` each, its facts in preset.toml.

Needs no TensorFlow, unlike the subpackage `zoo`, whose models the weights are for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from larq_bvit._toml import from_table, read_toml, unknown
from larq_bvit.artifacts import artifacts

FILE = "preset.toml"


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One file of trained weights, and what it is good for.

    Attributes:
        name: of its folder, such as "binaryvit_nano_cifar10".
        model: its name in the zoo, "binaryvit_nano".
        dataset: what it was trained on, "cifar10".
        input_shape: (height, width, channels) in pixels.
        num_classes: width of the classifier.
        sha256: of the file `weights.safetensors`, in hexadecimal digits.
        bytes: size of that file.
        top_1: share of evaluation images whose best class is right, 0 to 1.
        images: how many evaluation images that were.
        url: where the file can be downloaded; None where it comes with the package alone.
        default: whether `pretrained=True` means these weights; true for one preset per model.
        architecture_default: whether an architecture means this model where `pretrained` is given
            and no variant; true for at most one preset per architecture.
    """

    name: str
    model: str
    dataset: str
    input_shape: tuple[int, int, int]
    num_classes: int
    sha256: str
    bytes: int
    top_1: float
    images: int
    url: str | None = None
    default: bool = False
    architecture_default: bool = False

    def __post_init__(self) -> None:
        for key in ("name", "model", "dataset"):
            if not re.fullmatch(r"[\w.-]+", getattr(self, key)):
                raise ValueError(f"expected {key} to be a name; got {getattr(self, key)!r}")
        for key in ("num_classes", "bytes", "images"):
            if getattr(self, key) < 1:
                raise ValueError(f"expected {key} to be positive; got {getattr(self, key)}")
        if min(self.input_shape) < 1:
            raise ValueError(f"expected input_shape to be positive; got {self.input_shape}")
        if not re.fullmatch(r"[0-9a-f]{64}", self.sha256):
            raise ValueError(f"expected sha256 to be 64 digits of 0-9a-f; got {self.sha256!r}")
        if not 0 <= self.top_1 <= 1:
            raise ValueError(f"expected top_1 to be a share from 0 to 1; got {self.top_1}")
        if self.url is not None and not is_web_address(self.url):
            raise ValueError(f"expected url to be an address of http or https; got {self.url!r}")
        if self.architecture_default and not self.default:
            raise ValueError("expected default = true where architecture_default is; got false")

    @property
    def architecture(self) -> str:
        """`binaryvit` of `binaryvit_nano`: names of architectures are one word."""
        return self.model.partition("_")[0]


def is_web_address(url: str) -> bool:
    """Whether it is one of http or https, with a host."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def presets() -> dict[str, Preset]:
    """All presets by name, sorted.

    Raises:
        ValueError: one of their files is wrong; says which, what was expected and what came.
    """
    return dict(_presets())


def preset_for(model: str, pretrained: bool | str) -> Preset:
    """What `pretrained` means for a model.

    Arguments:
        model: its name in the zoo.
        pretrained: True for the model's default, a data set ("cifar10"), or a preset's name.

    Raises:
        ValueError: there is none; says which there are.
    """
    if pretrained is not True and not isinstance(pretrained, str):
        raise ValueError(
            f"pretrained must be True, a data set or the name of a preset; got {pretrained!r}"
        )
    known = presets()
    own = [preset for preset in known.values() if preset.model == model]
    if not own:
        raise ValueError(_nothing(model, known.values()))
    if pretrained is True:
        return next(preset for preset in own if preset.default)
    fits = [preset for preset in own if pretrained in (preset.name, preset.dataset)]
    if len(fits) == 1:
        return fits[0]
    there_are = ", ".join(f"{preset.name} ({preset.dataset})" for preset in own)
    if fits:
        choice = " or ".join(repr(preset.name) for preset in fits)
        raise ValueError(
            f"{model!r} has several pretrained weights of {pretrained!r}: give {choice}"
        )
    if pretrained in known:
        other = known[pretrained].model
        raise ValueError(f"{pretrained!r} are weights of {other!r}; {model!r} has {there_are}")
    names = [*{preset.dataset: None for preset in own}, *(preset.name for preset in own)]
    raise unknown(f"pretrained weights of {model!r} (there are {there_are}):", pretrained, names)


def model_for(architecture: str, pretrained: bool | str) -> str | None:
    """The model that an architecture means where `pretrained` is given and no variant.

    That of the preset of this name, else that of the architecture's default, but for a data set
    that this one was not trained on: then the best one that was. None without any.
    """
    own = [preset for preset in presets().values() if preset.architecture == architecture]
    named = [preset.model for preset in own if preset.name == pretrained]
    default = [preset.model for preset in own if preset.architecture_default]
    trained = [preset for preset in own if preset.dataset == pretrained]
    trained.sort(key=lambda preset: (preset.model not in default, -preset.top_1))
    return next(iter([*named, *(preset.model for preset in trained), *default]), None)


def check_new(preset: Preset) -> None:
    """Whether a preset can be added to those that there are.

    Raises:
        ValueError: with it, True would mean nothing for its model, or several things.
    """
    others = [other for other in _found() if other.name != preset.name]
    own = [other for other in others if other.model == preset.model]
    if not own and not preset.default:
        raise ValueError(
            f"expected the first weights of {preset.model!r} to be its default ones; got "
            "default = false"
        )
    family = [other for other in others if other.architecture == preset.architecture]
    for flag, rivals in (("default", own), ("architecture_default", family)):
        taken = [other.name for other in rivals if getattr(other, flag)]
        if getattr(preset, flag) and taken:
            raise ValueError(
                f"expected {flag} in one {FILE}; it is in that of {taken[0]}: leave it out here, "
                "and move that line once this one is there"
            )


@cache
def _presets() -> dict[str, Preset]:
    found = _found()
    _check_defaults(found)
    return {preset.name: preset for preset in found}


def _found() -> list[Preset]:
    """All that there are, each checked by itself, by name."""
    return [_read(path) for path in artifacts("zoo", FILE) if path.name == FILE]


def _read(path: Path) -> Preset:
    name = path.parent.name
    table = {"name": name, **read_toml(path)}
    try:
        preset = from_table(Preset, table)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    if preset.name != name:
        raise ValueError(f"{path}: expected name to be that of its folder; got {preset.name!r}")
    return preset


def _check_defaults(found: list[Preset]) -> None:
    """Raises a ValueError unless True means one thing everywhere."""
    defaults = Counter(preset.model for preset in found if preset.default)
    for model in {preset.model for preset in found}:
        if defaults[model] != 1:
            names = ", ".join(preset.name for preset in found if preset.model == model)
            raise ValueError(
                f"expected one {FILE} of {model!r} with default = true; "
                f"got {defaults[model]} among {names}"
            )
    chosen = Counter(preset.architecture for preset in found if preset.architecture_default)
    for architecture, number in chosen.items():
        if number > 1:
            raise ValueError(
                f"expected at most one {FILE} of {architecture!r} with "
                f"architecture_default = true; got {number}"
            )


def _nothing(model: str, known: Iterable[Preset]) -> str:
    models = sorted({preset.model for preset in known})
    return (
        f"there are no pretrained weights of {model!r} yet; models with pretrained weights: "
        f"{', '.join(models) or 'none'}. Use weights=PATH for a file of your own, or import_torch "
        f"for a PyTorch checkpoint"
    )
