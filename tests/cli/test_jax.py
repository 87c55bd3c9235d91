"""`larq-bvit jax-export`, `jax-collect` and `train --backend jax`."""

import sys

import pytest

from tests.train.jax_backend import jobs

_SMALL = ["epochs=1", "data.batch_size=4", "data.size=[32,32]", "model.variant.widths=[8,16]"]
SMALL = [word for change in _SMALL for word in ("--set", change)]


@pytest.fixture
def images(tmp_path):
    return f"folder:{jobs.write_images(tmp_path / 'images', 8)}"


def test_the_three_commands(run, images, tmp_path):
    pytest.importorskip("jax", reason='pip install "larq_bvit[jax]"')
    job, out = tmp_path / "job", tmp_path / "run"
    arguments = ["reactnet_cifar10", "--data", images, *SMALL]
    # the data and the rest apart, put together again
    result = run("jax-export", *arguments, "--out", job, "--parts", "step")
    assert result.exit_code == 0, result.stderr
    assert f"python {job}/run.py" in result.stdout
    assert "no data in" in jobs.fails(job, "--check")
    assert run("jax-export", *arguments, "--out", tmp_path / "d", "--parts", "data").exit_code == 0
    (tmp_path / "d" / "data").rename(job / "data")
    jobs.run(job)
    result = run("jax-collect", job, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert "top-1" in result.stdout and f"wrote {out / 'report.md'}" in result.stdout
    assert run("train", "--resume", out).exit_code == 0
    result = run("jax-collect", job, "--best", "--out", tmp_path / "best")
    assert result.exit_code == 0, result.stderr
    assert "has no checkpoint: it cannot be resumed" in result.stdout
    assert (tmp_path / "best" / "report.md").is_file()


def test_train_by_jax(run, fails, images, tmp_path):
    pytest.importorskip("jax", reason='pip install "larq_bvit[jax]"')
    out = tmp_path / "run"
    arguments = ["train", "reactnet_cifar10", "--data", images, *SMALL, "--out", out]
    arguments += ["--backend", "jax", "--jax-python"]
    assert "expected a Python with JAX" in fails(*arguments, "no-such-python")[0]
    result = run(*arguments, sys.executable)
    assert result.exit_code == 0, result.stderr
    assert {"best.h5", "weights.h5", "history.csv", "evaluation.json", "report.md"} <= {
        path.name for path in out.iterdir()
    }
    assert not (tmp_path / "run.job").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["jax-export"], "expected a RECIPE, or --from RUN"),
        (["jax-export", "reactnet_cifar10", "--parts", "some"], "expected --parts all, step"),
        (["jax-export", "reactnet_cifar10", "--from", "run"], "give --from RUN, and no recipe"),
        (["jax-export", "--from", "run"], "run has no recipe.toml"),
        (["jax-export", "reactnet_cifar10", "--base", "big"], "big"),
        (["jax-collect", "nowhere", "--out", "run"], "expected a job of `larq-bvit jax-export`"),
        (["train", "reactnet_cifar10", "--backend", "torch"], "expected --backend tensorflow or"),
        (["train", "reactnet_cifar10", "--jax-python", "p"], "--jax-python is for --backend jax"),
        (["train", "--resume", "run", "--backend", "jax"], "jax-export --from run --out JOB"),
        (
            ["train", "reactnet_cifar10", "--backend", "jax", "--strategy", "mirrored"],
            "JAX trains on one device",
        ),
    ],
)
def test_bad_arguments(fails, monkeypatch, tmp_path, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert message in fails(*arguments)[0]
    assert not list(tmp_path.iterdir())
