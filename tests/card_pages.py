"""Generates the cards in zoo/ and the README's table: `python -m tests.card_pages [--write]`."""

import sys
from pathlib import Path

from larq_bvit.cards import card_page, model_table, read_card

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
BEGIN, END = "<!-- table of weights -->\n", "<!-- end of the table -->"


def folders() -> list[Path]:
    """Of the weights that ship."""
    return sorted(path.parent for path in (ROOT / "zoo").glob("*/card.json"))


def pages() -> dict[Path, str]:
    """{file: what it must hold}."""
    cards = {folder / "README.md": card_page(read_card(folder)) for folder in folders()}
    before, rest = README.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    return {**cards, README: f"{before}{BEGIN}{model_table(folders())}\n{END}{after}"}


if __name__ == "__main__":
    for path, text in pages().items():
        if "--write" in sys.argv:
            path.write_text(text, encoding="utf-8")
        else:
            print(text)
