"""The folder of a run."""

import pytest

from larq_bvit.train.origin import Origin, load_origin, origin_here
from larq_bvit.train.recipes import load_recipe, recipe_text
from larq_bvit.train.run_folder import RunFolder, check_recipe

RECIPE = 'name = "a"\nepochs = 3\nseed = 0\n'


def test_a_new_run_holds_its_recipe(tmp_path):
    run = RunFolder.create(tmp_path / "runs" / "a", RECIPE)
    assert run.recipe.read_text() == RECIPE
    assert RunFolder.open(run.path, RECIPE).checkpoints.is_dir()


def test_a_run_keeps_the_code_that_it_was_begun_with(tmp_path):
    assert load_origin(RunFolder.create(tmp_path / "a", RECIPE).origin) == origin_here()
    theirs = Origin("0.0.1", "0123456789ab")
    RunFolder.create(tmp_path / "b", RECIPE, theirs)
    assert load_origin(RunFolder.open(tmp_path / "b").origin) == theirs
    RunFolder(tmp_path / "b").origin.unlink()
    assert load_origin(RunFolder.open(tmp_path / "b").origin) == Origin()


def test_a_start_that_was_cut_off_can_be_repeated(tmp_path):
    (tmp_path / "a" / "checkpoints").mkdir(parents=True)
    for name in ("recipe.toml", "origin.json"):
        leftover = tmp_path / "a" / f".{name}-x1"
        leftover.mkdir()
        (leftover / name).write_text("na")
    (tmp_path / "a" / "origin.json").write_text("{}")
    run = RunFolder.create(tmp_path / "a", RECIPE)
    assert load_origin(run.origin) == origin_here()


def test_a_run_is_never_begun_over_another(tmp_path):
    RunFolder.create(tmp_path / "a", RECIPE)
    with pytest.raises(ValueError, match="holds a run already; resume it"):
        RunFolder.create(tmp_path / "a", RECIPE)


@pytest.mark.parametrize("what", ["file", "folder with files"])
def test_a_run_needs_a_folder_of_its_own(tmp_path, what):
    path = tmp_path / "a"
    if what != "file":
        path.mkdir()
        path = path / "photo.jpg"
    path.write_text("something")
    with pytest.raises(ValueError, match="expected a new or empty folder"):
        RunFolder.create(tmp_path / "a", RECIPE)


def test_only_a_run_can_be_resumed(tmp_path):
    with pytest.raises(ValueError, match="expected a run to resume.*no recipe.toml"):
        RunFolder.open(tmp_path)


def test_another_recipe_is_told_line_by_line(tmp_path):
    RunFolder.create(tmp_path / "a", RECIPE)
    with pytest.raises(ValueError) as error:
        RunFolder.open(tmp_path / "a", RECIPE.replace("3", "5"))
    text = str(error.value)
    assert "another recipe" in text and "-epochs = 3" in text and "+epochs = 5" in text
    assert "seed" not in text


def test_the_same_recipe_is_right():
    check_recipe(RECIPE, RECIPE, "here")


def test_what_an_older_release_lacks_is_as_by_default():
    text = recipe_text(load_recipe("binaryvit_nano_cifar10"))
    older = text.replace("new_classifier = false\n", "")
    assert older != text
    check_recipe(older, text, "here")
    with pytest.raises(
        ValueError, match=r"\n  -new_classifier = false\n  \+new_classifier = true$"
    ):
        check_recipe(older, text.replace("new_classifier = false", "new_classifier = true"), "here")


def test_a_recipe_of_fields_that_are_gone_is_told_as_it_stands():
    text = recipe_text(load_recipe("binaryvit_nano_cifar10"))
    with pytest.raises(ValueError, match=r"\n  -gone = 1$"):
        check_recipe("gone = 1\n" + text, text, "here")


def test_cleaning_takes_temporary_folders_alone(tmp_path):
    run = RunFolder.create(tmp_path / "a", RECIPE)
    leftovers = [
        ".weights-1",
        ".best-2",
        ".history.csv-3",
        ".recipe.toml-4",
        ".origin.json-5",
        ".machines-6",
    ]
    leftovers.append(".cost.json-6")
    for name in (*leftovers, ".git", "notes"):
        (run.path / name).mkdir()
    run.clean()
    assert sorted(p.name for p in run.path.iterdir()) == [
        ".git", "checkpoints", "notes", "origin.json", "recipe.toml",
    ]  # fmt: skip
