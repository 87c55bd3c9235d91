"""A preset's weights: in the package, in the cache, at their URL."""

import hashlib
import os
from pathlib import Path

import pytest

from larq_bvit.presets import presets
from larq_bvit.zoo.download import DownloadError
from larq_bvit.zoo.weight_files import cache_folder, named_or_file, weight_file
from tests.presets import publish
from tests.zoo.file_server import file_server, status

CONTENT = b"the weights of the test"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
FACTS = {"sha256": SHA256, "bytes": len(CONTENT), "default": True}


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with file_server(CONTENT) as server:
        yield server


@pytest.fixture
def cached(tmp_path):
    """Where a download of the preset `nano` is kept."""
    return tmp_path / "cache" / f"{SHA256[:12]}-nano.safetensors"


def test_in_the_package(empty_package, server, cached):
    folder = publish(empty_package, "nano", CONTENT, default=True, url=server.url)
    assert weight_file(presets()["nano"]) == folder / "weights.safetensors"
    assert server.asked == [] and not cached.parent.exists()


def test_by_name_or_path(empty_package):
    path = publish(empty_package, "nano", CONTENT, default=True) / "weights.safetensors"
    assert named_or_file("nano") == weight_file(presets()["nano"]) == path
    assert named_or_file("runs/nano") == Path("runs/nano")
    assert named_or_file("~/nano") == Path.home() / "nano"


@pytest.mark.parametrize("content", [CONTENT[::-1], CONTENT[:-1], b""])
def test_a_changed_file_in_the_package(empty_package, server, content):
    path = publish(empty_package, "nano", content, **FACTS, url=server.url) / "weights.safetensors"
    with pytest.raises(ValueError) as error:
        weight_file(presets()["nano"])
    expected = f"expected {len(CONTENT)} bytes, sha256 {SHA256}; got {len(content)} bytes, sha256 "
    message = str(error.value)
    assert message.startswith(f"{path} is not the published file: {expected}")
    assert hashlib.sha256(content).hexdigest() in message and "Install larq_bvit again" in message
    assert server.asked == []


def test_downloaded_once(empty_package, server, cached):
    publish(empty_package, "nano", **FACTS, url=server.url)
    for _ in range(2):
        assert weight_file(presets()["nano"]) == cached
        assert cached.read_bytes() == CONTENT
    assert len(server.asked) == 1


@pytest.mark.parametrize("content", [CONTENT[::-1], CONTENT[:-1], b""])
def test_a_damaged_file_in_the_cache(empty_package, server, cached, caplog, content):
    publish(empty_package, "nano", **FACTS, url=server.url)
    cached.parent.mkdir()
    cached.write_bytes(content)
    assert weight_file(presets()["nano"]) == cached
    assert cached.read_bytes() == CONTENT and len(server.asked) == 1
    assert f"{cached} is damaged: downloading it again" in caplog.messages


def test_weights_of_another_release_have_another_name(empty_package, server, cached):
    publish(empty_package, "nano", **FACTS, url=server.url)
    old = weight_file(presets()["nano"])
    server.content = CONTENT[::-1]
    facts = {**FACTS, "sha256": hashlib.sha256(server.content).hexdigest()}
    publish(empty_package, "nano", **facts, url=server.url)
    new = weight_file(presets()["nano"])
    assert new != old and (new.read_bytes(), old.read_bytes()) == (server.content, CONTENT)


def test_a_file_that_was_put_there_by_hand(empty_package, cached):
    publish(empty_package, "nano", **FACTS)
    with pytest.raises(FileNotFoundError) as error:
        weight_file(presets()["nano"])
    assert str(error.value) == (
        f"the weights 'nano' are not published yet: they have no URL, and there is no file {cached}"
    )
    cached.parent.mkdir()
    cached.write_bytes(CONTENT)
    assert weight_file(presets()["nano"]) == cached


def test_says_how_to_train_what_is_not_published(empty_package):
    publish(empty_package, "nano_cifar10", **FACTS)
    recipe = empty_package / "_artifacts" / "train" / "nano_cifar10.toml"
    recipe.parent.mkdir()
    recipe.touch()
    with pytest.raises(FileNotFoundError) as error:
        weight_file(presets()["nano_cifar10"])
    command = "larq-bvit train nano_cifar10 --out runs/nano_cifar10"
    assert str(error.value).endswith(f". To train them: {command}")


def test_errors_of_downloads(empty_package, server, cached):
    publish(empty_package, "nano", **FACTS, url=server.url)
    server.script = [status(404)]
    with pytest.raises(DownloadError, match="404 .*can also be put by hand at .*-nano.safetensors"):
        weight_file(presets()["nano"])
    assert not cached.exists()


@pytest.mark.parametrize("below", ["", "deeper"])
def test_cache_that_can_not_be_written_to(empty_package, server, tmp_path, monkeypatch, below):
    # a file in its place: folders refuse nothing to the user root
    blocked = tmp_path / "blocked"
    blocked.touch()
    monkeypatch.setenv("LARQ_BVIT_CACHE", str(blocked / below))
    publish(empty_package, "nano", **FACTS, url=server.url)
    with pytest.raises(OSError) as error:
        weight_file(presets()["nano"])
    message = str(error.value)
    assert message.startswith(f"can't write to the cache folder {blocked / below} (")
    assert "set LARQ_BVIT_CACHE to a folder that can be written to" in message
    assert server.asked == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_cache_that_is_read_only(empty_package, server, cached):
    publish(empty_package, "nano", **FACTS, url=server.url)
    cached.parent.mkdir(mode=0o555)
    with pytest.raises(OSError, match="set LARQ_BVIT_CACHE"):
        weight_file(presets()["nano"])


def test_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("LARQ_BVIT_CACHE", "~/weights")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert cache_folder() == tmp_path / "weights"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("LARQ_BVIT_CACHE", "")
    default = cache_folder()
    assert default.is_absolute() and "larq_bvit" in default.parts
    assert Path.cwd() not in default.parents
