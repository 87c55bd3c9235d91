"""What a wheel holds that was built from an sdist, and that it finds its artifacts. Offline."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import tomli_w

from larq_bvit.artifacts import FOLDERS
from tests.presets import FACTS

ROOT = Path(__file__).parents[1]
SOURCES = ("setup.py", "pyproject.toml", "README.md", "LICENSE", "native", "larq_bvit", *FOLDERS)
BUILD_SDIST = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"
PIP_WHEEL = ("pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "--no-cache-dir")


def run(*arguments, cwd):
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    result = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        # test_native_build.py is about the library
        env={**environment, "TF_CPP_MIN_LOG_LEVEL": "3", "LARQ_BVIT_NATIVE": "0"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The package's sources, with at least one artifact in every folder and one hidden file.

    A copy, since builds leave their traces in a checkout and read those of earlier builds.
    """
    folder = tmp_path_factory.mktemp("source")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name,
                folder / name,
                ignore=shutil.ignore_patterns("__pycache__", ".*", "*.so", "larq_bvit_runner"),
            )
        elif (ROOT / name).exists():
            shutil.copy(ROOT / name, folder / name)
    for name in FOLDERS:
        (folder / name / "of_the_test").mkdir(parents=True)
        (folder / name / "of_the_test" / "card.md").write_text(name)
        (folder / name / ".hidden").touch()
    write_preset(folder / "zoo" / "of_the_test")
    return folder


def write_preset(folder):
    """Weights with all that lies beside them."""
    (folder / "weights.safetensors").write_bytes(b"weights")
    facts = {**FACTS, "model": "of_the_test", "default": True}
    (folder / "preset.toml").write_text(tomli_w.dumps(facts))
    (folder / "step1").mkdir()
    for name in ("evaluation.json", "step1/history.csv", "step1/curves.png"):
        (folder / name).write_text(name)


@pytest.fixture(scope="module")
def wheel(source, tmp_path_factory):
    """The unpacked wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    run("-c", BUILD_SDIST, folder, cwd=source)
    (sdist,) = folder.glob("*.tar.gz")
    run("-m", *PIP_WHEEL, "-w", folder, sdist, cwd=folder)
    (packed,) = folder.glob("*.whl")
    with zipfile.ZipFile(packed) as file:
        file.extractall(folder / "unpacked")
    return folder / "unpacked"


def files_below(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("name", FOLDERS)
def test_wheel_carries_the_artifacts(source, wheel, name):
    expected = files_below(source / name)
    del expected[".hidden"]
    assert files_below(wheel / "larq_bvit" / "_artifacts" / name) == expected


def test_wheel_carries_the_package_and_nothing_else(source, wheel):
    expected = files_below(source / "larq_bvit")
    carried = files_below(wheel / "larq_bvit")
    assert {k: v for k, v in carried.items() if not k.startswith("_artifacts/")} == expected
    info = [path.name for path in wheel.iterdir() if path.suffix == ".dist-info"]
    assert {path.name for path in wheel.iterdir()} == {"larq_bvit", *info}


def test_wheel_finds_its_weights(wheel, tmp_path):
    code = f"""
import sys; sys.path.insert(0, {str(wheel)!r})
from larq_bvit.presets import preset_for
from larq_bvit.zoo.weight_files import weight_file
print(weight_file(preset_for("of_the_test", "cifar10")))
"""
    *_, found = run("-c", code, cwd=tmp_path).splitlines()
    folder = wheel / "larq_bvit" / "_artifacts" / "zoo" / "of_the_test"
    assert found == str(folder / "weights.safetensors")


def test_wheel_finds_its_targets(source, wheel, tmp_path):
    (tmp_path / "convert").mkdir()
    (tmp_path / "convert" / "mine.toml").write_text('description = "not of the package"')
    code = f"""
import sys; sys.path.insert(0, {str(wheel)!r})
from larq_bvit.artifacts import artifact
from larq_bvit.convert.target import list_targets, load_target
print(artifact("train", "of_the_test", "card.md"), [t.name for t in list_targets()])
print(load_target("arm"))
"""
    *_, found, target = run("-c", code, cwd=tmp_path).splitlines()
    card = wheel / "larq_bvit" / "_artifacts" / "train" / "of_the_test" / "card.md"
    names = sorted(path.stem for path in (source / "convert").glob("*.toml"))
    assert found == f"{card} {names}"
    assert target.startswith("Target(name='arm', description='")
