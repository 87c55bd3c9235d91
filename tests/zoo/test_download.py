"""Downloads from a server on this machine that misbehaves."""

import errno
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from larq_bvit.zoo import download as module
from larq_bvit.zoo import partial_file
from larq_bvit.zoo.download import DownloadError, download
from tests.zoo.file_server import (
    chunked,
    cut,
    file_server,
    held,
    stall,
    status,
    without_ranges,
)

CHUNK = 1 << 16
CONTENT = np.random.default_rng(0).bytes(4 * CHUNK + 123)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with file_server(CONTENT) as server:
        yield server


@pytest.fixture
def target(tmp_path):
    return tmp_path / "weights.bin"


@pytest.fixture
def get(server, target):
    """get() downloads the server's file to `target`, without long pauses."""
    defaults = {"sha256": SHA256, "size": len(CONTENT), "pause": 0.001, "timeout": 5.0}
    return lambda **changes: download(
        changes.pop("url", server.url), target, **{**defaults, **changes}
    )


def files(target):
    """What lies beside the lock, by name."""
    return sorted(p.name for p in target.parent.iterdir() if p.suffix != ".lock")


def whole(target):
    return target.read_bytes() == CONTENT and files(target) == [target.name]


def test_downloads_once(server, target, get, capsys):
    assert get() == target and whole(target)
    assert get() == target
    assert server.asked == [("/weights", None, None)]
    assert capsys.readouterr() == ("", "")


def test_follows_redirects(server, target, get):
    server.script = [status(302, Location="/elsewhere")]
    get()
    assert [path for path, _, _ in server.asked] == ["/weights", "/elsewhere"] and whole(target)


def test_redirect_to_another_kind_of_address(server, target, get):
    server.script = [status(302, Location="ftp://example.org/weights")]
    with pytest.raises(DownloadError, match="ftp://example.org/weights"):
        get()
    assert len(server.asked) == 1 and files(target) == []


def test_goes_on_after_a_cut(server, target, get, caplog):
    server.script = [cut(2 * CHUNK + 5), cut(CHUNK)]
    get()
    ranges = [None, f"bytes={2 * CHUNK}-", f"bytes={3 * CHUNK}-"]
    assert server.ranges == ranges and whole(target)
    assert [condition for _, _, condition in server.asked] == [None, '"v1"', '"v1"']
    assert [r.levelname for r in caplog.records] == ["WARNING"] * 2
    assert "trying again in 0.001 s" in caplog.messages[0] and "0.002 s" in caplog.messages[1]


def test_goes_on_in_a_later_call(server, target, get):
    server.script = [cut(2 * CHUNK)]
    with pytest.raises(DownloadError, match="1 attempts failed; the last: the connection"):
        get(attempts=1)
    assert files(target) == [f"{target.name}.etag", f"{target.name}.part"]
    get()
    assert server.asked[1:] == [("/weights", f"bytes={2 * CHUNK}-", '"v1"')] and whole(target)


@pytest.mark.parametrize("damage", [b"\xff\xfe", b'\n"v1"', b'"v\n1"'])
def test_a_damaged_etag(server, target, get, damage):
    server.script = [cut(2 * CHUNK)]
    with pytest.raises(DownloadError):
        get(attempts=1)
    target.with_name(f"{target.name}.etag").write_bytes(damage)
    get()
    assert server.asked[1:] == [("/weights", f"bytes={2 * CHUNK}-", None)] and whole(target)


def test_another_file_by_now(server, target, get):
    server.script = [cut(2 * CHUNK)]
    with pytest.raises(DownloadError):
        get(attempts=1)
    server.content, server.etag = CONTENT[::-1], '"v2"'
    get(sha256=hashlib.sha256(server.content).hexdigest())
    assert server.ranges == [None, f"bytes={2 * CHUNK}-"]
    assert target.read_bytes() == server.content and files(target) == [target.name]


@pytest.mark.parametrize("etag", [None, 'W/"v1"'])
def test_parts_of_two_files_without_an_etag_to_tell(server, target, get, etag):
    server.etag, server.content = etag, CONTENT[::-1]
    server.script = [cut(2 * CHUNK)]
    with pytest.raises(DownloadError):
        get(attempts=1)
    server.content = CONTENT
    get()
    assert server.asked[1:] == [
        ("/weights", f"bytes={2 * CHUNK}-", None),
        ("/weights", None, None),
    ]
    assert whole(target)


