"""`larq-bvit explain`."""

import sys
from dataclasses import asdict
from importlib.resources import files

import pytest
from PIL import Image

from larq_bvit.cli.choice import Choice
from larq_bvit.zoo.images import load_image
from tests.train.run_folders import write_run

pytest.importorskip("matplotlib")

CAT = files("larq_bvit") / "assets" / "cat.jpg"
NANO = ["--model", "binaryvit_nano", "--input-size", "32"]


@pytest.fixture
def names(tmp_path):
    path = tmp_path / "names.txt"
    path.write_text("\n".join(f"class {i}" for i in range(10)))
    return path


def test_json_equals_the_library(run_json, nano, nano_weights, names, tmp_path):
    from larq_bvit.explain import explain_image, head_figures

    out = tmp_path / "out.svg"
    options = ["--weights", nano_weights, "--class-names", names, "--at", "3,30", "--block", "2"]
    shown = run_json("explain", CAT, "-o", out, *NANO, *options)
    pixels = load_image(CAT, (32, 32))
    classes = [f"class {i}" for i in range(10)]
    expected = explain_image(nano, pixels, at=(3, 30), block=2, class_names=classes)
    assert [(one["stage"], one["block"], one["head"]) for one in shown["heads"]] == [
        (1, 1, 1),
        (2, 1, 1),
        (3, 2, 1),
        (3, 2, 2),
        *((4, 1, head) for head in (1, 2, 3, 4)),
    ]
    figures = [asdict(one) for mask in expected.masks for one in head_figures(mask)]
    assert [{key: one[key] for key in figures[0]} for one in shown["heads"]] == figures
    assert [one["clip"] for one in shown["heads"]] == [pytest.approx(0.005)] * 8
    assert [one["name"] for one in shown["classes"]] == [name for _, name, _ in expected.ranking]
    assert shown["at"] == [3, 30] and shown["weights"] == str(nano_weights)
    assert not shown["random_weights"] and shown["output"] == str(out)
    text = out.read_text()
    assert "what the model sees, 32x32; + is at 3,30" in text and "Random weights" not in text
    assert "What the binary attention of binaryvit_nano looks at" in text
    assert "cat.jpg; nano.h5" in text


def test_random_and_off_are_said(run, nano, names, tmp_path, monkeypatch, no_weights):
    monkeypatch.setattr(Choice, "build", lambda *_, **__: nano)
    options = [*NANO, "--seed", 3, "--class-names", names]
    out, svg = tmp_path / "out.png", tmp_path / "out.svg"
    result = run("explain", CAT, "-o", out, *options)
    assert result.exit_code == 0, result.stderr
    *_, note, wrote = result.stdout.splitlines()
    assert wrote == f"wrote {out}" and "off, because" not in result.stdout
    assert "random (seed 3) and neither the classes nor the attention mean anything" in note
    with Image.open(out) as image:
        assert image.format == "PNG"

    clip = nano.get_layer("stage2/block1/attention/attend").probability_quantizer.clip
    kept = clip.numpy()
    clip.assign(-0.25)
    result = run("explain", CAT, "-o", svg, *options)
    clip.assign(kept)
    assert "lets nothing through: stage 2, block 1\n" in result.stdout
    assert "Random weights (seed 3): neither the classes nor" in svg.read_text()
    row = next(line.split() for line in result.stdout.splitlines() if "-0.25" in line)
    assert row == ["2", "1", "-0.25", "1", "16", "4", "0.0%", "none", "4", "16"]


def test_errors_before_any_work(fails, tmp_path, monkeypatch):
    def never(*_, **__):
        raise AssertionError("a model was built")

    monkeypatch.setattr(Choice, "build", never)
    out, folder = tmp_path / "out.png", tmp_path / "no" / "out.png"
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(CAT.read_bytes()[:5000])
    for arguments, expected in (
        (
            [CAT, "-o", "out.gif"],
            "the output's name must end in .png or .pdf or .svg; got 'out.gif'",
        ),
        ([CAT, "-o", folder], f"can't write {folder}: no such folder, or a folder itself"),
        ([bad, "-o", out], f"cannot read image '{bad}'"),
        (
            [CAT, "-o", out, "--at", "3;4"],
            "expected a point such as 16,8 (X,Y in pixels); got '3;4'",
        ),
        (
            [CAT, "-o", out, *NANO, "--at", "32,0"],
            "expected a point inside the image, X from 0 to 31",
        ),
        (
            [CAT, "-o", out, *NANO, "--at", "-1,0"],
            "expected a point inside the image, X from 0 to 31",
        ),
        ([CAT, "-o", out, "--input-size", "x"], "expected a size such as 224"),
        (
            [CAT, "-o", out, "--model", "reactnet_a"],
            "'reactnet_a' has no binary attention; these have: binaryvit_nano, binaryvit_small,",
        ),
    ):
        (line,) = fails("explain", *arguments)
        assert line.startswith(expected), line
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    (line,) = fails("explain", CAT, "-o", out)
    assert 'pip install "larq_bvit[plot]"' in line
    assert not out.exists()


def test_published_weights_name_their_classes(run_json, pretrained, tmp_path):
    shown = run_json("explain", CAT, "-o", tmp_path / "out.png")
    assert shown["weights"] == "binaryvit_nano_animals" and not shown["random_weights"]
    assert {one["name"] for one in shown["classes"]} < set(pretrained)


def test_a_run_in_full_precision(fails, tmp_path, nano_weights):
    run = write_run(tmp_path / "run", ["model.binary='nothing'"], right=40)
    (run / "best.h5").write_bytes(nano_weights.read_bytes())
    (line,) = fails("explain", CAT, "-o", tmp_path / "out.png", "--model", run)
    assert line.startswith("the attention of this 'binaryvit_nano' is in full precision")


def test_errors_of_the_model(fails, tmp_path):
    out = tmp_path / "out.png"
    (line,) = fails("explain", CAT, "-o", out, "--model", "binaryvit_nan")
    assert line.startswith("unknown model 'binaryvit_nan'; did you mean 'binaryvit_nano'")
    (line,) = fails("explain", CAT, "-o", out, "--weights", tmp_path / "no.h5")
    assert line == f"no weight file at {tmp_path / 'no.h5'}"
    (line,) = fails("explain", CAT, "-o", out, *NANO, "--block", 4)
    assert line.endswith("the stages of 'binaryvit_nano' have 1, 1, 3, 1; got 4")
    assert not out.exists()
