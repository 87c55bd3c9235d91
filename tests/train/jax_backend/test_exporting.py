"""What a job's files depend on."""

import pytest

from larq_bvit.train.recipes import load_recipe
from larq_bvit.train.schedule import make_schedule
from tests.train.jax_backend import jobs
from tests.train.jax_backend.conftest import STEPS

pytest.importorskip("jax", reason='pip install "larq_bvit[jax]"')

from larq_bvit.train.jax_backend.exporting import export_job  # noqa: E402


def test_rates_and_epochs_are_no_part_of_a_program(recipe, job, tmp_path, monkeypatch):
    """So that jobs which differ in them share what JAX has compiled."""
    changes = ["optimizer.learning_rate=0.03", "epochs=3", "schedule.warmup_epochs=1"]
    changes += ["schedule.last=1e-4"]
    changed = load_recipe(recipe, changes)
    other = export_job(changed, tmp_path / "other", verify_steps=0)
    for name in ("train", "evaluation", "signs"):
        file = f"{name}.stablehlo"
        assert (other / file).read_bytes() == (job / file).read_bytes(), name
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path / "cache"))
    jobs.run(job, "--steps", 1)
    compiled = jobs.compiled(tmp_path / "cache")
    jobs.run(other)
    assert len(compiled) == 3 and jobs.compiled(tmp_path / "cache") == compiled
    rates = [line["learning_rate"] for line in jobs.history(other / "history.csv")]
    schedule = make_schedule(changed, STEPS)
    expected = [float(schedule(STEPS * epoch - 1)) for epoch in (1, 2, 3)]
    assert rates == pytest.approx(expected, rel=1e-6) and max(rates) > 0.02
