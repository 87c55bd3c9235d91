"""The runner: it goes on where it was killed, in the same bits, and stops by itself."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import time

import jax
import numpy as np
import pytest

from larq_bvit.bench.machine import cores
from larq_bvit.train.jax_backend.runner import pieces
from larq_bvit.train.run_history import load_history
from larq_bvit.train.run_machines import load_machines
from tests.train.jax_backend import jobs


def assert_same(job, other):
    """The same bits in the end."""
    one, two = jobs.state(job), jobs.state(other)
    assert one.keys() == two.keys()
    for name, array in one.items():
        assert array.tobytes() == two[name].tobytes(), name
    assert jobs.history(job / "history.csv") == jobs.history(other / "history.csv")
    for name in ("best", "state"):
        assert pieces.snapshots(job / name)[-1] == pieces.snapshots(other / name)[-1]
    best, others = (pieces.newest_snapshot(folder / "best")[1] for folder in (job, other))
    assert {name: a.tobytes() for name, a in best.items()} == {
        name: a.tobytes() for name, a in others.items()
    }


@pytest.fixture(scope="module")
def whole(exported, tmp_path_factory):
    """A job that was trained without a stop."""
    job = shutil.copytree(exported[1], tmp_path_factory.mktemp("whole") / "job")
    jobs.run(job)
    return job


def test_it_trains(whole, recipe):
    lines = jobs.history(whole / "history.csv")
    assert [line["epoch"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert [line["step"] for line in lines] == [3, 6, 9, 12, 15, 18]
    assert all(np.isfinite(list(line.values())).all() for line in lines)
    assert len({line["loss"] for line in lines}) == len(lines)
    names = [f"epoch0000{epoch}-step00000000" for epoch in (0, 6)]
    assert pieces.snapshots(whole / "state") == names  # none at the other epochs' ends: too soon
    assert len(pieces.snapshots(whole / "best")) == 1
    files = [path for path in whole.rglob("*") if path.is_file()]
    assert max(path.stat().st_size for path in files) < 16 * 2**20
    assert "6 of 6 epochs done" in jobs.run(whole)
    (machine,) = load_machines(whole / "machines.csv")
    assert re.fullmatch(rf".+ with {cores()} cores, JAX {jax.__version__}", machine)


def test_a_line_for_every_machine(job):
    jobs.run(job, "--steps", 4)
    (job / "machines.csv").write_text("epoch,machine\n1,another\n")
    jobs.run(job, "--steps", 1)
    jobs.run(job, "--steps", 1)
    (_, there), (epoch, here) = csv.reader((job / "machines.csv").read_text().splitlines()[1:])
    assert (there, epoch) == ("another", "2") and here != there


@pytest.mark.parametrize("shared", [False, True])
def test_a_second_start_compiles_nothing(job, shared, tmp_path, monkeypatch):
    cache = tmp_path / "shared" if shared else job / "cache"
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(cache) if shared else "")

    def start():
        said = jobs.run(job, "--steps", 1)
        assert "compiled train in" in said and "compiled evaluation in" in said
        assert (job / "cache").exists() != shared
        return {path.name for path in cache.glob("*-cache")}

    entries = start()
    assert {"jit__train", "jit__evaluate", "jit__signs"} <= {n.rsplit("-", 2)[0] for n in entries}
    assert start() == entries


def test_compiling_needs_neither_images_nor_weights(job, tmp_path, monkeypatch):
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path / "cache"))
    bare = shutil.copytree(job, tmp_path / "bare")
    shutil.rmtree(bare / "data")
    for piece in (*bare.glob("state/*/*.npy"), *bare.glob("constants/*.npy")):
        piece.unlink()
    assert "compiled train in" in jobs.run(bare, "--compile")
    assert {path.suffix for path in (bare / "state").rglob("*.*")} == {".json"}  # nothing was run
    compiled = jobs.compiled(tmp_path / "cache")
    jobs.run(job, "--steps", 1)
    assert len(compiled) == 3 and jobs.compiled(tmp_path / "cache") == compiled
    shutil.rmtree(bare / "state")
    assert "no snapshot of the run" in jobs.fails(bare, "--compile")


def test_kill_and_go_on(whole, job, monkeypatch):
    """By kill -9 after a random moment, some times; then undisturbed."""
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR")  # a kill may break what others go on to use
    random = np.random.default_rng()
    for _ in range(3):
        process = subprocess.Popen(
            jobs.command(job, "--save-minutes", 0), stdout=subprocess.PIPE, text=True
        )
        for line in process.stdout:
            if ": ready" in line:
                break
        time.sleep(random.uniform(0, 0.5))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    jobs.run(job)
    assert_same(job, whole)


def test_stops_within_an_epoch_and_before_an_evaluation(whole, job):
    assert "0 of 6 epochs done, and 2 of 3 steps" in jobs.run(job, "--steps", 2)
    assert "and 3 of 3 steps; start it again" in jobs.run(job, "--steps", 1)
    assert pieces.snapshots(job / "best") == []
    jobs.run(job, "--steps", 7)
    jobs.run(job)
    assert_same(job, whole)


def test_stops_by_itself(job):
    assert "0 of 6 epochs done; start it again" in jobs.run(job, "--minutes", 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_save(job, number):
    facts = json.loads((job / "job.json").read_text())
    (job / "job.json").write_text(json.dumps(facts | {"epochs": 10**6}))
    process = subprocess.Popen(jobs.command(job), stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if "epoch 1/1000000 step 3/3" in line:
            process.send_signal(number)
            break
    rest = process.communicate()[0]
    assert process.returncode == 0 and "start it again to go on" in rest
    place = pieces.newest_snapshot(job / "state")[0]
    assert 3 * place["epoch"] + place["step"] >= 3


def test_one_process_at_a_time(job):
    fcntl = pytest.importorskip("fcntl")
    with (job / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert "another process trains the job" in jobs.fails(job)
        jobs.run(job, "--check")
    jobs.run(job, "--steps", 1)


def test_what_killed_processes_have_left(job):
    for name in ("state", "best"):
        (job / name / ".new-epoch00001").mkdir(parents=True)
    jobs.run(job, "--minutes", 0)
    assert not [*job.glob("state/.*"), *job.glob("best/.*")]


def test_rate_of_an_epoch_that_began_elsewhere(job):
    """It counts the images that were timed."""

    def begin_elsewhere():
        name = pieces.snapshots(job / "state")[-1]
        facts, arrays = pieces.load_snapshot(job / "state" / name)
        facts |= {"seconds": 0.0, "timed_steps": 0}  # as the export has them
        pieces.save_snapshot(job / "state", name, facts, arrays)

    def rates():
        return load_history(job / "history.csv").columns["images_per_second"]

    jobs.run(job, "--steps", 2)
    begin_elsewhere()
    jobs.run(job, "--steps", 1)
    timed = pieces.newest_snapshot(job / "state")[0]
    assert timed["timed_steps"] == 1
    jobs.run(job, "--steps", 3)  # evaluates first
    assert rates()[0] == pytest.approx(4 / timed["seconds"], rel=1e-3)
    begin_elsewhere()
    jobs.run(job, "--steps", 1)
    assert np.isnan(rates()[1])


def test_a_damaged_snapshot_is_passed_over(whole, tmp_path):
    job = shutil.copytree(whole, tmp_path / "job")
    newest = job / "state" / pieces.snapshots(job / "state")[-1]
    file = newest / "weights-000.npy"
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    assert "passing over epoch00006-step00000000" in jobs.run(job)
    assert_same(job, whole)


def test_check(job):
    said = jobs.run(job, "--check")
    assert "read 19 images in" in said
    assert "all files are there: 12 images, 0 of 6 epochs done" in said


def test_data_that_jobs_share(job, tmp_path):
    (job / "data").rename(tmp_path / "shared")
    assert "no data in" in jobs.fails(job, "--check")
    assert "all files are there" in jobs.run(job, "--check", "--data", tmp_path / "shared")
    assert "and 1 of 3 steps" in jobs.run(job, "--steps", 1, "--data", tmp_path / "shared")


def test_verify(whole, job):
    """The first epoch's three steps, in float32; nothing is kept."""
    said = jobs.run(job, "--verify")
    assert "step 3: loss" in said and "step 4" not in said and "agrees: " in said
    assert re.search(r"gradients: .* in the median of \d+ variables", said)
    assert "0 of 6 epochs done; start it again" in jobs.run(job, "--minutes", 0)
    shutil.rmtree(job / "state")
    shutil.copytree(whole / "state", job / "state")
    pieces.save_snapshot(job / "state", pieces.snapshots(job / "state")[-1] + "1", {}, {})
    assert "verify a job before it runs" in jobs.fails(job, "--verify")


