"""A "phone" for tests: Debian's adbd in namespaces of its own, with aarch64 programs under qemu."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

_HERE = Path(__file__).parent
PACKAGES = Path(os.environ.get("LARQ_BVIT_ADB", _HERE.parents[3] / "build" / "adb"))
PORTS = (6001, 6003)  # not among those where adb looks for emulators by itself
SERIALS = tuple(f"localhost:{port}" for port in PORTS)
_NAMESPACES = ("--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--kill-child")


def missing() -> str:
    """Why there can be no such phone here; empty where there can."""
    if not (PACKAGES / "without_vsock").exists():
        return f"no adbd and qemu in {PACKAGES}; make test-adb fetches them"
    for program in ("unshare", "nsenter", "ip", "mount"):
        if shutil.which(program) is None:
            return f"no {program}"
    place = "/proc/sys/fs/binfmt_misc"
    script = f"mount -t binfmt_misc none {place} && test -e {place}/register"
    tried = subprocess.run(
        ["unshare", *_NAMESPACES, "sh", "-c", script], capture_output=True, text=True
    )
    # Linux before 6.7 has one binfmt_misc for all, and does not let user namespaces have it
    return (
        "" if tried.returncode == 0 else f"no namespaces with binfmt_misc: {tried.stderr.strip()}"
    )


class Phone:
    """A context manager: the phone is on, and `path` is a folder with an `adb` that sees it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "bin"
        self._root, self._home = folder / "root", folder / "home"
        for each in (self.path, self._root, self._home):
            each.mkdir()
        self._process: subprocess.Popen[str] | None = None
        self._log = (folder / "adbd.log").open("w")

    def __enter__(self) -> Phone:
        words = ["sh", str(_HERE / "start.sh"), str(PACKAGES), str(self._root), *map(str, PORTS)]
        self._process = subprocess.Popen(
            ["unshare", *_NAMESPACES, *words], stdout=subprocess.PIPE, stderr=self._log, text=True
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "ready\n":
            raise RuntimeError(f"the phone did not start: {Path(self._log.name).read_text()}")
        self._write_adb()
        self.wait_for(PORTS[0])
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)  # the namespaces and all in them go with it
        self._process.wait()
        self._log.close()

    def adb(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs adb."""
        return subprocess.run(
            [str(self.path / "adb"), *words], capture_output=True, text=True, timeout=60
        )

    def wait_for(self, port: int) -> None:
        """Connects adb to the adbd of a port."""
        end = time.monotonic() + 20
        while "connected to" not in (answer := self.adb("connect", f"localhost:{port}")).stdout:
            if time.monotonic() > end:
                raise RuntimeError(f"adb connect: {answer.stdout}{answer.stderr}")
            time.sleep(0.1)
        self.adb("-s", f"localhost:{port}", "wait-for-device")

    def kill_adbd(self, port: int) -> None:
        """As if its cable was pulled."""
        self._enter("kill", "-9", self.file(f"/tmp/adbd-{port}").read_text().strip())

    def file(self, path: str) -> Path:
        """Where a file of the phone is seen from here."""
        return Path(f"/proc/{self._inside}/root{self._root}{path}")

    @property
    def _inside(self) -> int:
        """A process in the namespaces: the first one."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return int(children.read_text().split()[0])

    def _enter(self, *words: str) -> None:
        subprocess.run([*self._entry(), *words], check=True)

    def _entry(self) -> list[str]:
        return [
            *("nsenter", "--target", str(self._inside), "--user", "--preserve-credentials"),
            *("--net", "--pid"),
        ]

    def _write_adb(self) -> None:
        """An `adb` that runs inside, with files of outside."""
        libraries = PACKAGES / "client/usr/lib/x86_64-linux-gnu"
        script = self.path / "adb"
        script.write_text(
            f"#!/bin/sh\nexec {' '.join(self._entry())} env HOME={self._home} TMPDIR={self._home} "
            f"LD_LIBRARY_PATH={libraries}/android:{libraries} "
            f'{PACKAGES}/client/usr/lib/android-sdk/platform-tools/adb "$@"\n'
        )
        script.chmod(0o755)
