"""Where the library lies, and what is said where it does not."""

import os
import sys
from pathlib import Path

import pytest

from larq_bvit.runtime import available_isas, delegate_path
from larq_bvit.runtime import library as module
from tests.delegate import needs_delegate


@pytest.fixture
def no_variable(monkeypatch):
    monkeypatch.delenv("LARQ_BVIT_DELEGATE", raising=False)


def test_of_the_package(no_variable, monkeypatch, tmp_path):
    installed = tmp_path / module.NAME
    installed.touch()
    monkeypatch.setattr(module, "_INSTALLED", installed)
    assert delegate_path() == installed


def test_missing(no_variable, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "_INSTALLED", tmp_path / "none.so")
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(ImportError) as error:
        delegate_path()
    assert str(tmp_path / "none.so") in str(error.value)
    for help in ("C++ compiler", "apt install cmake g++", "make native"):
        assert help in str(error.value)


def test_missing_on_another_system(no_variable, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "_INSTALLED", tmp_path / "none.so")
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(ImportError, match="for Linux on x86-64 and aarch64; this is "):
        delegate_path()


def test_the_variable_comes_first(monkeypatch, tmp_path):
    other = tmp_path / "other.so"
    monkeypatch.setenv("LARQ_BVIT_DELEGATE", str(other))
    with pytest.raises(ImportError, match=f"LARQ_BVIT_DELEGATE names no file: {other}"):
        delegate_path()
    other.touch()
    assert delegate_path() == other
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LARQ_BVIT_DELEGATE", "other.so")
    assert delegate_path() == other  # absolute, so that ctypes does not search for it


@needs_delegate
def test_isas():
    isas = available_isas()
    assert isas[0] == "portable" and len(set(isas)) == len(isas)
    flags = Path("/proc/cpuinfo").read_text() if os.path.exists("/proc/cpuinfo") else ""
    assert ("avx2" in isas) <= (" avx2 " in flags)
    assert ("avx512" in isas) <= ("avx512_vpopcntdq" in flags)


@needs_delegate
def test_a_library_of_another_version():
    with pytest.raises(ImportError, match="of another version of larq_bvit: it has no larq_bvit_x"):
        module.function("larq_bvit_x", None)


def test_no_library(monkeypatch, tmp_path):
    (tmp_path / "text.so").write_text("no library")
    monkeypatch.setenv("LARQ_BVIT_DELEGATE", str(tmp_path / "text.so"))
    with pytest.raises(ImportError, match="can't be loaded: .*text.so"):
        available_isas()
