"""Prints a census: bytes, multiply-accumulates, float layers and their reasons, operators."""

from typing import TYPE_CHECKING, Any

from larq_bvit._palette import KINDS
from larq_bvit.cli.common import console
from larq_bvit.cli.op_mix import CONTENT_COLOURS, contents

if TYPE_CHECKING:
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    from larq_bvit.convert import Census
    from larq_bvit.convert.counting.census import Product

_MOST_LINES = 12  # of float products; more are grouped
_BAR = 24  # characters


def print_census(count: "Census") -> None:
    """The tables, and a line each on memory and on coverage."""
    out = console()
    out.print(_sizes(count))
    out.print(f"peak activations  {count.peak_activations:,} bytes\n")
    out.print(_macs(count))
    layers = len(count.binary_layers) + len(count.float_layers)
    out.print(
        f"binary coverage   {len(count.binary_layers)} of {layers} products with constant weights "
        f"({count.binary_coverage:.1%})\n"
    )
    float_products = [product for product in count.products if not product.binary]
    if float_products:
        out.print(_float_products(float_products, count.macs))
        out.print()
    out.print(_operators(count))


def _table(title: str, left: tuple[str, ...], right: tuple[str, ...], last: str) -> "Table":
    """Without lines: text columns, columns of numbers, and one that may be wide."""
    from rich.table import Table

    table = Table(*left, title=title, title_justify="left", title_style="bold", box=None)
    for heading in right:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column(last, overflow="fold")
    return table


def _bar(value: int, total: int, colour: str) -> "ProgressBar":
    from rich.progress_bar import ProgressBar

    return ProgressBar(
        total=total or 1,
        completed=value,
        width=_BAR,
        complete_style=colour,
        finished_style=colour,
    )


def _sizes(count: "Census") -> "Table":
    table = _table("size", ("",), ("bytes", "share"), "")
    for content, size in contents(count).items():
        bar = _bar(size, count.size, CONTENT_COLOURS[content])
        table.add_row(content, f"{size:,}", _share(size, count.size), bar)
    table.add_row("file", f"{count.size:,}")
    return table


def _macs(count: "Census") -> "Table":
    table = _table("multiply-accumulates", ("",), ("products", "MACs", "share"), "")
    computed = [p for p in count.products if not p.binary and not p.constant]
    for label, products, colour in (
        ("binary layers", count.binary_layers, KINDS["binary product"]),
        ("float layers", count.float_layers, KINDS["float product"]),
        ("both sides computed", computed, KINDS["float product"]),
    ):
        macs = sum(product.macs for product in products)
        row = f"{len(products):,}", f"{macs:,}", _share(macs, count.macs)
        table.add_row(label, *row, _bar(macs, count.macs, colour))
    table.add_row("all", f"{len(count.products):,}", f"{count.macs:,}")
    return table


def _float_products(products: "list[Product]", all_macs: int) -> "Table":
    from rich.text import Text

    groups: dict[Any, list[Product]] = {}
    for i, product in enumerate(products):
        alone = None if len(products) > _MOST_LINES else i
        groups.setdefault((product.operator, product.reason, alone), []).append(product)
    table = _table("in float", ("layer", "operator"), ("number", "MACs", "share"), "reason")
    table.columns[0].overflow = "fold"
    table.columns[1].no_wrap = True
    for (operator, reason, _), group in groups.items():
        macs = sum(product.macs for product in group)
        names = path(group[0].name)
        if len(group) > 1:
            names += f" ...\n{path(group[-1].name)}"
        numbers = f"{len(group):,}", f"{macs:,}", _share(macs, all_macs)
        table.add_row(Text(names), operator, *numbers, reason)
    return table


def _operators(count: "Census") -> "Table":
    from rich.text import Text

    from larq_bvit.convert.counting.operator_kinds import kind_of

    number = sum(count.operators.values())
    table = _table(f"{number:,} operators", ("operator", "kind"), ("number",), "")
    most = max(count.operators.values(), default=1)
    for operator, times in count.operators.items():
        kind = kind_of(operator)
        bar = _bar(times, most, KINDS[kind])
        table.add_row(Text(operator), kind, f"{times:,}", bar)
    return table


def path(name: str) -> str:
    """A layer's path from the name of a tensor that several operators were fused into."""
    parts = [part for part in name.split(";") if part]
    return parts[0].removeprefix("net/") if parts else "(no name)"


def _share(part: int, whole: int) -> str:
    return f"{part / (whole or 1):.2%}"
