"""Text that came over a wire, as lines: without what terminals, adb and logcat add."""

import re

# a number as C++ streams write it, with a decimal point or, where a system is localised, a comma
NUMBER = r"[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?"

_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
_LOGCAT = re.compile(  # the forms "threadtime" and "brief" of Android's log
    r"(?:\d\d-\d\d \d\d:\d\d:\d\d\.\d+ +\d+ +\d+ [VDIWEF] (?P<tag>[^:]*?) *"
    r"|[VDIWEF]/(?P<brief>[^(]*?) *\( *\d+\)): ?(?P<text>.*)"
)
_BEGIN = "STARTING!"


def clean_lines(text: str) -> list[str]:
    """The lines that are not empty, without carriage returns, colours and other programs' logs.

    Where a program's own output and the system's log of it are mixed, the log says everything a
    second time, and is left out; where there is only the log, it is taken for the output.
    """
    lines = [(_ESCAPE.sub("", line).rstrip(), line) for line in re.split(r"[\r\n]+", text)]
    found = [(line, _LOGCAT.fullmatch(line)) for line, _ in lines if line]
    own_output = any(match is None and _BEGIN in line for line, match in found)
    return [
        line if match is None else match["text"]
        for line, match in found
        if match is None or (not own_output and _of_tflite(match))
    ]


def number(text: str) -> float:
    """What `NUMBER` matched."""
    return float(text.replace(",", "."))


def _of_tflite(match: re.Match[str]) -> bool:
    return (match["tag"] or match["brief"] or "").startswith("tflite")
