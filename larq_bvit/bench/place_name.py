"""Names of machines that are measured."""

from __future__ import annotations

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
