"""Downloads of files whose size and SHA-256 are known: whole under their name, or absent."""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from filelock import FileLock, Timeout
from requests import exceptions
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from larq_bvit.presets import is_web_address
from larq_bvit.zoo.partial_file import PartialFile, is_whole, sha256_of

log = logging.getLogger(__name__)

_CHUNK = 1 << 16  # bytes
_NEVER = "CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER"  # TLS's failures that stay


class DownloadError(OSError):
    """A file can't be had from its URL, or is not the one that was expected there."""


class _TryAgain(Exception):
    """What another request may mend."""


def download(
    url: str,
    target: Path,
    *,
    sha256: str,
    size: int,
    attempts: int = 5,
    pause: float = 1.0,
    timeout: float = 30.0,
) -> Path:
    """Downloads a file into an existing folder, or finds it there; returns its path.

    What has arrived waits in `target.part`, from where a later call goes on. One process at a
    time downloads a file; others wait, and then find it.

    Arguments:
        url: of http or https.
        target: the file's name; what is there and damaged is replaced.
        sha256: of the whole file, in hexadecimal digits.
        size: of the whole file in bytes.
        attempts: how many requests, where connections fail or the server is at fault.
        pause: seconds before the second request; twice as long before every further one.
        timeout: seconds of silence after which a connection counts as cut.

    Raises:
        ValueError: a URL of another kind.
        DownloadError: the server does not have the file, has another one, or can't be reached.
        OSError: no space left, or the folder can't be written to.
    """
    if not is_web_address(url):
        raise ValueError(f"expected a URL of http or https; got {url!r}")
    with _alone(target):
        if target.exists():
            if is_whole(target, sha256=sha256, size=size):
                return target
            log.warning("%s is damaged: downloading it again", target)
            target.unlink()
        reason = ""
        for attempt in range(attempts):
            if attempt:
                wait = pause * 2 ** (attempt - 1)
                log.warning("%s: %s; trying again in %g s", url, reason, wait)
                time.sleep(wait)
            try:
                _attempt(url, PartialFile(target), sha256, size, timeout)
                return target
            except _TryAgain as error:
                reason = str(error)
            except exceptions.RequestException as error:
                raise DownloadError(f"{url}: {error}") from error
        raise DownloadError(f"{url}: {attempts} attempts failed; the last: {reason}")


def _attempt(url: str, part: PartialFile, sha256: str, size: int, timeout: float) -> None:
    """One request for all that is missing; finishes the file.

    Raises:
        _TryAgain: what came is not all; what is kept of it is in the part.
        DownloadError: there is no use in asking again.
    """
    if part.size > size:
        part.remove()
    start = part.size
    if start < size:
        part.check_space(size - start)
        start = _request(url, part, size, timeout)
    got = sha256_of(part.path)
    if got == sha256:
        part.finish()
        return
    part.remove()
    if start:
        raise _TryAgain("the parts are not of one file")
    raise DownloadError(f"{url}: expected sha256 {sha256}; got {got}. Nothing of it is kept")


def _request(url: str, part: PartialFile, size: int, timeout: float) -> int:
    """Downloads the rest of a file; returns at which byte the answer began."""
    headers = {"Accept-Encoding": "identity"}  # compressed, the bytes would not be the file's
    if part.size:
        headers["Range"] = f"bytes={part.size}-"
        if part.etag is not None:
            headers["If-Range"] = part.etag  # if it is another file by now, send all of it
    try:
        with requests.get(url, headers=headers, stream=True, timeout=timeout) as response:
            start = _start(response, part, size)
            with _progress(part.target.name, start, size) as progress:
                part.append(_chunks(response, size - start, progress))
    except exceptions.SSLError as error:
        if any(reason in str(error) for reason in _NEVER):
            raise
        raise _TryAgain(f"the connection failed: {error}") from error
    except (
        exceptions.ConnectionError,
        exceptions.ChunkedEncodingError,
        exceptions.Timeout,
    ) as error:
        raise _TryAgain(f"the connection failed: {error}") from error
    if part.size < size:
        raise _TryAgain(f"the connection ended after {part.size} of {size} bytes")
    return start


def _start(response: requests.Response, part: PartialFile, size: int) -> int:
    """At which byte of the file an answer begins; a part that it does not go on from is removed."""
    status = response.status_code
    answer = f"the server answers {status} {response.reason}"
    if status == 206 and _continues(response, part.size, size):
        return part.size
    if status in (206, 416):
        part.remove()
        raise _TryAgain(f"{answer}, which does not go on from the part that is here")
    if status in (408, 429) or status >= 500:
        raise _TryAgain(answer)
    if status != 200:
        raise DownloadError(
            f"{response.url}: {answer}; the file can also be put by hand at {part.target}"
        )
    length = response.headers.get("Content-Length", str(size))
    if length != str(size):
        raise DownloadError(f"{response.url}: expected {size} bytes; the server has {length}")
    part.restart(response.headers.get("ETag"))  # a server may know no ranges
    return 0


def _continues(response: requests.Response, start: int, size: int) -> bool:
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    return found is not None and int(found[1]) == start and found[2] in ("*", str(size))


def _chunks(response: requests.Response, expected: int, progress: Progress) -> Iterator[bytes]:
    """What comes, shown as it comes."""
    for chunk in response.iter_content(_CHUNK):
        expected -= len(chunk)
        if expected < 0:
            raise DownloadError(f"{response.url}: the server sends more bytes than expected")
        yield chunk
        progress.advance(progress.task_ids[0], len(chunk))


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """While open, no other process downloads this file."""
    lock = FileLock(target.with_name(f"{target.name}.lock"))
    try:
        lock.acquire(blocking=False)
    except Timeout:
        log.warning("another process downloads %s: waiting for it", target.name)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _progress(name: str, done: int, size: int) -> Progress:
    """A bar on stderr; nothing where that is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    bar = Progress(
        *columns,
        TransferSpeedColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    bar.add_task(name, total=size, completed=done)
    return bar