def test_server_without_ranges_starts_again(server, target, get):
    server.script = [cut(2 * CHUNK), without_ranges]
    get()
    assert server.ranges == [None, f"bytes={2 * CHUNK}-"] and whole(target)


@pytest.mark.parametrize(
    "answer",
    [
        status(416),
        status(206, Content_Range=f"bytes 0-9/{len(CONTENT)}"),
        status(206, Content_Range=f"bytes {2 * CHUNK}-{3 * CHUNK}/{3 * CHUNK + 1}"),
        status(206, Content_Range="nonsense"),
        status(206),
    ],
)
def test_answers_that_do_not_go_on(server, target, get, answer):
    server.script = [cut(2 * CHUNK), answer]
    get()
    assert server.ranges == [None, f"bytes={2 * CHUNK}-", None] and whole(target)


def test_a_server_that_tells_no_length(server, target, get):
    server.script = [chunked(limit=3 * CHUNK), chunked()]
    get()
    assert server.ranges == [None, f"bytes={3 * CHUNK}-"] and whole(target)


def test_silence_counts_as_a_cut(server, target, get):
    server.script = [stall(seconds=1.0)]
    get(timeout=0.2)
    assert server.ranges == [None, f"bytes={CHUNK}-"] and whole(target)


@pytest.mark.parametrize("code", [500, 503, 429, 408])
def test_server_errors_may_pass(server, target, get, code):
    server.script = [status(code), status(code)]
    get()
    assert len(server.asked) == 3 and whole(target)


def test_server_errors_that_stay(server, target, get, monkeypatch):
    pauses = []
    monkeypatch.setattr(module.time, "sleep", pauses.append)
    server.script = [status(500)] * 9
    with pytest.raises(DownloadError) as error:
        get(attempts=4, pause=0.5)
    message = f"{server.url}: 4 attempts failed; the last: the server answers 500 Internal Server"
    assert str(error.value).startswith(message)
    assert len(server.asked) == 4 and pauses == [0.5, 1.0, 2.0] and files(target) == []


@pytest.mark.parametrize("code", [404, 403, 410])
def test_missing_files_are_not_asked_for_again(server, target, get, code):
    server.script = [status(code)]
    with pytest.raises(DownloadError) as error:
        get()
    message = str(error.value)
    assert message.startswith(f"{server.url}: the server answers {code} ")
    assert message.endswith(f"the file can also be put by hand at {target}")
    assert len(server.asked) == 1 and files(target) == []


def test_no_server(server, target, get):
    server.server_close()
    with pytest.raises(DownloadError, match="2 attempts failed; the last: the connection failed"):
        get(attempts=2)
    assert files(target) == []


def test_a_server_that_can_not_prove_who_it_is(server, target, get, caplog):
    with pytest.raises(DownloadError, match="SSL"):
        get(url=server.url.replace("http:", "https:"))
    assert caplog.messages == [] and files(target) == []  # not tried again


def test_wrong_hash(server, target, get):
    server.content = CONTENT[::-1]
    with pytest.raises(DownloadError) as error:
        get()
    got = hashlib.sha256(server.content).hexdigest()
    assert f"{server.url}: expected sha256 {SHA256}; got {got}" in str(error.value)
    assert len(server.asked) == 1 and files(target) == []


@pytest.mark.parametrize("change", [-1, 1])
def test_wrong_size(server, target, get, change):
    with pytest.raises(DownloadError) as error:
        get(size=len(CONTENT) + change)
    assert f"expected {len(CONTENT) + change} bytes; the server has {len(CONTENT)}" in str(error)
    assert len(server.asked) == 1 and files(target) == []


def test_more_than_expected(server, target, get):
    server.script = [chunked()]
    with pytest.raises(DownloadError, match="the server sends more bytes than expected"):
        get(size=len(CONTENT) - 1)
    assert not target.exists()
    assert target.with_name(f"{target.name}.part").stat().st_size < len(CONTENT)


@pytest.mark.parametrize("left", [CONTENT, CONTENT[: 2 * CHUNK]])
def test_what_was_left_and_whole_is_not_asked_for(server, target, get, left):
    target.with_name(f"{target.name}.part").write_bytes(left)
    get()
    ranges = [] if left == CONTENT else [f"bytes={2 * CHUNK}-"]
    assert server.ranges == ranges and whole(target)


