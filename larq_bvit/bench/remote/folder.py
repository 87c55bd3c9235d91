"""A folder on a machine: what a benchmark needs is put there once, and removed at the end."""

from __future__ import annotations

import hashlib
import re
import secrets
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from larq_bvit.bench.remote.errors import NoSpaceError
from larq_bvit.bench.remote.shell import DeviceError, Shell

ANDROID = "/data/local/tmp/larq_bvit"
_ELSEWHERE = (
    "${XDG_CACHE_HOME:-$HOME/.cache}/larq_bvit-bench",
    "${TMPDIR:-/tmp}/larq_bvit-bench-$(id -u)",
)
_SPARE = 1 << 20  # bytes that stay free


class Folder:
    """A context manager; what it has put there is gone after it, also after an error.

    Each has a folder of its own below a common one, so that several can be on a machine at once.
    Kept files lie in the common one, under their digests, for all; only whole ones come there.

    Attributes:
        path: the common one on the machine.
    """

    def __init__(
        self, shell: Shell, path: str, own: str, *, keep: bool = False, digests: bool = True
    ) -> None:
        """`open_folder` makes one.

        Arguments:
            shell: of the machine.
            path: an existing folder, for this user alone.
            own: an existing folder in it, for this one alone.
            keep: leaves files for the next time.
            digests: whether the machine has sha256sum.
        """
        self.path = path
        self._shell, self._own, self._keep, self._digests = shell, own, keep, digests
        self._put: dict[str, str] = {}  # {digest: path there}
        self._is_open = True

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self.clean()
        except DeviceError:
            if kind is None:  # an error that is under way says more
                raise

    def put(self, here: Path, *, executable: bool = False) -> str:
        """A file's path there; it is copied unless one with the same content is there already.

        Raises:
            NoSpaceError: it does not fit.
            DeviceError: the machine is gone or refuses.
        """
        digest = hashlib.sha256(here.read_bytes()).hexdigest()
        if digest in self._put:
            return self._put[digest]
        name = f"{digest[:12]}-{re.sub(r'[^A-Za-z0-9._-]', '_', here.name)}"
        there = f"{self.path}/{name}"
        if self._digest(there) != digest:
            there = self._copy(here, digest, name)
        if executable and not self._shell.run(f"chmod 755 {shlex.quote(there)}").ok:
            raise DeviceError(f"{self._shell.name}: can't make {there} executable")
        self._put[digest] = there
        return there

    def _copy(self, here: Path, digest: str, name: str) -> str:
        self._check_space(here)
        there = f"{self._own}/{name}"
        self._shell.push(here, there)
        got = self._digest(there)
        if got not in (digest, None):
            raise DeviceError(
                f"{self._shell.name}: {there} arrived damaged (SHA-256 {got[:12]} instead of "
                f"{digest[:12]}); check cable or network and try again"
            )
        if not self._keep:
            return there
        kept = f"{self.path}/{name}"  # it is whole there at once: another may wait for it
        if not self._shell.run(f"mv -f {shlex.quote(there)} {shlex.quote(kept)}").ok:
            raise DeviceError(f"{self._shell.name}: can't keep {kept}")
        return kept

    def output(self, name: str) -> str:
        """A path for something that a program writes there; it is removed at the end."""
        return f"{self._own}/{name}"

    def clean(self) -> None:
        """Removes what was put there; again does nothing.

        Raises:
            DeviceError: the machine is gone, so files are left there; says where.
        """
        if not self._is_open:
            return
        self._is_open = False
        own, common = shlex.quote(self._own), shlex.quote(self.path)
        try:
            self._shell.run(f"rm -rf {own}; rmdir {common} 2>/dev/null; true")
        except DeviceError as error:
            raise DeviceError(f"{error}; files are left in {self._own}") from error

    def _digest(self, there: str) -> str | None:
        """The SHA-256 of a file there; None where there is none, or where it can't be told."""
        if not self._digests:
            return None
        answer = self._shell.run(f"sha256sum {shlex.quote(there)} 2>/dev/null", 120)
        found = re.match(r"\\?([0-9a-f]{64})\b", answer.output)
        return found[1] if found else None

    def _check_space(self, here: Path) -> None:
        size, free = here.stat().st_size, free_space(self._shell, self.path)
        if free is not None and free < size + _SPARE:
            raise NoSpaceError(
                f"{self._shell.name} has {free / 1e6:.1f} MB free in {self.path}, and {here.name} "
                f"needs {size / 1e6:.1f}; free some"
            )


