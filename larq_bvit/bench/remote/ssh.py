"""Boards, by the system's `ssh` and `scp`: the user's own configuration, keys and agent count."""

from __future__ import annotations

import re
import secrets
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from larq_bvit.bench.place_name import host_and_port
from larq_bvit.bench.remote import markers
from larq_bvit.bench.remote.child import run
from larq_bvit.bench.remote.errors import NoSpaceError, TimedOutError
from larq_bvit.bench.remote.shell import Answer, DeviceError
from larq_bvit.bench.remote.ssh_failures import explain_connect, gone, is_gone, last_line

# Nobody answers questions, a dead board is noticed after 15 s, and a connection ends with its
# process whatever ~/.ssh/config says: one that persists goes on in another process.
_OPTIONS = (
    *("-o", "BatchMode=yes", "-o", "ConnectTimeout=10"),
    *("-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3"),
    *("-o", "ControlPersist=no"),
)
_PATIENCE = 60.0  # seconds for a connection, from name to login
_SLOWEST = 200_000  # bytes per second
_PLAIN = re.compile(r"[\w./~+-]+")  # paths that mean the same to every version of scp


def connect(host: str, *, options: Sequence[str] = ()) -> SshShell:
    """Reaches a board, and keeps one connection for all that follows.

    Arguments:
        host: what `ssh` takes: a name of ~/.ssh/config, HOST or USER@HOST, also with :PORT.
        options: further ones of ssh and scp, such as ("-F", "config").

    Raises:
        DeviceError: there is no ssh, or no way in; says what to do.
    """
    if not re.fullmatch(r"[^\s-]\S*", host):
        raise DeviceError(f"expected HOST, USER@HOST or a name of ~/.ssh/config; got '{host}'")
    if shutil.which("ssh") is None:
        raise DeviceError("no ssh on PATH; install OpenSSH's client (apt install openssh-client)")
    shell = SshShell(host, options)
    try:
        shell.open()
    except BaseException:
        shell.close()
        raise
    return shell


class SshShell:
    """A board; see `Shell`. A context manager that ends the connection."""

    def __init__(self, host: str, options: Sequence[str] = ()) -> None:
        self.name = f"ssh:{host}"
        self._host = host
        self._target, number = host_and_port(host)
        port = () if number is None else ("-o", f"Port={number}")
        self._folder = tempfile.TemporaryDirectory(prefix="larq_bvit-ssh-")  # for this user only
        socket = str(Path(self._folder.name) / "master")  # short: a socket's path has 107 bytes
        self._own = (*_OPTIONS, *port, "-o", f"ControlPath={socket}", *options)
        self._master: subprocess.Popen[bytes] | None = None
        self._mark = f"larq_bvit_{secrets.token_hex(6)}"
        self._has_scp = shutil.which("scp") is not None

    def __enter__(self) -> SshShell:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Connects; `connect` does it."""
        log = Path(self._folder.name) / "log"
        with log.open("wb") as errors:
            self._master = subprocess.Popen(
                ["ssh", "-o", "ControlMaster=yes", "-N", *self._own, self._target],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,  # Ctrl-C must not take away what cleans up
            )
        end = time.monotonic() + _PATIENCE
        while not (Path(self._folder.name) / "master").exists():
            if self._master.poll() is not None:
                raise explain_connect(self._host, log.read_text(errors="replace"))
            if time.monotonic() > end:
                raise explain_connect(self._host, f"timed out after {_PATIENCE:.0f} s")
            time.sleep(0.02)
        answer = self.run("exit 0")
        if not answer.ok:
            raise DeviceError(f"{self._host} has no POSIX shell: sh: {answer.errors.strip()}")

    def close(self) -> None:
        """Ends the connection; again does nothing."""
        if self._master is not None:
            self._master.terminate()
            try:
                self._master.wait(1)
            except subprocess.TimeoutExpired:  # it waits for a command that was left
                self._master.kill()
                self._master.wait()
            self._master = None
        self._folder.cleanup()

    def run(self, command: str, timeout: float = 30) -> Answer:
        """See `Shell.run`. sh reads the command as its input: the login shell may be any."""
        text = markers.wrap(command, self._mark)
        answer = self._ssh("sh", timeout, text=text)
        own = markers.unwrap(answer.output, self._mark)
        if own is not None:
            return Answer(own[1], own[0], answer.errors)
        self._check_there(answer)
        # the board is well, so its sh was killed, as by want of memory
        return Answer(137, markers.begun(answer.output, self._mark), answer.errors)

    def push(self, here: Path, there: str) -> None:
        """See `Shell.push`; by scp, and by `cat` where the board has none."""
        timeout = 60 + here.stat().st_size / _SLOWEST
        if self._scp(str(here.absolute()), f"{self._target}:{there}", there, timeout):
            return
        # in its own file first: a program that runs can't be written over
        partial = shlex.quote(f"{there}.partial")
        command = f"cat > {partial} && mv -f {partial} {shlex.quote(there)}"
        answer = self._ssh(f"sh -c {shlex.quote(command)}", timeout, source=here)
        if not answer.ok:
            self._refuse(answer, f"take {there}")

    def pull(self, there: str, here: Path) -> None:
        """See `Shell.pull`."""
        if self._scp(f"{self._target}:{there}", str(here.absolute()), there, 120):
            return
        answer = self._ssh(f"cat {shlex.quote(there)}", 120, target=here)
        if not answer.ok:
            here.unlink(missing_ok=True)
            self._refuse(answer, f"give {there}")

    def _scp(self, source: str, target: str, there: str, timeout: float) -> bool:
        """Whether scp has copied it; whatever else it says, `cat` says it more clearly."""
        if not self._has_scp or not _PLAIN.fullmatch(there) or ":" in self._target:
            return False
        answer = self._client(["scp", "-q", *self._own, source, target], timeout)
        if not answer.ok:
            self._check_there(
                Answer(1, "", "")
            )  # scp without a far side says what a lost line does
        # a board without sftp-server and scp stays one
        self._has_scp = answer.ok or "No such file" in answer.errors or "space" in answer.errors
        return answer.ok

    def _check_there(self, answer: Answer) -> None:
        """Raises a GoneError where the connection is lost; a program may say the same words."""
        said = answer.errors
        if answer.status != 255 or not is_gone(said):
            probe = self._ssh("exit 0", 30)
            if probe.status != 255:
                return
            said = probe.errors
        raise gone(self._host, said)

    def _ssh(
        self,
        command: str,
        timeout: float,
        *,
        text: str = "",
        source: Path | None = None,
        target: Path | None = None,
    ) -> Answer:
        program = ["ssh", "-T", *self._own, self._target, command]
        return self._client(program, timeout, text=text, source=source, target=target)

    def _client(
        self,
        program: list[str],
        timeout: float,
        *,
        text: str = "",
        source: Path | None = None,
        target: Path | None = None,
    ) -> Answer:
        try:
            return run(program, timeout, text=text, source=source, target=target)
        except TimedOutError as error:
            raise TimedOutError(f"{self._host} did not end a command in {timeout:.0f} s") from error

    def _refuse(self, answer: Answer, what: str) -> None:
        if "No space left" in answer.errors or "quota exceeded" in answer.errors:
            raise NoSpaceError(f"{self._host} has no space to {what}; free some there")
        self._check_there(answer)
        raise DeviceError(f"{self._host} refused to {what}: {last_line(answer.errors)}")
