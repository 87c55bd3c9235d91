"""The program itself: help, version, errors."""

import io
import os
import subprocess
import sys
from importlib import import_module

import pytest

import larq_bvit

app_module = import_module("larq_bvit.cli.app")

HEAVY = "{'tensorflow', 'keras', 'tf_keras', 'larq', 'numpy', 'PIL', 'torch', 'rich.table'}"


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["predict", "--help"]])
def test_is_light(arguments):
    code = (
        "import sys\n"
        "from larq_bvit.cli import main\n"
        f"sys.argv = ['larq-bvit', *{arguments}]\n"
        "try:\n    main()\n"
        f"finally:\n    print(sorted({HEAVY} & set(sys.modules)))\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "[]" and result.stderr == ""


def test_version(run):
    assert run("--version").stdout == f"larq-bvit {larq_bvit.__version__}\n"


def test_help_names_every_command(run):
    shown = run("--help").stdout
    for name in ("list", "summary", "predict", "import-torch", "convert", "demo"):
        assert name in shown
        assert f"{name} [OPTIONS]" in run(name, "--help").stdout


def test_errors_are_lines_and_exit_code_2(fails):
    (line,) = fails("summary", "binaryvit_smal")
    assert line.startswith("unknown model 'binaryvit_smal'; did you mean 'binaryvit_small'")


def test_missing_files_are_named(fails, tmp_path):
    missing = tmp_path / "no.txt"
    assert fails("predict", "x.jpg", "--class-names", missing) == [
        f"{missing}: No such file or directory"
    ]


@pytest.mark.parametrize("how", ["flag", "environment"])
def test_traceback(run, monkeypatch, how):
    if how == "environment":
        monkeypatch.setenv("LARQ_BVIT_TRACEBACK", "1")
    result = run(*(["--traceback"] if how == "flag" else []), "summary", "nonsense")
    assert isinstance(result.exception, ValueError) and result.exit_code == 1


def test_main_of_a_user_error():
    code = "import sys; from larq_bvit.cli import main; sys.argv[1:] = ['predict']; main()"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ}
    )
    assert result.returncode == 2 and "Missing argument" in result.stderr
    assert "Traceback" not in result.stderr


def test_names_that_the_terminal_does_not_have(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    monkeypatch.setattr(app_module, "app", lambda prog_name: print("caf\xe9 \udce9"))
    app_module.main()
    sys.stdout.flush()
    assert raw.getvalue() == b"caf\\xe9 \\udce9\n"
