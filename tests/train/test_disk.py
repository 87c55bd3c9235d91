"""A disk that is full."""

import errno
import subprocess

import pytest
import tensorflow as tf

from larq_bvit.train.disk import DiskFullError, explain_full_disk, write_text


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
