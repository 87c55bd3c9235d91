"""Runs from jobs, and jobs from runs."""

import shutil

import numpy as np
import pytest

from larq_bvit.train import running
from larq_bvit.train.jax_backend.collecting import collect, collect_best
from larq_bvit.train.jax_backend.exporting import export_job
from larq_bvit.train.jax_backend.runner import pieces
from larq_bvit.train.origin import Origin, load_origin, origin_here, save_origin
from larq_bvit.train.recipes import load_recipe
from larq_bvit.train.run_folder import RunFolder
from larq_bvit.zoo.weights import read_weights
from tests.long import long_test
from tests.train.jax_backend import jobs


def test_a_job_goes_on_with_a_run(recipe, job, tmp_path):
    """JAX, TensorFlow's checkpoint, JAX again: the same bits as JAX alone."""
    jobs.run(job, "--steps", 10)
    assert collect(job, tmp_path / "run") is not None
    # Keras' file of the run that goes on within the fourth epoch, on another machine
    images = recipe.data.dataset.removeprefix("folder:")
    elsewhere = f"data.dataset=folder:{shutil.copytree(images, tmp_path / 'elsewhere')}"
    moved = load_recipe(recipe, [elsewhere, "data.parallel=1"])
    again = export_job(moved, tmp_path / "again", start=tmp_path / "run")
    for name, array in jobs.state(job).items():
        assert array.tobytes() == jobs.state(again)[name].tobytes(), name
    for folder in (job, again):
        jobs.run(folder)
    assert jobs.history(again / "history.csv") == jobs.history(job / "history.csv")
    one, two = (collect(path, tmp_path / f"{path.name}-run") for path in (job, again))
    assert one.as_dict() == two.as_dict()
    weights = [read_weights(tmp_path / f"{name}-run" / "best.h5") for name in ("job", "again")]
    for name, array in weights[0].items():
        np.testing.assert_array_equal(weights[1][name], array)


@long_test("a minute")
def test_the_best_epoch_may_be_from_before(recipe, job, tmp_path):
    jobs.run(job, "--steps", 4)
    facts, arrays = pieces.newest_snapshot(job / "state")
    name = pieces.snapshots(job / "state")[-1]
    pieces.save_snapshot(job / "state", name, {**facts, "best": 2.0, "best_epoch": 1}, arrays)
    collect(job, tmp_path / "run")
    again = export_job(recipe, tmp_path / "again", start=tmp_path / "run")
    jobs.run(again)
    collect(again, tmp_path / "end")
    assert pieces.snapshots(again / "best") == ["epoch00001"]
    before, after = (read_weights(tmp_path / name / "best.h5") for name in ("run", "end"))
    assert all((before[name] == after[name]).all() for name in before)


