"""Recipes by name, from files, with overrides, and back to TOML.

The recipes that come with the package are the TOML files of the root folder `train`. One that
`extends` another, by its name or as a path beside itself, holds what it changes alone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import takewhile
from pathlib import Path
from typing import Any

import tomli_w

from larq_bvit._toml import from_table, parse_toml, read_toml, unknown
from larq_bvit.artifacts import artifacts
from larq_bvit.train.overrides import override
from larq_bvit.train.recipe import Recipe

_Source = str | os.PathLike[str] | Recipe


def load_recipe(recipe: _Source, overrides: Sequence[str] = ()) -> Recipe:
    """A recipe by name, from a file of your own, or as it is.

        load_recipe("binaryvit_nano_cifar10", ["epochs=10", "optimizer.learning_rate=2e-3"])

    Arguments:
        recipe: a name of `list_recipes()`, the path of a TOML file (a string counts as one if it
            ends in .toml or names a folder), or a Recipe.
        overrides: `key=value` with dotted keys. Values are TOML, strings need no quotes; an empty
            value takes a field back to its default, and `distillation=` takes the teacher away.

    Raises:
        ValueError: an unknown name or field (with the nearest), a value that does not fit, no such
            file, or no TOML in it.
    """
    if isinstance(recipe, Recipe):
        if not overrides:
            return recipe
        where, table = f"recipe {recipe.name!r}", _table(recipe)
    else:
        path = find_recipe(recipe)
        where, table = str(path), _read(path)
    override(table, overrides)
    try:
        return from_table(Recipe, table)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None


def list_recipes() -> list[Recipe]:
    """The recipes that come with the package, by name."""
    return [load_recipe(path) for path in _files().values()]


def find_recipe(recipe: str | os.PathLike[str]) -> Path:
    """The file of a recipe, by its name or path.

    Raises:
        ValueError: there is none; names the nearest.
    """
    path, files = Path(recipe), _files()
    if isinstance(recipe, str) and path.name == recipe and path.suffix != ".toml":
        if recipe not in files:
            raise unknown("recipe", recipe, files)
        return files[recipe]
    if not path.is_file():
        shipped = f"; did you mean the recipe {path.stem!r}?" if path.stem in files else ""
        raise ValueError(f"no recipe file at {path}{shipped}")
    return path


def recipe_comments(path: Path) -> str:
    """The comments on top of a recipe's file: what it is, its command, time and result."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(takewhile(lambda line: line.startswith("#"), lines))


def recipe_text(recipe: Recipe) -> str:
    """A recipe with all its fields, as TOML that `load_recipe` reads back equal."""
    return tomli_w.dumps(_table(recipe))


def parse_recipe(text: str) -> Recipe:
    """The recipe of a text that `recipe_text` made; fields that it lacks have their defaults.

    Raises:
        ValueError: it is no recipe of this release.
    """
    return from_table(Recipe, parse_toml(text))


def _files() -> dict[str, Path]:
    return {path.stem: path for path in artifacts("train", ".toml")}


def _read(path: Path, below: tuple[Path, ...] = ()) -> dict[str, Any]:
    """The tables of a file, and of those that it extends."""
    table = {"name": path.stem, **read_toml(path)}
    base = table.pop("extends", None)
    if base is None:
        return table
    below = (*below, path.resolve())
    if not isinstance(base, str):
        raise ValueError(f"{path}: expected extends to be the name of a recipe; got {base!r}")
    try:
        source = find_recipe(path.parent / base if base.endswith(".toml") else base)
    except ValueError as error:
        raise ValueError(f"{path}: extends: {error}") from None
    if source.resolve() in below:
        raise ValueError(f"{path}: extends {base!r}, which extends this one")
    return _merge(_read(source, below), table)


def _merge(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Tables are merged field by field, everything else is replaced."""
    merged = dict(base)
    for name, value in changes.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(name), Mapping)
        merged[name] = _merge(merged[name], value) if both else value
    return merged


def _table(recipe: Recipe) -> dict[str, Any]:
    # once through `from_table`, so that the text does not depend on 9 or 9.0 in Python
    recipe = from_table(Recipe, _without_nothing(asdict(recipe)))
    return _without_nothing(asdict(recipe))


def _without_nothing(table: dict[str, Any]) -> dict[str, Any]:
    """TOML has no word for None, which is the default wherever it is allowed."""
    return {
        name: _without_nothing(value) if isinstance(value, dict) else value
        for name, value in table.items()
        if value is not None
    }
