"""The delegate's library, and the instruction sets that it can be asked for."""

import shutil
import subprocess
from pathlib import Path

import pytest

from larq_bvit.runtime import delegate_path
from tests.native import stock

SOURCE = Path(__file__).parents[2] / "native"


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    """Path of the installed library, or of one that is built here."""
    try:
        return str(delegate_path())
    except ImportError as error:
        if not shutil.which("cmake") or not any(map(shutil.which, ("c++", "g++", "clang++"))):
            pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("delegate")
    target = ["--target", "larq_bvit_delegate", "--parallel", "2"]
    for command in (["-S", SOURCE, "-B", folder], ["--build", folder, *target]):
        done = subprocess.run(["cmake", *command], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return str(folder / "liblarq_bvit_delegate.so")


@pytest.fixture(params=["portable", "avx2", "avx512", "neon"])
def isa(request, library):
    """Each instruction set that this processor has."""
    if request.param not in stock.isas(library):
        pytest.skip(f"this processor has no {request.param}")
    return request.param
