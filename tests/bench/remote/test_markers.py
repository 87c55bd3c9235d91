"""A command's own output, among what adb and ssh say besides."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from larq_bvit.bench.remote.markers import begun, unwrap, wrap

_SHELLS = [name for name in ("sh", "dash", "bash", "mksh", "busybox") if shutil.which(name)]
_MARK = "larq_bvit_0a1b"


def _run(shell: str, command: str) -> str:
    program = [shell, "sh"] if shell == "busybox" else [shell]
    wrapped = wrap(command, _MARK)
    by_input = subprocess.run(program, input=wrapped, capture_output=True, text=True).stdout
    by_argument = subprocess.run([*program, "-c", wrapped], capture_output=True, text=True).stdout
    assert by_input == by_argument  # ssh sends it as input, adb as an argument
    return by_input


@pytest.mark.parametrize("shell", _SHELLS)
@pytest.mark.parametrize(
    ("command", "output", "status"),
    [
        ("echo a; echo b", "a\nb\n", 0),
        ("printf 'no end of line'", "no end of line", 0),
        ("true", "", 0),
        ("exit 7", "", 7),
        ("kill -9 $$; sleep 0.1", None, None),
        ("sh -c 'kill -9 $$'", "", 137),
        ("cat", "", 0),  # has no input to eat up
        ("cat <<EOF\nx\nEOF", "x\n", 0),
        (f"echo '{_MARK} 5'; exit 3", f"{_MARK} 5\n", 3),
    ],
)
def test_output_and_status_come_back(
    shell: str, command: str, output: str | None, status: int | None
) -> None:
    got = unwrap(_run(shell, command), _MARK)
    assert got == (None if output is None else (output, status))


def test_remarks_before_and_after_are_no_output() -> None:
    noisy = "* daemon started successfully\n" + _run("sh", "echo a") + "Connection closed.\n"
    assert unwrap(noisy, _MARK) == ("a\n", 0)


def test_a_terminal_of_old_android_ends_lines_by_two_characters() -> None:
    assert unwrap(_run("sh", "echo a; exit 2").replace("\n", "\r\n"), _MARK) == ("a\n", 2)


def test_without_its_end_only_the_begin_is_known() -> None:
    cut = f"welcome\n{_MARK}\nhalf a li"
    assert unwrap(cut, _MARK) is None
    assert begun(cut, _MARK) == "half a li"
    assert unwrap("", _MARK) is None
    assert begun("error", _MARK) == ""
    assert unwrap(f"{_MARK}\nx\n{_MARK} ?", _MARK) is None