def test_verify_finds_what_differs(job):
    facts, arrays = pieces.newest_snapshot(job / "state")
    spoilt = {
        name: 3 * array if name.endswith("classifier/kernel") else array
        for name, array in arrays.items()
    }
    pieces.save_snapshot(job / "state", "epoch00000-step00000000", facts, spoilt)
    assert "DOES NOT AGREE" in jobs.fails(job, "--verify", code=1)
    (job / "expected.json").write_text("{}")
    assert "expected.json is damaged" in jobs.fails(job, "--verify")


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("data/train-00000.npy", "train-00000.npy is missing"),
        ("data/data.json", "no data in"),
        ("train.stablehlo", "train.stablehlo is missing"),
        ("job.json", "is no job"),
        ("state/epoch00000-step00000000/weights-000.npy", "no whole snapshot of the run"),
    ],
)
def test_missing_files(job, file, message):
    (job / file).unlink()
    assert message in jobs.fails(job, "--check")


def test_a_damaged_shard(job):
    file = job / "data" / "train-00000.npy"
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    assert "train-00000.npy is damaged, or of another export" in jobs.fails(job)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.update(version=1), "expected a job of version 2; got 1"),
        (lambda f: f["data"].update(classes=["a"]), 'expected classes to be ["a"]'),
        (lambda f: f.update(drawn="0"), "draws other random numbers"),
        (lambda f: f["made_with"].update(jax="99.0.0"), "expected JAX 99.0.0 or newer"),
    ],
)
def test_what_does_not_fit(job, change, message):
    facts = json.loads((job / "job.json").read_text())
    change(facts)
    (job / "job.json").write_text(json.dumps(facts))
    assert message in jobs.fails(job)


