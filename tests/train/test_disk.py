"""Whole files, or none; and the disk being full."""

import errno
import os
import subprocess

import pytest
import tensorflow as tf

from larq_bvit._sync import sync
from larq_bvit.train import disk
from larq_bvit.train.disk import DiskFullError, explain_full_disk, publish, write_text


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a file system of its own with 256 kB."""
    path = tmp_path / "disk"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(path)]
    try:
        mounted = not subprocess.run(mount, capture_output=True).returncode
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("no right to mount a file system")
    yield path
    subprocess.run(["umount", str(path)], check=True)


def test_a_text_is_replaced_as_a_whole(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    write_text(path, "one")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        write_text(path, "two")
    assert path.read_text() == "one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_the_file_as_it_was(small_disk):
    path = small_disk / "history.csv"
    write_text(path, "one")
    with pytest.raises(DiskFullError, match=r"the disk is full: cannot write history.csv; free"):
        write_text(path, "x" * 300_000)
    assert path.read_text() == "one"
    assert list(small_disk.iterdir()) == [path]


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "no room"),
        OSError(errno.EDQUOT, "quota"),
        OSError("Can't write data (errno = 28, error message = 'No space left on device')"),
        tf.errors.ResourceExhaustedError(None, None, "a.data; No space left on device"),
    ],
)
def test_errors_of_a_full_disk_are_known_by_number_or_text(tmp_path, error):
    with pytest.raises(DiskFullError) as full, explain_full_disk("a thing", tmp_path / "a"):
        raise error
    assert full.value.errno == errno.ENOSPC
    assert full.value.filename == str(tmp_path / "a")


def test_other_errors_stay(tmp_path):
    out_of_memory = tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")
    with (
        pytest.raises(tf.errors.ResourceExhaustedError),
        explain_full_disk("a thing", tmp_path),
    ):
        raise out_of_memory


def test_a_folder_is_published_with_its_files(tmp_path, monkeypatch):
    draft = tmp_path / "draft"
    (draft / "step1").mkdir(parents=True)
    (draft / "a").write_text("content")
    (draft / "step1" / "b").write_text("more")
    synced = []
    monkeypatch.setattr(disk, "sync", lambda path: synced.append(path) or sync(path))
    publish(draft, tmp_path / "named")
    inside = {draft / name for name in ("a", "step1", "step1/b")}
    assert set(synced[:3]) == inside and synced[3:] == [draft, tmp_path]
    assert not draft.exists()
    assert (tmp_path / "named" / "a").read_text() == "content"
    assert (tmp_path / "named" / "step1" / "b").read_text() == "more"
