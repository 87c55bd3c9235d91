"""Jobs of half precision, with a teacher."""

import numpy as np
import pytest

from larq_bvit.train import fitting
from larq_bvit.train.recipes import load_recipe
from tests.train.jax_backend import jobs
from tests.train.models import small

pytest.importorskip("jax", reason='pip install "larq_bvit[jax]"')

from larq_bvit.train.jax_backend.exporting import export_job  # noqa: E402


@pytest.mark.parametrize("precision", ["mixed_bfloat16"])
def test_a_job_of_half_precision(tmp_path, monkeypatch, caplog, precision):
    monkeypatch.setattr(fitting, "load_teacher", lambda *_: small(size=jobs.SIZE))
    images = jobs.write_images(tmp_path / "images", 8)
    changes = ["model.variant.widths=[8,16]", "epochs=1", "data.batch_size=4"]
    changes += ["data.size=[32,32]", f"data.dataset=folder:{images}", f"precision={precision}"]
    changes += ["distillation.teacher=deit_small", "distillation.weights=none"]
    job = export_job(load_recipe("reactnet_cifar10", changes), tmp_path / "job")
    assert "1 epochs of 8 images are 2 steps" in caplog.text
    assert "agrees" in jobs.run(job, "--verify", "--tolerance", 0.05)
    jobs.run(job)
    (line,) = jobs.history(job / "history.csv")
    assert np.isfinite(list(line.values())).all()
