"""A TensorFlow Lite C library: a .so, or out of an AAR."""

import zipfile

import pytest

from larq_bvit.bench.remote import tflite_library as module
from larq_bvit.bench.remote.tflite_library import FUNCTION, tflite_library
from tests.bench.remote import elf_writer

C_API = [FUNCTION, "TfLiteVersion"]
ARM64 = elf_writer.library(elf_writer.AARCH64, C_API)
ARM32 = elf_writer.library(elf_writer.ARM, C_API, wide=False)
X86_64 = elf_writer.library(elf_writer.X86_64, C_API)
OTHER = elf_writer.library(elf_writer.AARCH64, ["other"], needed=C_API)


def archive(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return path


@pytest.fixture
def aar(tmp_path):
    """As TensorFlow Lite's, with a library beside the one that is looked for."""
    jni = {"arm64-v8a": ARM64, "armeabi-v7a": ARM32, "x86_64": X86_64}
    files = {f"jni/{abi}/libtensorflowlite_jni.so": content for abi, content in jni.items()}
    files |= {"jni/arm64-v8a/libaaa.so": OTHER, "AndroidManifest.xml": b"", "classes.jar": b"x"}
    return archive(tmp_path / "tensorflow-lite.aar", files)


def refusal(*arguments):
    with pytest.raises(ValueError) as caught:
        tflite_library(*arguments)
    return str(caught.value)


@pytest.mark.parametrize(
    ("abi", "content"),
    [
        ("arm64-v8a", ARM64),
        ("aarch64", ARM64),
        ("armeabi-v7a", ARM32),
        ("armv7l", ARM32),
        ("x86_64", X86_64),
    ],
)
def test_out_of_an_aar(aar, tmp_path, abi, content):
    found = tflite_library(aar, abi, tmp_path / "new" / "out")
    assert found == tmp_path / "new" / "out" / "libtensorflowlite_jni.so"
    assert found.read_bytes() == content
    assert [path.name for path in found.parent.iterdir()] == [found.name]


def test_without_a_folder_each_has_its_own(aar):
    one, two = tflite_library(aar, "arm64-v8a"), tflite_library(aar, "x86_64")
    assert (one.read_bytes(), two.read_bytes()) == (ARM64, X86_64)


def test_a_library_is_taken_as_it_is(tmp_path):
    path = tmp_path / "libtensorflowlite_c.so"
    path.write_bytes(ARM64)
    assert tflite_library(path, "arm64-v8a", tmp_path / "out") == path
    assert not (tmp_path / "out").exists()
    got = refusal(path, "x86_64", tmp_path)
    assert f"expected a library for x86_64 (x86_64); got {path}, which is for aarch64" in got


def test_an_abi_that_is_not_there_is_told_with_those_that_are(aar, tmp_path):
    got = refusal(aar, "x86", tmp_path)
    assert got.endswith(f"got {aar}, which is for arm64-v8a, armeabi-v7a, x86_64")


def test_a_library_that_lies_under_a_wrong_abi(tmp_path):
    path = archive(tmp_path / "a.aar", {"jni/arm64-v8a/liba.so": X86_64})
    assert "which is for x86_64" in refusal(path, "arm64-v8a", tmp_path / "out")


def test_without_the_c_api(tmp_path):
    path = archive(tmp_path / "a.aar", {"jni/arm64-v8a/libaaa.so": OTHER})
    got = refusal(path, "arm64-v8a", tmp_path)
    assert f"C API ({FUNCTION})" in got and "jni/arm64-v8a/libaaa.so has it not" in got
    (tmp_path / "b.so").write_bytes(OTHER)
    assert "b.so has it not" in refusal(tmp_path / "b.so", "arm64-v8a", tmp_path)


def test_what_is_neither_library_nor_archive(tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(b"\x1c\0\0\0TFL3" * 20)
    assert "neither an ELF file nor a zip archive" in refusal(path, "arm64-v8a", tmp_path)
    assert "No such file" in refusal(tmp_path / "missing.aar", "arm64-v8a", tmp_path)
    assert "Is a directory" in refusal(tmp_path, "arm64-v8a", tmp_path)


def test_an_archive_without_libraries(tmp_path):
    path = archive(tmp_path / "a.zip", {"lib.so": ARM64, "jni/../arm64-v8a/liba.so": ARM64})
    assert refusal(path, "arm64-v8a", tmp_path).endswith(f"got {path} with none")


def test_damaged_archives(aar, tmp_path):
    content = aar.read_bytes()
    name = b"jni/arm64-v8a/libtensorflowlite_jni.so"
    place = content.index(name) + len(name) + 4  # in the packed library
    damaged = tmp_path / "damaged.aar"
    damaged.write_bytes(content[:place] + b"\xff\xff\xff\xff" + content[place + 4 :])
    assert "expected a whole .aar" in refusal(damaged, "arm64-v8a", tmp_path / "out")
    damaged.write_bytes(content[:-30])
    assert "neither an ELF file nor a zip" in refusal(damaged, "arm64-v8a", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_bombs_are_not_unpacked(tmp_path, monkeypatch):
    files = {f"jni/arm64-v8a/lib{i}.so": bytes(2**20) for i in range(3)}
    path = archive(tmp_path / "bomb.aar", files)
    assert path.stat().st_size < 10_000
    monkeypatch.setattr(module, "_MOST_BYTES", 2**21)
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("unpacked"))
    got = refusal(path, "arm64-v8a", tmp_path / "out")
    assert "at most 2 MiB for arm64-v8a" in got and "with 3 MiB: not unpacked" in got
    monkeypatch.setattr(module, "_MOST_ENTRIES", 2)
    assert "of at most 2 files" in refusal(path, "arm64-v8a", tmp_path / "out")


def test_a_lying_size_gives_no_more_than_it_says(tmp_path):
    """The directory tells of 100 bytes, the packed data holds 2 MiB."""
    path = archive(tmp_path / "a.aar", {"jni/arm64-v8a/liba.so": bytes(2**21)})
    content = path.read_bytes()
    lying = content.replace((2**21).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert lying != content
    path.write_bytes(lying)
    assert "expected a whole .aar" in refusal(path, "arm64-v8a", tmp_path / "out")


def test_a_password(tmp_path):
    path = archive(tmp_path / "a.aar", {"jni/arm64-v8a/liba.so": ARM64})
    content = bytearray(path.read_bytes())
    for header, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        content[content.index(header) + flags] |= 1
    path.write_bytes(content)
    got = refusal(path, "arm64-v8a", tmp_path / "out")
    assert "expected an .aar that can be unpacked" in got and "password" in got
