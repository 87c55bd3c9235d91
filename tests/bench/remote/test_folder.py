"""The folder on a machine: once there, verified, executable, and gone at the end."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from larq_bvit.bench.remote.errors import GoneError, NoSpaceError
from larq_bvit.bench.remote.folder import Folder, free_space, open_folder
from larq_bvit.bench.remote.shell import Answer, DeviceError
from tests.bench.remote.scripted_shell import ScriptedShell

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sh")


@pytest.fixture
def tool(tmp_path: Path) -> Path:
    path = tmp_path / "my tool"
    path.write_text("#!/bin/sh\necho works\n")
    return path


def _open(shell: ScriptedShell, tmp_path: Path, **options: bool) -> Folder:
    return open_folder(shell, android=False, where=str(tmp_path / "it's there"), **options)


def test_files_are_put_there_once_and_removed(tmp_path: Path, tool: Path) -> None:
    shell = ScriptedShell()
    with _open(shell, tmp_path) as folder:
        there = folder.put(tool, executable=True)
        assert there.startswith(folder.path) and there.endswith("-my_tool")
        assert shell.run(f"'{there.replace(chr(39), chr(39) + chr(92) + chr(39) * 2)}'").output == (
            "works\n"
        )
        assert folder.put(tool, executable=True) == there
        copy = tool.with_name("copy")
        copy.write_bytes(tool.read_bytes())
        assert folder.put(copy) == there  # the same content
        assert folder.put(copy).startswith(folder.path + "/")
        out = folder.output("out.bin")
        Path(out).write_text("x")
    assert shell.pushed == ["my tool"]
    assert not (tmp_path / "it's there").exists()


def test_what_was_there_before_stays(tmp_path: Path, tool: Path) -> None:
    (tmp_path / "it's there").mkdir()
    (tmp_path / "it's there" / "mine").write_text("x")
    with _open(ScriptedShell(), tmp_path) as folder:
        folder.put(tool)
    assert [each.name for each in (tmp_path / "it's there").iterdir()] == ["mine"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_they_are_removed_after_errors_and_ctrl_c(
    tmp_path: Path, tool: Path, error: type[BaseException]
) -> None:
    with pytest.raises(error), _open(ScriptedShell(), tmp_path) as folder:
        folder.put(tool)
        raise error
    assert not (tmp_path / "it's there").exists()


def test_kept_ones_are_not_copied_again_unless_they_changed(tmp_path: Path, tool: Path) -> None:
    shell = ScriptedShell()
    for _ in range(2):
        with _open(shell, tmp_path, keep=True) as folder:
            there = folder.put(tool)
            Path(folder.output("out.bin")).write_text("x")
    assert shell.pushed == ["my tool"]
    assert [str(each) for each in Path(folder.path).iterdir()] == [there]  # no output
    Path(there).write_text("changed there")
    with _open(shell, tmp_path, keep=True) as folder:
        folder.put(tool)
    assert shell.pushed == ["my tool"] * 2
    assert Path(there).read_bytes() == tool.read_bytes()


def test_two_at_once_do_not_remove_each_others_files(tmp_path: Path, tool: Path) -> None:
    shell = ScriptedShell()
    with _open(shell, tmp_path) as one:
        with _open(shell, tmp_path) as two:
            there, output = two.put(tool), Path(two.output("out"))
            assert one.put(tool) != there
            output.write_text("x")
            one.clean()
            assert Path(there).exists() and output.exists()
        assert not Path(there).exists()
    assert not (tmp_path / "it's there").exists()


def test_one_that_opens_while_another_ends_has_its_folder(tmp_path: Path, tool: Path) -> None:
    first, second = (_open(ScriptedShell(), tmp_path) for _ in range(2))
    first.clean()  # with nothing in it: the common folder stays all the same
    with second:
        assert Path(second.put(tool)).exists()


@pytest.mark.parametrize("keep", [False, True])
def test_what_one_has_kept_others_use_and_leave(tmp_path: Path, tool: Path, keep: bool) -> None:
    shell = ScriptedShell()
    with _open(shell, tmp_path, keep=True) as first:
        there = first.put(tool)
        with _open(shell, tmp_path, keep=keep) as second:
            assert second.put(tool, executable=True) == there
    assert shell.pushed == ["my tool"]
    assert [str(each) for each in Path(first.path).iterdir()] == [there]


def test_a_damaged_kept_one_is_left_to_those_who_use_it(tmp_path: Path, tool: Path) -> None:
    with _open(ScriptedShell(), tmp_path, keep=True) as first:
        there = Path(first.put(tool))
    there.write_text("changed there")
    with _open(ScriptedShell(), tmp_path) as second:
        own = Path(second.put(tool))
        assert own != there and own.read_bytes() == tool.read_bytes()
    assert there.read_text() == "changed there"


def test_old_folders_of_lost_machines_are_removed(tmp_path: Path) -> None:
    import os

    place = tmp_path / "it's there"
    for name, days in (("run-0000", 3), ("run-1111", 1), ("mine", 9)):
        (place / name).mkdir(parents=True)
        (place / name / "file").write_text("x")
        then = time.time() - 86400 * days - 60
        os.utime(place / name, (then, then))
    with _open(ScriptedShell(), tmp_path):
        assert len(list(place.iterdir())) == 3  # with its own
    assert sorted(each.name for each in place.iterdir()) == ["mine", "run-1111"]


def test_without_sha256sum_they_are_always_copied(tmp_path: Path, tool: Path) -> None:
    shell = ScriptedShell()
    for _ in range(2):
        with _open(shell, tmp_path, keep=True, digests=False) as folder:
            folder.put(tool)
    assert shell.pushed == ["my tool"] * 2
    assert not any(command.startswith("sha256sum") for command in shell.commands)


def test_a_copy_that_arrives_damaged(tmp_path: Path, tool: Path) -> None:
    shell = ScriptedShell({"^sha256sum": Answer(0, "0" * 64 + "  x\n", "")})
    with (
        pytest.raises(DeviceError, match=r"arrived damaged \(SHA-256 0{12} instead of"),
        _open(shell, tmp_path) as folder,
    ):
        folder.put(tool)
    assert not (tmp_path / "it's there").exists()


def test_space_is_checked_before_a_copy(tmp_path: Path, tool: Path) -> None:
    shell = ScriptedShell(
        {"^df": Answer(0, "F 1K-blocks Used Available Use% M\nx 9 8 1000 1% /\n", "")}
    )
    with (
        pytest.raises(
            NoSpaceError, match="has 1.0 MB free in .*, and my tool needs 0.0; free some"
        ),
        _open(shell, tmp_path) as folder,
    ):
        folder.put(tool)
    assert shell.pushed == []


@pytest.mark.parametrize(
    ("text", "free"),
    [
        (
            "Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/a 100 10 90 10% /data\n",
            92160,
        ),
        # busybox breaks the line after a long name
        ("Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/long\n 9 1 8 1% /\n", 8192),
        ("Filesystem 1024-blocks Used Available Capacity Mounted on\nx 9 1 8 1% /\n", 8192),
        # Android before 6
        ("Filesystem Size Used Free Blksize\n/data 5.2G 2.1G 3.0G 4096\n", 3 * 2**30),
        ("df: no such thing\n", None),
        ("Filesystem something else\nx 1 2\n", None),
        ("Filesystem 1K-blocks Used Available Use% Mounted on\nx 9 1 - 1% /\n", None),
    ],
)
def test_every_kind_of_df(text: str, free: int | None) -> None:
    assert free_space(ScriptedShell({"df": Answer(0, text, "")}), "/data") == free


def test_df_of_this_machine(tmp_path: Path) -> None:
    free = free_space(ScriptedShell(), str(tmp_path))
    import os

    told = os.statvfs(tmp_path)
    assert free is not None
    assert abs(free - told.f_bavail * told.f_frsize) < 0.05 * free + 2**26  # others write, too


def test_android_and_others_have_their_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert open_folder(ScriptedShell(), android=False).path == f"{tmp_path}/.cache/larq_bvit-bench"
    phone = ScriptedShell(
        {"larq_bvit": lambda line: Answer(0, line[2:].partition(";")[0] + "\n", "")}
    )
    assert open_folder(phone, android=True).path == "/data/local/tmp/larq_bvit"


def test_without_a_home_another_one_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/proc")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    import os

    path = open_folder(ScriptedShell(), android=False).path
    assert path == f"{tmp_path}/larq_bvit-bench-{os.getuid()}"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (11, "can't be made"),
        (12, "belongs to another user"),
        (13, "can't be written to"),
        (14, r"allows no programs \(mounted noexec\?\)"),
    ],
)
def test_a_folder_that_can_not_be_used(tmp_path: Path, status: int, words: str) -> None:
    shell = ScriptedShell({"": Answer(status, "/there\n", "sh: some reason\n")})
    with pytest.raises(
        DeviceError, match=rf"/there {words} \(sh: some reason\)\. Expected one on a file"
    ):
        _open(shell, tmp_path)


def test_a_machine_that_is_gone_keeps_files_and_says_so(tmp_path: Path, tool: Path) -> None:
    shell = ScriptedShell()
    gone = GoneError("S is gone")
    with (
        pytest.raises(DeviceError, match="S is gone; files are left in .*it's there"),
        _open(shell, tmp_path) as folder,
    ):
        folder.put(tool)
        shell.replies["^rm"] = gone
    with pytest.raises(ZeroDivisionError), _open(shell, tmp_path) as folder:  # says more
        folder.put(tool)
        raise ZeroDivisionError
