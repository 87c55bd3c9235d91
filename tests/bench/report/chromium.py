"""Opens a page in headless Chromium."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PROGRAM = next(filter(None, map(shutil.which, NAMES)), None)
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--hide-scrollbars",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-proxy-server",
    "--no-sandbox",  # containers rarely have one, and the page is our own
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
DARK = "--blink-settings=preferredColorScheme=0"

needs_chromium = pytest.mark.skipif(
    PROGRAM is None, reason=f"none of {', '.join(NAMES)} is installed"
)


@dataclass(frozen=True)
class Opened:
    """A page after its scripts: its HTML, and what they and the browser wrote on the console."""

    html: str
    console: list[str]


def open_page(page: str, folder: Path, width: int, *options: str) -> Opened:
    """Opens a page in a window of that many pixels."""
    assert PROGRAM is not None
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    result = subprocess.run(
        [
            PROGRAM,
            "--headless",
            *QUIET,
            *options,
            f"--user-data-dir={folder / 'profile'}",
            f"--window-size={width},800",
            "--enable-logging=stderr",
            "--v=0",
            "--dump-dom",
            file.as_uri(),
        ],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    return Opened(result.stdout, re.findall(r":CONSOLE[:(].*", result.stderr))
