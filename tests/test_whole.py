"""Files and folders that are whole or absent."""

import os
import stat
from pathlib import Path

import pytest

from larq_bvit import _whole
from larq_bvit._whole import check_unused, sync, whole_file, whole_folder


def test_a_file_gets_its_name_in_the_end(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("one")
    with whole_file(path) as draft:
        draft.write_text("two")
        assert path.read_text() == "one"
    assert path.read_text() == "two" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
@pytest.mark.parametrize("whole", [whole_file, whole_folder])
def test_nothing_is_left_of_an_error(tmp_path, whole, error):
    older = tmp_path / "a"
    older.write_text("one")
    with pytest.raises(type(error)), whole(older) as draft:
        (draft / "b" if draft.is_dir() else draft).write_text("two")
        raise error
    assert older.read_text() == "one" and list(tmp_path.iterdir()) == [older]


def test_an_error_of_the_system_leaves_an_older_file(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_text("one")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt), whole_file(path) as draft:
        draft.write_text("two")
    assert path.read_text() == "one" and list(tmp_path.iterdir()) == [path]


def test_who_may_read_is_as_for_any_new_file(tmp_path):
    (tmp_path / "plain").touch()
    (tmp_path / "folder").mkdir()
    with whole_file(tmp_path / "a") as draft:
        draft.touch()
    with whole_folder(tmp_path / "b"):
        pass

    def mode(name: str) -> int:
        return stat.S_IMODE((tmp_path / name).stat().st_mode)

    assert mode("a") == mode("plain") and mode("b") == mode("folder")


def test_all_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    done: list[Path | str] = []
    monkeypatch.setattr(_whole, "sync", lambda path: done.append(path) or sync(path))
    replace = os.replace
    monkeypatch.setattr(os, "replace", lambda *paths: done.append("named") or replace(*paths))
    with whole_file(tmp_path / "a") as file:
        file.touch()
    assert done == [file, "named", tmp_path]
    done.clear()
    with whole_folder(tmp_path / "b") as folder:
        (folder / "step1").mkdir()
        (folder / "step1" / "c").write_text("more")
        (folder / "d").write_text("content")
    assert set(done[:3]) == {folder / name for name in ("step1", "step1/c", "d")}
    assert done[3:] == [folder, "named", tmp_path]
    assert (tmp_path / "b" / "step1" / "c").read_text() == "more" and not folder.exists()


def test_a_place_that_is_used(tmp_path):
    check_unused(tmp_path / "new", "the run")
    check_unused(tmp_path, "the run")
    (tmp_path / "file").touch()
    for used in (tmp_path, tmp_path / "file"):
        with pytest.raises(ValueError, match=f"new or empty folder for the run; {used} is neither"):
            check_unused(used, "the run")
