"""`larq-bvit train`."""

import pytest

from tests.train.data.common import write_image


@pytest.fixture
def images(tmp_path):
    for split, count in (("train", 4), ("val", 2)):
        for i in range(count):
            write_image(tmp_path / "images" / split / f"class{i % 2}" / f"{i}.jpg", seed=i)
    return tmp_path / "images"


def test_a_run_and_its_report(run, fails, images, tmp_path):
    pytest.importorskip("matplotlib")
    out = tmp_path / "run"
    changes = ["epochs=1", "data.batch_size=2", "model.variant.widths=[8,16]"]
    options = [word for change in changes for word in ("--set", change)]
    arguments = ["train", "reactnet_cifar10", "--data", f"folder:{images}", "--out", out, *options]
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    assert "top-1" in result.stdout and f"wrote {out / 'report.md'}" in result.stdout
    assert "None" not in result.stdout  # few classes have no top-5
    assert {"best.h5", "weights.h5", "history.csv", "recipe.toml", "report.md"} <= {
        path.name for path in out.iterdir()
    }
    assert "holds a run already" in fails(*arguments)[0]
    # finished: evaluates once more, now with a strategy and elsewhere
    elsewhere = images.rename(tmp_path / "elsewhere")
    given = ["--data", f"folder:{elsewhere}", "--strategy", "mirrored"]
    again = run("train", "--resume", out, *given)
    assert again.exit_code == 0 and "top-1" in again.stdout
    assert "+epochs = 2" in "".join(fails("train", "--resume", out, "--set", "epochs=2"))


def test_tf_config_names_the_workers(fails, monkeypatch, images, tmp_path):
    monkeypatch.setenv("TF_CONFIG", "{")
    arguments = ["reactnet_cifar10", "--data", f"folder:{images}", "--out", tmp_path / "run"]
    assert "TF_CONFIG: it is no JSON" in fails("train", *arguments)[0]
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "expected a RECIPE, or --resume RUN"),
        (["binaryvit_nano_cifar"], "did you mean 'binaryvit_nano_cifar10'"),
        (["binaryvit_nano_cifar10", "--set", "epoch=1"], "did you mean 'epochs'"),
        (["binaryvit_nano_cifar10", "--set", "epochs=many"], "epochs"),
        (["binaryvit_nano_cifar10", "--resume", "run"], "no RECIPE or --out"),
        (["--resume", "run", "--out", "other"], "no RECIPE or --out"),
        (["--resume", "nowhere"], "expected a run to resume"),
        (["reactnet_cifar10", "--strategy", "gpu"], "expected a strategy among default, mirrored"),
        (["reactnet_cifar10", "--strategy", "workers"], "TF_CONFIG"),
        (["binaryvit_nano_cifar10", "--data", "folder:nowhere", "--out", "run"], "nowhere"),
    ],
)
def test_bad_arguments(fails, monkeypatch, tmp_path, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert message in fails("train", *arguments)[0]
    assert not list(tmp_path.iterdir())