def open_folder(
    shell: Shell,
    *,
    android: bool,
    where: str | None = None,
    keep: bool = False,
    digests: bool = True,
) -> Folder:
    """Makes a folder from which programs can be run.

    Arguments:
        shell: of the machine.
        android: whether it has Android.
        where: the folder; else one that suits the system.
        keep: leaves files for the next time.
        digests: whether the machine has sha256sum.

    Raises:
        DeviceError: none can be made, or no program may be run from it.
    """
    if where is not None:
        places: Sequence[str] = (shlex.quote(where),)
    else:
        places = (ANDROID,) if android else tuple(f'"{each}"' for each in _ELSEWHERE)
    own, refusals = f"run-{secrets.token_hex(4)}", []
    for place in places:
        path, refusal = _try(shell, place, own)
        if refusal is None:
            return Folder(shell, path, f"{path}/{own}", keep=keep, digests=digests)
        refusals.append(refusal)
    raise DeviceError(
        f"{shell.name}: no folder to run programs from: {'; '.join(refusals)}. "
        f"Expected one on a file system that is not mounted noexec"
    )


def _try(shell: Shell, place: str, own: str) -> tuple[str, str | None]:
    """A folder's path, and why it can't be used; it is quoted for sh already."""
    # one command makes both folders: another run's end may remove the common one while it is empty
    script = (
        f'd={place}; echo "$d"; o="$d/{own}"; umask 077; mkdir -p "$o" || exit 11; '
        'e() { rm -rf "$o"; rmdir "$d" 2>/dev/null; exit $1; }; [ -O "$d" ] || e 12; '
        'p="$o/probe"; printf \'#!%s\\nexit 0\\n\' "$(command -v sh)" > "$p" || e 13; '
        'chmod 700 "$p"; "$p" || e 14; rm -f "$p"; '
        # of benchmarks that lost the machine
        'find "$d" -maxdepth 1 -name "run-*" -mtime +1 -exec rm -rf {} + 2>/dev/null; exit 0'
    )
    answer = shell.run(script)
    path = answer.output.partition("\n")[0] or place
    reasons = {
        11: "can't be made",
        12: "belongs to another user",
        13: "can't be written to",
        14: "allows no programs (mounted noexec?)",
    }
    if answer.ok:
        return path, None
    words = answer.errors.strip().splitlines()
    said = f" ({words[-1]})" if words else ""
    return path, f"{path} {reasons.get(answer.status, 'failed')}{said}"


def free_space(shell: Shell, path: str) -> int | None:
    """Bytes that are free where a folder is; None where `df` does not tell."""
    lines = shell.run(f"df -k {shlex.quote(path)} 2>/dev/null").output.splitlines()
    if len(lines) < 2:
        return None
    # a long device's name has a line of its own; the columns count from the end
    head, row = (
        lines[0].lower().replace("mounted on", "mounted").split(),
        " ".join(lines[1:]).split(),
    )
    column = next(
        (i for i, name in enumerate(head) if name in ("available", "avail", "free")), None
    )
    if column is None or len(row) < len(head):
        return None
    return _bytes(row[column])


_UNITS: dict[str, Callable[[float], float]] = {
    "": lambda n: n * 1024,
    "K": lambda n: n * 1024,
    "M": lambda n: n * 1024**2,
    "G": lambda n: n * 1024**3,
}


def _bytes(text: str) -> int | None:
    """Of "1234" (KiB), or of "1.2G" as Android had before toybox."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([KMG]?)", text)
    return int(_UNITS[match[2]](float(match[1]))) if match else None
