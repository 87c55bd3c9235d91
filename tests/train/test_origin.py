"""Which code a run was begun with."""

import subprocess

import pytest

import larq_bvit
from larq_bvit.train.origin import Origin, commit_of, load_origin, origin_here, save_origin


def git(folder, *arguments):
    author = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    command = ["git", "-C", str(folder), *author, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def package(tmp_path):
    """A package's folder in a checkout of its own."""
    folder = tmp_path / "checkout" / "package"
    folder.mkdir(parents=True)
    (folder / "a.py").write_text("a = 1\n")
    git(folder.parent, "init", "-q")
    git(folder.parent, "add", ".")
    git(folder.parent, "commit", "-q", "-m", "first")
    return folder


def test_commit_and_changes_of_the_package(package):
    commit = git(package, "rev-parse", "HEAD")[:12]
    assert commit_of(package) == commit
    (package.parent / "notes.txt").write_text("no code")
    assert commit_of(package) == commit
    (package / "a.py").write_text("a = 2\n")
    assert commit_of(package) == f"{commit}+changes"
    (package / "a.py").write_text("a = 1\n")
    (package / "b.py").write_text("new")
    assert commit_of(package) == f"{commit}+changes"


def test_another_project_around_an_installed_package(package):
    installed = package / "site-packages" / "larq_bvit"
    installed.mkdir(parents=True)
    assert commit_of(installed) is None


def test_no_checkout_and_no_git(tmp_path, package, monkeypatch):
    assert commit_of(tmp_path) is None
    monkeypatch.setenv("PATH", "")
    assert commit_of(package) is None


def test_saved_and_read_again(tmp_path):
    path = tmp_path / "origin.json"
    assert load_origin(path) == Origin(None, None)
    for origin in (origin_here(), Origin("0.1.0", "0123456789ab+changes"), Origin("0.1.0")):
        save_origin(path, origin)
        assert load_origin(path) == origin
    assert origin_here().version == larq_bvit.__version__


@pytest.mark.parametrize("content", ["{", "[1]", "3", '{"version": 1}', '{"branch": "main"}'])
def test_damaged(tmp_path, content):
    path = tmp_path / "origin.json"
    path.write_text(content)
    with pytest.raises(ValueError, match="origin.json does not say which code"):
        load_origin(path)
