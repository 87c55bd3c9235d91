"""A file while it arrives; see test_download for what becomes of it."""

import hashlib

import pytest

from larq_bvit.zoo.partial_file import PartialFile, is_whole, sha256_of


@pytest.fixture
def part(tmp_path):
    return PartialFile(tmp_path / "weights.bin")


def test_gets_its_name_at_the_end(part):
    part.restart('"v1"')
    part.append([b"ab", b"c"])
    part.append([b"d"])
    assert (part.size, part.etag) == (4, '"v1"') and not part.target.exists()
    part.finish()
    assert part.target.read_bytes() == b"abcd"
    assert [path.name for path in part.target.parent.iterdir()] == ["weights.bin"]
    assert (part.size, part.etag) == (0, None)


def test_keeps_what_came_before_an_error(part):
    def chunks():
        yield b"ab"
        raise ConnectionError("cut")

    with pytest.raises(ConnectionError, match="cut"):
        part.append(chunks())
    assert part.path.read_bytes() == b"ab" and not part.target.exists()


@pytest.mark.parametrize(
    ("etag", "kept"),
    [('"v2"', '"v2"'), ('"\xe9"', '"\xe9"'), (None, None), ('W/"v2"', None), ("v2", None)],
)
def test_starts_again(part, etag, kept):
    part.restart('"v1"')
    part.append([b"ab"])
    part.restart(etag)
    assert (part.size, part.etag) == (0, kept)


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b'"v\n1"', b'"v1"\n', b'\n"v1"', b'"v1'])
def test_damaged_etags_are_none(part, damage):
    part.restart('"v1"')
    part.target.with_name("weights.bin.etag").write_bytes(damage)
    assert part.etag is None


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1])
def test_hash(tmp_path, size):
    content = bytes(range(256)) * (size // 256 + 1)
    path = tmp_path / "file"
    path.write_bytes(content[:size])
    expected = hashlib.sha256(content[:size]).hexdigest()
    assert sha256_of(path) == expected
    assert is_whole(path, sha256=expected, size=size)
    assert not is_whole(path, sha256=expected, size=size + 1)
    assert not is_whole(path, sha256="0" * 64, size=size)
