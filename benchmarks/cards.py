"""Measures the .tflite of weights that ship again, after conversion or a runtime has changed.

    python -m benchmarks.cards binaryvit_nano_cifar10 --data folder:cifar10 [--set KEY=VALUE]

Size, top-1 of all evaluation images and latency in every runtime go to zoo/NAME/card.json;
`make docs` makes the pages from it.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from larq_bvit._quiet import import_tensorflow
from larq_bvit.cli.common import Changes

if TYPE_CHECKING:
    from larq_bvit.cards import Card
    from larq_bvit.train.data.load import Data

ZOO = Path(__file__).parent.parent / "zoo"


def main(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of a folder in zoo/.")],
    data: Annotated[
        str | None, typer.Option("--data", help="Instead of the recipe's data set.")
    ] = None,
    changes: Changes = None,
) -> None:
    """Measure, and write card.json."""
    import_tensorflow()
    from larq_bvit import zoo
    from larq_bvit.cards.card import read_card
    from larq_bvit.cards.measures import deployed
    from larq_bvit.train.fitting import open_data
    from larq_bvit.train.recipes import load_recipe

    card = read_card(ZOO / name)
    here = [] if data is None else [f"data.dataset={data}"]
    recipe = load_recipe(ZOO / name / card.steps[-1] / "recipe.toml", [*here, *(changes or [])])
    data_set = open_data(recipe)
    check_same(card, data_set)
    model = zoo.create(card.facts["model"], pretrained=name, classifier_activation=None)
    facts = {**card.facts, "tflite": deployed(model, data_set)}
    (ZOO / name / "card.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    for runtime, top_1 in facts["tflite"]["top_1"].items():
        print(f"{runtime}: top-1 {top_1['value']:.2%}")


def check_same(card: "Card", data: "Data") -> None:
    """Raises a ValueError unless the evaluation images can be those of the card's figures."""
    classes = tuple(row["class"] for row in card.evaluation["classes"])
    if data.classes != classes:
        differ = sorted(set(data.classes) ^ set(classes))
        raise ValueError(
            f"expected the {len(classes)} classes of the card in their order; got "
            f"{len(data.classes)}, not in both: {', '.join(differ[:10]) or 'none'}"
        )
    images = card.evaluation["images"] + card.corrupt
    if data.eval_examples != images:
        raise ValueError(f"expected {images} evaluation images; got {data.eval_examples}")


if __name__ == "__main__":
    typer.run(main)
