"""Tables of Markdown."""

from collections.abc import Sequence


def table(rows: Sequence[Sequence[str]], headings: Sequence[str], right: int) -> str:
    """Columns from `right` on are aligned to the right; cells become one line each."""
    rules = ["---" if i < right else "---:" for i in range(len(headings))]
    lines = ([_cell(text) for text in row] for row in (headings, rules, *rows))
    return "\n".join(f"| {' | '.join(line)} |".replace("  ", " ") for line in lines)


def _cell(text: str) -> str:
    """What neither begins a column nor a line."""
    return " ".join(text.split()).replace("|", r"\|")
