"""One tiny job that several tests share; each works on a copy."""

import shutil

import pytest

from larq_bvit.train.recipes import load_recipe
from tests.train.jax_backend import jobs

EPOCHS, STEPS, BATCH = 6, 3, 4


@pytest.fixture(autouse=True, scope="package")
def compiled_once(tmp_path_factory):
    """What one job has compiled the next ones find, as where users set this variable."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path_factory.mktemp("compiled")))
        yield


@pytest.fixture(scope="package")
def exported(tmp_path_factory):
    """(recipe, job) of a ReActNet of two blocks, with averaged weights; never trained."""
    pytest.importorskip("jax", reason='pip install "larq_bvit[jax]"')
    from larq_bvit.train.jax_backend.exporting import export_job

    root = tmp_path_factory.mktemp("exported")
    images = jobs.write_images(root / "images", STEPS * BATCH)
    changes = ["model.variant.widths=[8,16]", f"epochs={EPOCHS}", f"data.batch_size={BATCH}"]
    changes += ["data.size=[32,32]", f"data.dataset=folder:{images}", "optimizer.ema=0.5"]
    changes += ["optimizer.learning_rate=0.01", "optimizer.reference_batch="]
    recipe = load_recipe("reactnet_cifar10", changes)
    return recipe, export_job(recipe, root / "job")


@pytest.fixture
def recipe(exported):
    return exported[0]


@pytest.fixture
def job(exported, tmp_path):
    """A copy of its folder."""
    return shutil.copytree(exported[1], tmp_path / "job")
