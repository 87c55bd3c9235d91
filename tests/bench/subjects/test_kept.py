"""Files that are made once."""

import pytest

from larq_bvit.bench.subjects.kept import CODE, keep


def test_a_file_is_made_once(tmp_path):
    made, code = [], tmp_path / "code.py"
    code.write_text("1")

    def kept(*content):
        return keep(tmp_path, "a b:c", content, lambda: made.append(1) or b"x", [code])

    first = kept("one")
    assert kept("one") == first and len(made) == 1 and first.read_bytes() == b"x"
    assert first.name.startswith("a_b-c-")
    other = kept("one", "other images")
    own = tmp_path / "a_b-c-android_int8.tflite"
    own.write_bytes(b"of the user")
    code.write_text("2")
    changed = kept("one", "other images")
    assert changed != other and len(made) == 3
    # what other code made of it is gone, and nothing else
    assert set(tmp_path.glob("*.tflite")) == {first, own, changed}


def test_a_file_that_can_not_be_made_leaves_nothing(tmp_path):
    def fail():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        keep(tmp_path / "cache", "a", (), fail, [])
    assert list((tmp_path / "cache").iterdir()) == []


def test_all_code_that_makes_files_is_there():
    assert all(path.exists() for path in CODE)
