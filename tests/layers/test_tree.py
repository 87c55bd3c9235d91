"""Every layer file has its test file, and every layer there keeps the contract."""

from importlib import import_module
from pathlib import Path

import pytest

from larq_bvit import layers

FILES = sorted(p.stem for p in Path(layers.__file__).parent.glob("*.py") if p.stem != "__init__")


@pytest.mark.parametrize("name", FILES)
def test_every_layer_file_has_a_contract(name):
    module = import_module(f"tests.layers.test_{name}")
    assert any(item.startswith("test_contract") for item in vars(module))


def test_all_lists_every_class():
    classes = {
        name
        for file in FILES
        for name, item in vars(import_module(f"larq_bvit.layers.{file}")).items()
        if isinstance(item, type) and item.__module__ == f"larq_bvit.layers.{file}"
    }
    assert classes == {name for name in layers.__all__ if isinstance(getattr(layers, name), type)}
