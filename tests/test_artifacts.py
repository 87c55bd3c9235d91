"""Artifacts in a checkout and in an installed package; the wheel itself is in test_packaging."""

from pathlib import Path

import pytest

from larq_bvit import artifacts as module
from larq_bvit.artifacts import artifact, artifacts

ROOT = Path(__file__).parents[1]


def write(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A folder that passes for the package's, empty, with nothing beside it."""
    folder = tmp_path / "larq_bvit"
    folder.mkdir()
    monkeypatch.setattr(module, "_PACKAGE", folder)
    return folder


def test_checkout():
    assert artifact("convert", "arm.toml") == ROOT / "convert" / "arm.toml"
    assert artifacts("convert", ".toml") == sorted((ROOT / "convert").glob("*.toml"))


def test_folders_below_and_suffix(package):
    for name in ("nano/weights.npz", "nano/card.md", "deit/card.md", "nano/notcard.mdx"):
        write(package.parent / "zoo" / name)
    names = ["deit/card.md", "nano/card.md", "nano/notcard.mdx", "nano/weights.npz"]
    assert artifacts("zoo") == [package.parent / "zoo" / name for name in names]
    assert artifacts("zoo", ".md") == [package.parent / "zoo" / name for name in names[:2]]
    assert artifact("zoo", "nano") == package.parent / "zoo" / "nano"


def test_hidden_files_do_not_count(package):
    for name in (".DS_Store", ".cache/arm.toml", "arm.toml"):
        write(package.parent / "convert" / name)
    assert artifacts("convert") == [package.parent / "convert" / "arm.toml"]


def test_installed_package_looks_only_inside(package):
    inside = package / "_artifacts" / "convert" / "arm.toml"
    write(inside)
    write(package.parent / "convert" / "__init__.py")  # another package, installed beside
    write(package.parent / "train" / "setup.toml")
    assert artifacts("convert") == [inside] and artifact("convert", "arm.toml") == inside
    assert artifacts("train") == []


def test_current_directory_does_not_count(tmp_path, monkeypatch):
    before = artifacts("convert")
    write(tmp_path / "convert" / "mine.toml")
    monkeypatch.chdir(tmp_path)
    assert artifacts("convert") == before
    with pytest.raises(FileNotFoundError):
        artifact("convert", "mine.toml")


def test_missing_artifact():
    with pytest.raises(FileNotFoundError, match="no artifact 'convert/no/arm.toml'.*is missing"):
        artifact("convert", "no", "arm.toml")


@pytest.mark.parametrize("find", [artifact, artifacts])
def test_unknown_folder(find):
    with pytest.raises(ValueError, match="one of the folders zoo, train, convert; got 'tests'"):
        find("tests")
