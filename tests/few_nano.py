"""A small `binaryvit_nano`, for tests of what holds for any model of the zoo."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from larq_bvit.zoo.registry import MODELS
from tests.train.few_layers import FEW_LAYERS


@contextmanager
def few_nano(**changes: Any) -> Iterator[None]:
    """`binaryvit_nano` is meanwhile a model with `FEW_LAYERS`: two stages and one block.

    Arguments:
        changes: other fields of its variant.
    """
    name = "binaryvit_nano"
    architecture, variant = MODELS[name]
    few = replace(architecture.variants[variant], **{**FEW_LAYERS[name], **changes})
    small = replace(architecture, variants={**architecture.variants, variant: few})
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MODELS, name, (small, variant))
        yield