def test_best_alone(recipe, job, tmp_path):
    """Of three files, without a checkpoint; nothing goes on from there in silence."""
    jobs.run(job)
    whole = collect(job, tmp_path / "whole")
    piece, part = tmp_path / "piece", tmp_path / "part"
    shutil.copytree(job / "best", piece / "best")
    for name in ("history.csv", "recipe.toml"):
        shutil.copy(job / name, piece)
    assert collect_best(piece, part).as_dict() == whole.as_dict()
    for name in ("best.h5", "history.csv", "evaluation.json", "recipe.toml", "cost.json"):
        assert (part / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    assert not (part / "weights.h5").exists()
    with pytest.raises(ValueError, match="no checkpoint beside best.h5: it cannot go on"):
        running.resume(part)
    with pytest.raises(ValueError, match="no checkpoint beside best.h5: it cannot go on"):
        export_job(recipe, tmp_path / "again", start=part)
    # a history of later: the epoch that beat the weights is not theirs
    lines = (job / "history.csv").read_text().splitlines()
    epoch, place = int(pieces.snapshots(job / "best")[-1][5:]), lines[0].split(",")
    better = lines[-1].split(",")
    better[0], better[place.index("val_accuracy")] = "7", "2.0"
    (piece / "history.csv").write_text("\n".join([*lines, ",".join(better)]) + "\n")
    collect_best(piece, tmp_path / "later")
    assert (tmp_path / "later" / "history.csv").read_text().splitlines() == lines
    # one of before: there is no line of the weights' epoch
    (piece / "history.csv").write_text("\n".join(lines[:epoch]) + "\n")
    with pytest.raises(ValueError, match="expected weights of an epoch of|is empty"):
        collect_best(piece, tmp_path / "before")
    (piece / "history.csv").unlink()
    with pytest.raises(ValueError, match="no history at"):
        collect_best(piece, tmp_path / "before")
    assert not (tmp_path / "before").exists()


def test_precise_statistics(job, tmp_path):
    """A recipe's end is the same whatever has trained."""
    jobs.run(job, "--steps", 4)
    collect(job, tmp_path / "plain")
    recipe = job / "recipe.toml"
    assert "precise_bn = 0" in recipe.read_text()
    recipe.write_text(recipe.read_text().replace("precise_bn = 0", "precise_bn = 8"))
    collect_best(job, tmp_path / "precise")
    before, after = (read_weights(tmp_path / run / "best.h5") for run in ("plain", "precise"))
    changed = {path for path in before if not np.array_equal(before[path], after[path])}
    assert changed == {path for path in before if "/moving_" in path}


@pytest.mark.parametrize("missing", ["best", "best/*/weights-000.npy"])
def test_a_missing_piece_leaves_no_folder(job, tmp_path, missing):
    jobs.run(job, "--steps", 4)
    for path in list(job.glob(missing)):
        path.rename(tmp_path / "away")
    for way in (collect, collect_best):
        with pytest.raises(ValueError, match="missing|cannot be read|expected weights"):
            way(job, tmp_path / "out" / "run")
    assert not list((tmp_path / "out").glob("*"))
    assert not list((tmp_path / "out").glob(".*"))


def test_before_the_first_epoch_has_ended(job, tmp_path):
    jobs.run(job, "--steps", 2)
    assert collect(job, tmp_path / "run") is None
    assert not (tmp_path / "run" / "best.h5").exists()
    assert running.resume(tmp_path / "run").images == 7
    assert len(jobs.history(tmp_path / "run" / "history.csv")) == 6


def test_code_and_machines_of_a_run_are_those_of_its_jobs(recipe, job, tmp_path):
    assert load_origin(job / "origin.json") == origin_here()
    theirs = Origin("0.0.1", "0123456789ab")
    save_origin(job / "origin.json", theirs)
    machines = "epoch,machine\n1,theirs\n"
    (job / "machines.csv").write_text(machines)
    collect(job, tmp_path / "run")
    run = RunFolder(tmp_path / "run")
    assert load_origin(run.origin) == theirs and run.machines.read_text() == machines
    again = export_job(
        recipe, tmp_path / "again", start=tmp_path / "run", parts="step", verify_steps=0
    )
    assert load_origin(again / "origin.json") == theirs
    assert (again / "machines.csv").read_text() == machines
    for name in ("origin.json", "machines.csv"):  # of an older version
        (job / name).unlink()
    collect(job, tmp_path / "old")
    assert load_origin(RunFolder(tmp_path / "old").origin) == Origin()


def test_bad_input(recipe, job, tmp_path):
    with pytest.raises(ValueError, match="expected a job of `larq-bvit jax-export`"):
        collect(tmp_path, tmp_path / "run")
    with pytest.raises(ValueError, match="expected a new or empty folder for the job"):
        export_job(recipe, job)
    facts, arrays = pieces.newest_snapshot(job / "state")
    name = next(iter(arrays))
    pieces.save_snapshot(job / "state", "later", facts, {**arrays, name: np.ones(3)})
    with pytest.raises(ValueError, match="1 of .* variables differ"):
        collect(job, tmp_path / "run")
    assert not (tmp_path / "run").exists()
