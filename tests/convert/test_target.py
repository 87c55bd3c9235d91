"""Targets by name, by path, and what is said of bad ones."""

import re
import subprocess
import sys

import pytest

from larq_bvit.artifacts import artifact, artifacts
from larq_bvit.convert import target as module
from larq_bvit.convert.target import Target, list_targets, load_target
from larq_bvit.presets import presets

NAMES = [path.stem for path in artifacts("convert", ".toml")]


def test_shipped_targets():
    assert [target.name for target in list_targets()] == NAMES
    assert {"android", "arm", "delegate", "raspberry_pi", "x86"} <= set(NAMES)
    assert load_target("arm") == Target("arm", load_target("arm").description)
    android = load_target("android")
    assert android == Target(
        name="android",
        description=android.description,
        input_type="uint8",
        include_preprocessing=True,
        float_storage="float16",
    )


@pytest.mark.parametrize("name", NAMES)
def test_comments_hold_the_command(name):
    text = artifact("convert", f"{name}.toml").read_text(encoding="utf-8")
    command = r"^#     larq-bvit convert (\w+) --target (\w+) -o \w+\.tflite$"
    ((model, target),) = re.findall(command, text, re.MULTILINE)
    assert model in presets() and target == name


def test_by_path(tmp_path, monkeypatch):
    path = tmp_path / "mine.toml"
    path.write_text('description = "é"\nbatch_size = 4\noutput_type = "int8"', encoding="utf-8")
    expected = Target("mine", "é", batch_size=4, output_type="int8")
    assert load_target(path) == load_target(str(path)) == expected
    monkeypatch.chdir(tmp_path)
    assert load_target("mine.toml") == load_target("./mine.toml") == expected
    assert load_target(expected) is expected


def test_names_do_not_depend_on_the_current_directory(tmp_path, monkeypatch):
    (tmp_path / "arm").mkdir()
    monkeypatch.chdir(tmp_path)
    assert load_target("arm").name == "arm"


@pytest.mark.parametrize(
    ("name", "near"), [("amr", "'arm'"), ("ARM", "'arm'"), ("raspberry-pi", "'raspberry_pi'")]
)
def test_unknown_name(name, near):
    with pytest.raises(ValueError) as error:
        load_target(name)
    assert str(error.value) == f"unknown target {name!r}; did you mean {near}?"


@pytest.mark.parametrize("name", ["", "zzzz"])
def test_unknown_name_like_none(name):
    with pytest.raises(ValueError, match=f"unknown target '{name}'; known: android, arm, "):
        load_target(name)


def test_missing_file(tmp_path):
    with pytest.raises(ValueError, match="no target file at .*mine.toml$"):
        load_target(tmp_path / "mine.toml")
    with pytest.raises(ValueError, match="no target file at .*arm.toml; .* the target 'arm'.$"):
        load_target(str(tmp_path / "arm.toml"))
    with pytest.raises(ValueError, match="no target file at "):
        load_target(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'description = "x"\nruntime = \n', r"is not a TOML file: .*line 2"),
        (b'description = "x"\n# \xff\n', r"is not a TOML file: no UTF-8 \(at line 2\)"),
        (b'description = "x"\ninput_typ = "int8"', "unknown field 'input_typ'; did you mean"),
        (b'description = "x"\nname = "y"', "unknown field 'name'; the file's name is"),
        (b'runtime = "lce"\nbatch_size = 1', "expected the field 'description'; it is missing"),
        (b"", "expected the field 'description'; it is missing"),
    ],
)
def test_bad_file(tmp_path, content, message):
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as error:
        load_target(path)
    assert str(error.value).startswith(str(path))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('runtime = "tflite"', "expected runtime to be 'lce' or 'delegate'; got 'tflite'"),
        ('input_type = "int16"', "input_type to be 'float32' or 'int8' or 'uint8'; got 'int16'"),
        ('output_type = ["int8"]', "output_type to be a string; got ['int8']"),
        ("float_storage = 16", "float_storage to be a string; got 16"),
        ('float_storage = "int8"', "float_storage to be 'float32' or 'float16'; got 'int8'"),
        ("include_preprocessing = 1", "include_preprocessing to be true or false; got 1"),
        ("batch_size = true", "batch_size to be an integer; got True"),
        ("batch_size = 0", "batch_size to be at least 1; got 0"),
    ],
)
def test_bad_value(tmp_path, line, message):
    path = tmp_path / "mine.toml"
    path.write_text(f'description = "x"\n{line}')
    with pytest.raises(ValueError) as error:
        load_target(path)
    assert str(error.value).startswith(f"{path}: ") and "expected" in str(error.value)
    assert str(error.value).endswith(message)


def test_needs_no_tensorflow():
    code = "import runpy, sys; sys.modules.update(tensorflow=None, larq=None, numpy=None); "
    code += f"print(runpy.run_path({module.__file__!r})['load_target']('arm').name)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "arm", result.stderr
