"""A table for the terminal and for a document."""

from __future__ import annotations

from dataclasses import dataclass

from rich.table import Table as RichTable

from larq_bvit._markdown import table


@dataclass(frozen=True)
class Table:
    """Rows of text; the first `words` columns stand on the left, numbers on the right."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    words: int = 1

    def rich(self) -> RichTable:
        """For `rich.print`."""
        table = RichTable(title=self.title, title_justify="left")
        for place, column in enumerate(self.columns):
            table.add_column(column, justify="left" if place < self.words else "right")
        for row in self.rows:
            table.add_row(*row)
        return table

    def markdown(self) -> str:
        """Title and table, with an empty line between."""
        return f"**{self.title}**\n\n{table(self.rows, self.columns, right=self.words)}"