@pytest.mark.parametrize("left", [CONTENT[::-1], CONTENT + b"1"])
def test_what_was_left_and_is_wrong_is_thrown_away(server, target, get, left):
    target.with_name(f"{target.name}.part").write_bytes(left)
    get()
    assert server.ranges == [None] and whole(target)


@pytest.mark.parametrize("there", [CONTENT[:-1], CONTENT[::-1], b""])
def test_a_damaged_file_is_replaced(server, target, get, there, caplog):
    target.write_bytes(there)
    get()
    assert whole(target) and len(server.asked) == 1
    assert f"{target} is damaged: downloading it again" in caplog.messages


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/x", "weights", "https:"])
def test_other_kinds_of_addresses(target, get, url):
    with pytest.raises(ValueError, match="expected a URL of http or https; got "):
        get(url=url)
    assert list(target.parent.iterdir()) == []


def test_too_little_space(server, target, get, monkeypatch):
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(len(CONTENT) - 1))
    with pytest.raises(OSError) as error:
        get()
    assert error.value.errno == errno.ENOSPC and f"{len(CONTENT)} more bytes" in str(error.value)
    assert "free some space" in str(error.value) and server.asked == []
    target.with_name(f"{target.name}.part").write_bytes(CONTENT[:CHUNK])  # less is needed
    get()
    assert whole(target)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_disk_that_becomes_full(server, target, get, monkeypatch):
    real = partial_file.PartialFile.path
    full = property(lambda part: Path("/dev/full"))
    monkeypatch.setattr(partial_file.PartialFile, "path", full)
    monkeypatch.setattr(partial_file.PartialFile, "remove", lambda part: None)
    with pytest.raises(OSError, match="the disk is full: what came before is kept") as error:
        get()
    assert error.value.errno == errno.ENOSPC and len(server.asked) == 1
    monkeypatch.setattr(partial_file.PartialFile, "path", real)
    assert not target.exists()


def test_bar_where_stderr_is_a_terminal(server, get, monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    get()
    shown = capsys.readouterr()
    assert shown.out == "" and "weights.bin" in shown.err and "262.3/262.3 kB" in shown.err


CHILD = f"""
import sys, types
from pathlib import Path
# without the zoo, which takes TensorFlow's seconds
sys.modules["larq_bvit.zoo"] = types.ModuleType("larq_bvit.zoo")
sys.modules["larq_bvit.zoo"].__path__ = [{str(Path(module.__file__).parent)!r}]
from larq_bvit.zoo.download import download
url, target = sys.argv[1:]
download(url, Path(target), sha256={SHA256!r}, size={len(CONTENT)}, pause=0.01, timeout=60)
"""


@pytest.fixture
def child(server, target):
    """child() starts a process that downloads the server's file."""
    running = []

    def start():
        arguments = [sys.executable, "-c", CHILD, server.url, str(target)]
        running.append(subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_two_processes_download_it_once(server, target, child):
    release = Event()
    server.script = [held(release)]
    first = child()
    wait_for(lambda: server.asked)
    second = child()
    assert "another process downloads weights.bin: waiting for it" in second.stderr.readline()
    release.set()
    for process in (first, second):
        said = process.communicate(timeout=60)[1]
        assert process.returncode == 0 and said == ""
    assert server.ranges == [None] and whole(target)


@pytest.mark.skipif(os.name == "nt", reason="kills by signal")
def test_killed_half_way(server, target, child, get):
    server.script = [stall(seconds=5.0)]
    process = child()
    part = target.with_name(f"{target.name}.part")
    wait_for(lambda: part.exists() and part.stat().st_size)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not target.exists()
    get()
    assert server.ranges == [None, f"bytes={CHUNK}-"] and whole(target)


def test_tls_that_breaks_off_is_tried_again(server, target, get, monkeypatch):
    real, failures = module.requests.get, ["UNEXPECTED_EOF_WHILE_READING"]

    def get_once(*arguments, **options):
        if failures:
            raise module.exceptions.SSLError(failures.pop())
        return real(*arguments, **options)

    monkeypatch.setattr(module.requests, "get", get_once)
    assert get().read_bytes() == CONTENT and not failures
    failures.append("CERTIFICATE_VERIFY_FAILED")
    target.unlink()
    with pytest.raises(DownloadError, match="CERTIFICATE_VERIFY_FAILED"):
        get()
