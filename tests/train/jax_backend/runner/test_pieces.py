"""Arrays in pieces, and snapshots of them."""

import numpy as np
import pytest

from larq_bvit.train.jax_backend.runner import pieces

ARRAYS = {
    "weights/a": np.arange(7, dtype=np.float32).reshape(7, 1),
    "weights/b": np.zeros((3, 2)),
    "weights/scalar": np.array(5, np.int64),
    "signs/0": np.arange(300, dtype=np.uint8),
    "signs/empty": np.zeros((0, 4), np.float32),
}


def same(got, expected=ARRAYS):
    assert list(got) == list(expected)
    for name, array in expected.items():
        np.testing.assert_array_equal(got[name], array)
        assert (got[name].dtype, got[name].shape) == (array.dtype, array.shape)


@pytest.mark.parametrize("size", [1, 13, 100, 10**6])
def test_pieces_of_any_size(tmp_path, monkeypatch, size):
    monkeypatch.setattr(pieces, "PIECE", size)
    index = pieces.save_arrays(tmp_path, "some", ARRAYS)
    same(pieces.load_arrays(tmp_path, index))
    sizes = [np.load(tmp_path / piece["file"]).size for piece in index["pieces"]]
    assert max(sizes) <= size and sum(sizes) == 7 * 4 + 8 + 300  # zeros take nothing


def test_what_is_there_already_is_not_written_again(tmp_path):
    """Of the same bits, shape and type; also where it was written for another group."""
    ones = np.ones((5, 4), np.float32)
    late = ones.copy()
    late[-1, -1] = 2
    arrays = {
        "weights/ones": ones,
        "weights/again": ones.copy(),
        "weights/late": late,
        "optimizer/average": ones.copy(),
        "optimizer/wide": ones.astype(np.float64),
        "optimizer/flat": ones.reshape(-1),
        "optimizer/minus": np.full(3, -0.0),
    }
    pieces.save_snapshot(tmp_path, "start", {}, arrays)
    same(pieces.load_snapshot(tmp_path / "start")[1], arrays)
    assert np.signbit(pieces.load_snapshot(tmp_path / "start")[1]["optimizer/minus"]).all()
    sizes = {path.name: np.load(path).size for path in (tmp_path / "start").glob("*.npy")}
    assert sizes == {"weights-000.npy": 2 * 80, "optimizer-000.npy": 160 + 80 + 24}


def test_snapshots(tmp_path):
    for number in range(4):
        pieces.save_snapshot(tmp_path / "s", f"n{number}", {"number": number}, ARRAYS)
    assert pieces.snapshots(tmp_path / "s") == ["n2", "n3"]
    facts, arrays = pieces.newest_snapshot(tmp_path / "s")
    assert facts == {"number": 3}
    same(arrays, dict(sorted(ARRAYS.items(), key=lambda item: item[0][0] == "s")))
    pieces.save_snapshot(tmp_path / "s", "n3", {"number": 33}, {})
    assert pieces.load_snapshot(tmp_path / "s" / "n3") == ({"number": 33}, {})
    assert sorted(path.name for path in (tmp_path / "s").iterdir()) == ["n2", "n3"]


def test_leftovers_and_damage(tmp_path):
    folder = tmp_path / "s"
    for number in range(2):
        pieces.save_snapshot(folder, f"n{number}", {"number": number}, ARRAYS)
    (folder / ".new-n2").mkdir()
    (folder / "n1" / "signs-000.npy").unlink()
    said = []
    assert pieces.newest_snapshot(folder, said.append)[0] == {"number": 0}
    assert "n1" in said[0] and "signs-000.npy is missing" in said[0]
    (folder / "n0" / "snapshot.json").write_text("{")
    with pytest.raises(pieces.DamagedError, match="no whole snapshot"):
        pieces.newest_snapshot(folder, said.append)
    pieces.save_snapshot(folder, "n2", {}, ARRAYS)
    assert not list(folder.glob(".*"))
