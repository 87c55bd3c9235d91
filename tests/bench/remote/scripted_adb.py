"""An `adb` program that answers as a test says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ONE = "List of devices attached\nA1\tdevice model:Pixel_6\n"


def scripted_adb(
    folder: Path, monkeypatch: pytest.MonkeyPatch, cases: str, devices: str = ONE
) -> None:
    """Puts it on PATH.

    Arguments:
        folder: empty.
        monkeypatch: of the test.
        cases: of sh's `case`, over the words after `-s A1`: `"push "*) exit 1 ;;`.
        devices: what `adb devices -l` prints; of several texts, apart by "---", each call takes the
            next one.
    """
    texts = devices.split("---\n")
    for number, text in enumerate(texts):
        (folder / f"devices-{number}").write_text(text)
    program = folder / "adb"
    program.write_text(
        f"""#!/bin/sh
cd {folder}
echo "$*" >> calls
[ "$1" = -s ] && shift 2
case "$*" in
  {cases}
  "devices -l")
    n=$(cat count 2>/dev/null || echo 0); echo $((n + 1)) > count
    [ -e devices-$n ] || n={len(texts) - 1}
    cat devices-$n ;;
  get-state) echo device ;;
  "shell "*) shift; exec sh -c "$*" ;;
  *) echo "adb: unknown command $*" >&2; exit 1 ;;
esac
"""
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.delenv("ANDROID_SERIAL", raising=False)
