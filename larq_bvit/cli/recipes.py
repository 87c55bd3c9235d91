"""`larq-bvit recipes`: how models are trained."""

from dataclasses import asdict
from typing import Annotated

import typer

from larq_bvit.cli.common import AsJson, console, print_json


def recipes(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="Show this one in full; may be a file of your own."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the recipes of training, or show one with all its fields.

    What is shown of one recipe is a recipe again: a file to start from.
    """
    from larq_bvit.train.recipes import (
        find_recipe,
        list_recipes,
        load_recipe,
        recipe_comments,
        recipe_text,
    )

    if name is not None:
        recipe = load_recipe(name)
        if as_json:
            print_json(asdict(recipe))
        else:
            typer.echo(f"{recipe_comments(find_recipe(name))}\n{recipe_text(recipe)}", nl=False)
    elif as_json:
        print_json([asdict(recipe) for recipe in list_recipes()])
    else:
        _print_table(list_recipes())


def _print_table(listed: list) -> None:
    from rich.table import Table

    table = Table("Recipe", "Model", "Data", "Size", "Epochs", "What", box=None, pad_edge=False)
    table.columns[0].no_wrap = True
    table.columns[0].style = "bold"
    for recipe in listed:
        height, width = recipe.data.size
        size = f"{height}" if height == width else f"{height}x{width}"
        row = (recipe.name, recipe.model.name, recipe.data.dataset, size, str(recipe.epochs))
        table.add_row(*row, recipe.description)
    console().print(table)
