"""Names of machines that are measured."""

from __future__ import annotations

import re

LOCAL, ADB, SSH = "local", "adb", "ssh"


def parse_place(text: str) -> tuple[str, str | None]:
    """(kind, serial or host) of what follows `--on`.

    Raises:
        ValueError: it is no such place.
    """
    kind, colon, name = text.partition(":")
    if kind == LOCAL and not colon:
        return LOCAL, None
    if kind == ADB and (name or not colon):
        return ADB, name or None
    if kind == SSH and name:
        return SSH, name
    raise ValueError(
        f"expected --on to be {LOCAL}, {ADB}, {ADB}:SERIAL or {SSH}:HOST; got {text!r}"
    )


def host_and_port(host: str) -> tuple[str, str | None]:
    """("pi@board", "2222") of "pi@board:2222"; None where no port is named, as in "fe80::1"."""
    parts = re.fullmatch(r"([^:]+):(\d+)", host)
    return (parts[1], parts[2]) if parts else (host, None)
