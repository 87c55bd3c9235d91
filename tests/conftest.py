"""What every test starts from, whatever ran before it in the same process."""

import gc

import pytest

from larq_bvit import artifacts, presets


@pytest.fixture(autouse=True, scope="module")
def short_collections():
    """Collections do not look through what files of tests before have left, again and again."""
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def fresh_keras():
    """Keras' default precision and layer names, and latent kernels.

    A policy that was set by name would outlive `set_floatx`, and an exception inside a Larq layer
    leaves Larq's kernels reading as quantized.
    """
    # here: the process that hands out the tests needs neither
    import larq as lq
    import tensorflow as tf

    tf.keras.backend.set_floatx("float32")
    tf.keras.mixed_precision.set_global_policy(None)
    tf.keras.backend.reset_uids()
    with lq.context.quantized_scope(False):
        yield


@pytest.fixture(scope="module")
def few_nano():
    """`binaryvit_nano` is a model with few layers, for the rest of the module's tests."""
    from tests.few_nano import few_nano  # here as above

    with few_nano():
        yield


@pytest.fixture
def empty_package(tmp_path, monkeypatch):
    """The folder of an installed package that has published nothing yet, see `tests.presets`."""
    folder = tmp_path / "site" / "larq_bvit"
    (folder / "_artifacts").mkdir(parents=True)
    monkeypatch.setattr(artifacts, "_PACKAGE", folder)
    monkeypatch.setenv("LARQ_BVIT_CACHE", str(tmp_path / "cache"))
    presets._presets.cache_clear()
    yield folder
    presets._presets.cache_clear()


@pytest.fixture
def no_weights(monkeypatch):
    """A zoo without published weights."""
    monkeypatch.setattr(presets, "_presets", dict)
