"""Finds a command's own output and exit status in what adb or ssh print.

Both mix in remarks of their own ("* daemon started successfully", a message of the day), very old
Android devices lose the exit status, and ssh uses 255 for its own failures, too.
"""

from __future__ import annotations


def wrap(command: str, mark: str) -> str:
    """A line of sh that runs a command between two marks; the second one tells its status.

    Arguments:
        command: of sh; it may exit.
        mark: a word that no output has, such as random digits.
    """
    return f"echo {mark}\n(\n{command}\n) </dev/null\nprintf '\\n%s %d\\n' {mark} $?\n"


def unwrap(output: str, mark: str) -> tuple[str, int] | None:
    """The command's output and status; None where its end is missing.

    Arguments:
        output: all that came; lines may end in CR LF, as old Android's terminals have it.
        mark: that of `wrap`.
    """
    text = output.replace("\r\n", "\n")
    _, begun, rest = text.partition(f"{mark}\n")
    own, ended, status = rest.rpartition(f"\n{mark} ")
    number = status.partition("\n")[0].strip()
    if not begun or not ended or not number.isdigit():
        return None
    return own, int(number)


def begun(output: str, mark: str) -> str:
    """What came of a command that did not reach its end."""
    return output.replace("\r\n", "\n").partition(f"{mark}\n")[2]
