"""Which runtime is taken, and what is said when there is none."""

import sys

import pytest

from larq_bvit.runtime import backend as module


def test_litert_comes_first(monkeypatch):
    assert [load.__name__ for load in module.BACKENDS] == ["litert", "tensorflow_lite"]
    first = module.tensorflow_lite()
    monkeypatch.setattr(module, "BACKENDS", (lambda: first, lambda: pytest.fail("not asked")))
    assert module.backend() is first


def test_tensorflow_without_litert(monkeypatch):
    import tensorflow as tf

    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    found = module.backend()
    assert found.name == f"TensorFlow Lite {tf.__version__}"
    assert found.interpreter is tf.lite.Interpreter


def test_litert():
    stock = pytest.importorskip("ai_edge_litert.interpreter")
    found = module.backend()
    assert found.name.startswith("LiteRT ") and found.interpreter is stock.Interpreter


def test_none(monkeypatch):
    for name in ("ai_edge_litert.interpreter", "tensorflow.lite.python.interpreter"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError) as error:
        module.backend()
    assert 'pip install "larq_bvit[litert]"' in str(error.value)
    assert "ai_edge_litert" in str(error.value) and "tensorflow" in str(error.value)


def test_a_runtime_of_a_distribution_of_another_name(monkeypatch):
    monkeypatch.setattr(module, "version_of", lambda distribution: None)
    assert module.tensorflow_lite().name == "TensorFlow Lite of unknown version"
