"""`larq-bvit recipes`."""

from larq_bvit.train.recipes import list_recipes, load_recipe


def test_table(run):
    lines = run("recipes").stdout.splitlines()
    recipes = list_recipes()
    rows = {line.split()[0]: line.split() for line in lines[1:] if not line.startswith(" ")}
    assert list(rows) == [recipe.name for recipe in recipes]
    for recipe in recipes:
        size, epochs = str(recipe.data.size[0]), str(recipe.epochs)
        assert rows[recipe.name][1:5] == [recipe.model.name, recipe.data.dataset, size, epochs]


def test_one_is_a_recipe_file(run, tmp_path):
    text = run("recipes", "reactnet_a_imagenet_step2").stdout
    assert text.startswith("# ReActNet-A on ImageNet, second of two steps")
    (tmp_path / "copy.toml").write_text(text)
    assert load_recipe(tmp_path / "copy.toml") == load_recipe("reactnet_a_imagenet_step2")
    assert run("recipes", tmp_path / "copy.toml").stdout == text


def test_json(run_json):
    listed = run_json("recipes")
    assert [recipe["name"] for recipe in listed] == [recipe.name for recipe in list_recipes()]
    one = run_json("recipes", "binaryvit_imagenet")
    assert one in listed and one["data"]["size"] == [224, 224]


def test_unknown(fails):
    (line,) = fails("recipes", "binaryvit_imagnet")
    assert line.startswith("unknown recipe 'binaryvit_imagnet'; did you mean 'binaryvit_imagenet'")
