"""An ssh server on loopback with a key of its own, for tests."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from tests.bench.remote.adb_device.device import PACKAGES

HOST = "board"  # in the configuration for ssh


def sshd_program() -> str | None:
    """OpenSSH's server: the system's, or one that `make test-adb` has fetched."""
    fetched = PACKAGES / "sshd/usr/sbin/sshd"
    return shutil.which("sshd", path="/usr/sbin:/usr/local/sbin") or (
        str(fetched) if fetched.exists() else None
    )


def missing() -> str:
    """Why there can be no server here; empty where there can."""
    if sshd_program() is None:
        return "no sshd (apt install openssh-server, or make test-adb)"
    for program in ("ssh", "scp", "ssh-keygen", *(["unshare"] if _is_root() else [])):
        if shutil.which(program) is None:
            return f"no {program}"
    return ""


class Sshd:
    """A context manager; the server runs as this user and lets this user's key in, nobody else.

    Attributes:
        options: of ssh, by which it is found as `HOST`.
        port: on 127.0.0.1.
    """

    def __init__(self, folder: Path, *, sftp: bool = True, lines: str = "") -> None:
        self._folder, self._sftp, self._lines = folder, sftp, lines
        self.config = folder / "config"
        self.options = ("-F", str(self.config))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Sshd:
        self.make_key("host")
        self.make_key("user")
        shutil.copy(self._folder / "user.pub", self._folder / "authorized_keys")
        public = (self._folder / "host.pub").read_text()
        (self._folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {public}")
        self.write_config()
        server = self._folder / "sshd_config"
        server.write_text(
            f"ListenAddress 127.0.0.1\nPort {self.port}\nHostKey {self._folder}/host\n"
            f"AuthorizedKeysFile {self._folder}/authorized_keys\nStrictModes no\nUsePAM no\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n"
            f"PidFile none\n{'Subsystem sftp internal-sftp' if self._sftp else ''}\n{self._lines}\n"
        )
        self._process = subprocess.Popen(
            self._command(server),
            env={**os.environ, "LD_LIBRARY_PATH": str(PACKAGES / "sshd/usr/lib/x86_64-linux-gnu")},
            stdin=subprocess.DEVNULL,
            stderr=(self._folder / "sshd.log").open("wb"),
            start_new_session=True,
        )
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """The server and all connections end at once, as if the board had lost its power."""
        assert self._process is not None
        for pid in _below(self._process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def connections(self) -> int:
        """How many are open."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return len(children.read_text().split())

    def make_key(self, name: str) -> None:
        """A key pair without a passphrase."""
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self._folder / name)]
        subprocess.run(command, check=True)

    def write_config(self, known_hosts: str = "known_hosts", key: str = "user") -> None:
        """What ssh is told of `HOST`."""
        self.config.write_text(
            f"Host {HOST}\n HostName 127.0.0.1\n Port {self.port}\n User {getpass.getuser()}\n"
            f" IdentityFile {self._folder}/{key}\n IdentitiesOnly yes\n"
            f" UserKnownHostsFile {self._folder}/{known_hosts}\n GlobalKnownHostsFile none\n"
        )

    def _command(self, config: Path) -> list[str]:
        sshd = [str(sshd_program()), "-D", "-e", "-f", str(config)]
        if not _is_root():
            return sshd
        # as root it wants a user and a folder of its own, which this system may not have
        (self._folder / "passwd").write_text(
            Path("/etc/passwd").read_text() + "sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n"
        )
        script = (
            f"mount --bind {self._folder}/passwd /etc/passwd && mount -t tmpfs tmpfs /run && "
            f'mkdir -m 755 /run/sshd && exec "$@"'
        )
        return ["unshare", "--mount", "sh", "-c", script, "sh", *sshd]

    def _wait(self) -> None:
        assert self._process is not None
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"sshd did not start: {(self._folder / 'sshd.log').read_text()}")


def _is_root() -> bool:
    return os.geteuid() == 0


def _below(pid: int) -> list[int]:
    """A process and all that it has started, and these."""
    found = [pid]
    for each in found:
        try:
            text = Path(f"/proc/{each}/task/{each}/children").read_text()
        except FileNotFoundError:
            continue
        found += map(int, text.split())
    return found
