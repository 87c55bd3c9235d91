"""The tables of TensorFlow Lite's profiler: as aligned text, or as CSV; a row per operator.

A table has one of these heads, by version; older text has [start], and the oldest little else:

    [node type] [start] [first] [avg ms] [%] [cdf%] [mem KB] [times called] [Name]
    node type, start, first, avg_ms, %, cdf%, mem KB, times called, name
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from larq_bvit.bench.benchmark_model.lines import NUMBER, number

_TEXT_HEAD = re.compile(r"\s*\[node type\]\s.*\[Name\]\s*")
_CSV_HEAD = re.compile(r"\s*node type, .*name\s*")
_SHARE = rf"(?:{NUMBER}|-?nan|-?inf)%"  # nan where all is faster than the clock
_COLUMNS = {  # a column's name in either form: its group in the row's pattern
    "start": rf"(?P<start>{NUMBER})",
    "first": NUMBER,
    "avg ms": rf"(?P<ms>{NUMBER})",
    "%": rf"(?P<share>{_SHARE})",
    "cdf%": _SHARE,
    "mem kb": NUMBER,
    "times called": r"(?P<calls>\d+)",
}


@dataclass(frozen=True)
class Row:
    """An operator's line.

    Attributes:
        operator: the runtime's name for it; a delegate's name where it is one's node.
        name: of the tensors that it makes, and behind a colon the node's number.
        ms: of one call, on average.
        share: of the time of all rows, 0 to 1, where the table tells it.
        calls: in one inference.
        start: when it starts, in ms, where the table tells it.
    """

    operator: str
    name: str
    ms: float
    share: float | None = None
    calls: int = 1
    start: float | None = None


class Table:
    """Reads rows below a head.

    Arguments:
        head: the head's line.

    Raises:
        ValueError: it has a column that no known version has.
    """

    def __init__(self, head: str) -> None:
        csv = _CSV_HEAD.fullmatch(head) is not None
        names = head.strip().split(", ") if csv else re.findall(r"\[(.*?)\]", head)
        columns = [name.replace("_", " ").lower() for name in names[1:-1]]
        unknown = [name for name in columns if name not in _COLUMNS]
        if unknown or "avg ms" not in columns:
            raise ValueError(
                f"expected a profile's columns {', '.join(_COLUMNS)}; got {head.strip()!r}: it is "
                "of a version that is not known; take an older or newer program"
            )
        between, edge = (", ", r"\s*") if csv else (r"[ \t]+", r"\s*")
        middle = between.join(_COLUMNS[name] for name in columns)
        # operators and names may hold spaces and commas; the numbers between are unmistakable
        self._row = re.compile(rf"{edge}(?P<operator>\S.*?){between}{middle}{between}(?P<name>.*)")

    def row(self, line: str) -> Row | None:
        """The row on a line; None where it is none."""
        match = self._row.fullmatch(line)
        if match is None:
            return None
        fields = match.groupdict()
        share, start = fields.get("share"), fields.get("start")
        known = share and share[0].isdigit()
        return Row(
            operator=fields["operator"].strip(),
            name=fields["name"].strip().replace("\t", ","),  # CSV has tabs for a name's commas
            ms=number(fields["ms"]),
            share=number(share[:-1]) / 100 if share and known else None,
            calls=int(fields.get("calls") or 1),
            start=None if start is None else number(start),
        )


def is_head(line: str) -> bool:
    """Whether a table of operators begins here."""
    return bool(_TEXT_HEAD.fullmatch(line) or _CSV_HEAD.fullmatch(line))