def test_no_such_device(job):
    assert "no device of --platform cuda" in jobs.fails(job, "--platform", "cuda")


def test_a_loss_that_is_no_number(job):
    facts, arrays = pieces.newest_snapshot(job / "state")
    name = next(name for name in arrays if name.endswith("classifier/bias"))
    spoilt = {**arrays, name: np.full_like(arrays[name], np.nan)}
    pieces.save_snapshot(job / "state", "epoch00000-step00000000", facts, spoilt)
    assert "the loss is nan at epoch 1, step 1" in jobs.fails(job)
    assert pieces.snapshots(job / "state") == ["epoch00000-step00000000"]


def test_results_outlive_a_loss_that_is_no_number(whole, job):
    """Of epochs that no snapshot knows; started again, the run does them again."""
    done = _patched(
        job,
        "import functions; train = functions.Functions.train\n"
        "def late(self, sampler, first, count):\n"
        "    logs = train(self, sampler, first, count)\n"
        "    return logs | ({'loss': float('nan')} if first + count > 7 else {})\n"
        "functions.Functions.train = late",
    )
    assert done.returncode == 2 and "the loss is nan at epoch 3" in done.stderr
    assert [line["epoch"] for line in jobs.history(job / "history.csv")] == [1, 2]
    assert len(pieces.snapshots(job / "best")) == 1
    assert pieces.snapshots(job / "state") == ["epoch00000-step00000000"]
    jobs.run(job, "--minutes", 0)
    assert pieces.snapshots(job / "best") == []
    jobs.run(job)
    assert_same(job, whole)


def test_no_space(job):
    """For the snapshots that are not there yet; what keeps none needs none."""

    def start(free, *options):
        patch = f"import shutil; shutil.disk_usage = lambda _: type('', (), {{'free': {free}}})"
        return _patched(job, patch, *options)

    facts, arrays = pieces.newest_snapshot(job / "state")
    state = sum(array.nbytes for array in arrays.values())
    evaluated = json.loads((job / "job.json").read_text())["evaluated"].values()
    best = 3 * sum(arrays[name].nbytes for name in evaluated)
    assert re.search(r"expected [\d,]+ free bytes for snapshots, got 9", start(9).stderr)
    assert "free bytes" in start(2 * state + best).stderr  # zeros take none there
    assert start(9, "--check").returncode == 0
    full = {  # no zeros, and no two alike
        name: (array + k).astype(array.dtype) for k, (name, array) in enumerate(arrays.items(), 1)
    }
    for step in (1, 2):
        pieces.save_snapshot(job / "state", f"epoch00000-step0000000{step}", facts, full)
    needed = state + best
    assert f"expected {needed:,} free bytes" in start(needed - 1).stderr
    assert "start it again to go on" in start(needed + 2**20, "--minutes", "0").stdout


def _patched(job, patch, *options):
    """The runner, after what `patch` has changed."""
    program = f"{patch}\nimport runpy; runpy.run_path('run.py', run_name='__main__')"
    command = [jobs.command(job)[0], "-c", program, "--platform", "cpu", *options]
    return subprocess.run(command, cwd=job, capture_output=True, text=True)
