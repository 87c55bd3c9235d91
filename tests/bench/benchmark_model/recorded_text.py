"""What programs printed: see recorded/README.md."""

from pathlib import Path

FOLDER = Path(__file__).parent / "recorded"


def recorded(name: str) -> str:
    """A file of the folder, with its line ends."""
    return (FOLDER / name).read_bytes().decode()
