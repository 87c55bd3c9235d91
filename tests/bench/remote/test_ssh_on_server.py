"""ssh and scp against a real server on loopback."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from larq_bvit.bench.remote.errors import GoneError, NoSpaceError, TimedOutError
from larq_bvit.bench.remote.shell import DeviceError
from larq_bvit.bench.remote.ssh import SshShell, connect
from tests.bench.remote.sshd import HOST, Sshd, missing

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "present")

_BYTES = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with Sshd(tmp_path_factory.mktemp("sshd")) as running:
        yield running


@pytest.fixture
def shell(server: Sshd) -> Iterator[SshShell]:
    with connect(HOST, options=server.options) as connected:
        yield connected


def test_commands_give_status_and_both_streams(shell: SshShell) -> None:
    assert shell.name == "ssh:board"
    answer = shell.run("echo 'a b'; echo \"$HOME\" >&2; exit 255")
    assert answer.status == 255  # which is ssh's own status, too
    assert answer.output == "a b\n" and answer.errors.startswith("/")
    assert shell.run("kill -9 $$").status == 137


def test_one_connection_serves_all(shell: SshShell) -> None:
    first = shell.run("echo $SSH_CONNECTION").output
    assert first.count(" ") == 3
    assert shell.run("echo $SSH_CONNECTION").output == first  # the same port of ours


def test_nothing_is_left_where_the_users_connections_persist(tmp_path: Path) -> None:
    with Sshd(tmp_path) as server:
        lines = " ControlMaster auto\n ControlPersist yes\n"
        server.config.write_text(server.config.read_text() + lines)
        with connect(HOST, options=server.options) as shell:
            assert shell.run("exit 0").ok and server.connections() == 1
        end = time.monotonic() + 5
        while server.connections() and time.monotonic() < end:
            time.sleep(0.05)
        assert server.connections() == 0


@pytest.mark.parametrize("name", ["plain.bin", "with space & 'quote'.bin"])
def test_files_go_and_come(shell: SshShell, tmp_path: Path, name: str) -> None:
    here, there, back = tmp_path / "here", tmp_path / name, tmp_path / "back"
    here.write_bytes(_BYTES)
    there.write_bytes(b"older, and longer" * 1000)
    shell.push(here, str(there))
    assert there.read_bytes() == _BYTES
    shell.pull(str(there), back)
    assert back.read_bytes() == _BYTES


@pytest.mark.parametrize("name", ["pi:model.tflite", "-x.tflite"])
def test_names_here_are_not_hosts_and_options(
    shell: SshShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(_BYTES)
    shell.push(Path(f"./{name}"), str(tmp_path / "there"))
    assert (tmp_path / "there").read_bytes() == _BYTES
    Path(name).unlink()
    shell.pull(str(tmp_path / "there"), Path(f"./{name}"))
    assert Path(name).read_bytes() == _BYTES
    assert shell._has_scp  # `cat` did not stand in


def test_without_scp_on_the_far_side_files_go_by_cat(tmp_path: Path) -> None:
    here, there, back = tmp_path / "here", tmp_path / "there", tmp_path / "back"
    here.write_bytes(_BYTES)
    with Sshd(tmp_path, sftp=False) as server, connect(HOST, options=server.options) as shell:
        shell.push(here, str(there))
        shell.pull(str(there), back)
        assert not shell._has_scp  # it was tried, and is not tried again
    assert there.read_bytes() == back.read_bytes() == _BYTES
    assert not list(tmp_path.glob("*.partial"))


def test_a_program_that_runs_can_be_replaced(shell: SshShell, tmp_path: Path) -> None:
    there = tmp_path / "sleep"
    shell._has_scp = False
    shell.push(Path("/bin/sleep"), str(there))
    there.chmod(0o755)
    pid = shell.run(f"{there} 20 >/dev/null 2>&1 & echo $!").output.strip()
    shell.push(Path("/bin/true"), str(there))
    assert there.read_bytes() == Path("/bin/true").read_bytes()
    assert shell.run(f"kill {pid}").ok  # it ran all the time


def test_what_is_refused_says_why(shell: SshShell, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"x")
    with pytest.raises(
        DeviceError, match="board refused to take /no/folder/x: .*(No such|nonexist)"
    ):
        shell.push(tmp_path / "x", "/no/folder/x")
    with pytest.raises(DeviceError, match="board refused to give /no/file: .*No such file"):
        shell.pull("/no/file", tmp_path / "y")
    assert not (tmp_path / "y").exists()


def test_a_full_disk(shell: SshShell, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"x")
    shell._has_scp = False
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    (tmp_path / "full.partial").symlink_to("/dev/full")
    with pytest.raises(NoSpaceError, match="board has no space to take .*; free some there"):
        shell.push(tmp_path / "x", str(tmp_path / "full"))


def test_a_command_that_takes_too_long(shell: SshShell) -> None:
    start = time.monotonic()
    with pytest.raises(TimedOutError, match="board did not end a command in 0 s"):
        shell.run("sleep 30", timeout=0.4)
    assert time.monotonic() - start < 10
    assert shell.run("echo on").output == "on\n"


def test_host_port_is_understood(server: Sshd, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(server.config.read_text().replace("Host board", "Host 127.0.0.1"))
    kept = [line for line in config.read_text().splitlines() if "Port" not in line]
    config.write_text("\n".join(kept) + "\n")
    with connect(f"127.0.0.1:{server.port}", options=("-F", str(config))) as shell:
        assert shell.run("echo here").output == "here\n"


def test_a_server_that_goes_away_in_the_middle(tmp_path: Path) -> None:
    with Sshd(tmp_path) as server, connect(HOST, options=server.options) as shell:
        assert shell.run("echo on").ok
        server.kill()
        with pytest.raises(GoneError, match="board is gone .*; check its power"):
            shell.run("echo on")
        with pytest.raises(GoneError, match="board is gone"):
            shell.push(server.config, str(tmp_path / "x"))
        with pytest.raises(GoneError, match="board is gone"):
            shell.pull(str(server.config), tmp_path / "x")


def test_an_unknown_host_key(server: Sshd, tmp_path: Path) -> None:
    _configure(server, tmp_path, "known_hosts", "")
    with pytest.raises(DeviceError, match="a host key that this computer does not know; ssh board"):
        connect(HOST, options=("-F", str(tmp_path / "config")))


def test_a_changed_host_key(server: Sshd, tmp_path: Path) -> None:
    server.make_key(f"other-{tmp_path.name}")
    other = server.config.parent / f"other-{tmp_path.name}.pub"
    _configure(server, tmp_path, "known_hosts", f"[127.0.0.1]:{server.port} {other.read_text()}")
    with pytest.raises(DeviceError, match="another host key than before.*ssh-keygen -R board"):
        connect(HOST, options=("-F", str(tmp_path / "config")))


def test_a_login_that_is_refused(server: Sshd, tmp_path: Path) -> None:
    name = f"stranger-{tmp_path.name}"
    server.make_key(name)
    config = tmp_path / "config"
    config.write_text(server.config.read_text().replace("/user\n", f"/{name}\n"))
    with pytest.raises(DeviceError, match="board refuses the login.*ssh-copy-id board"):
        connect(HOST, options=("-F", str(config)))


def test_no_server_and_no_such_host(server: Sshd, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(DeviceError, match="has no ssh server on that port"):
            connect(f"127.0.0.1:{port}", options=server.options)
    with pytest.raises(
        DeviceError, match="no-such-host.invalid has no known address; check the name"
    ):
        connect("no-such-host.invalid", options=server.options)


def _configure(server: Sshd, folder: Path, known: str, text: str) -> None:
    (folder / known).write_text(text)
    content = server.config.read_text()
    old = f"{server.config.parent}/known_hosts"
    assert old in content
    (folder / "config").write_text(content.replace(old, f"{folder}/{known}"))
