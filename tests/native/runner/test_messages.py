"""What the runner says of all that it can't use."""

import subprocess
from pathlib import Path

import pytest

from larq_bvit.bench.remote.runner import runner_error
from tests.native.runner.outcome import error, found


def test_delegates_that_are_refused(run, folder):
    delegate = str(folder / "delegate.so")
    got = error(run(delegate=delegate, delegate_options={"bad": "1"}))
    assert got == (
        f"expected --delegate-options that {delegate} takes; got a refusal: "
        f"fake: unknown option 'bad'"
    )
    other = str(folder / "lite.so")
    assert error(run(delegate=other)) == (
        f"expected a delegate; got {other}, which has no tflite_plugin_create_delegate"
    )
    assert "expected a delegate that can be loaded; got none.so: " in error(run(delegate="none.so"))


def test_libraries_that_are_refused(run, folder, tmp_path):
    assert error(run(library="partial.so")) == (
        f"expected a TensorFlow Lite C library; got {folder}/partial.so, which has no TfLiteVersion"
    )
    got = error(run(library="none.so"))
    assert "library that can be loaded; got" in got and "No such file or directory" in got
    (folder / "text.so").write_text("text" * 100)
    assert "invalid ELF header" in error(run(library="text.so"))


def test_a_name_without_a_slash_is_a_file_here(run):
    command = run().args
    command[command.index("--library") + 1] = "lite.so"
    done = subprocess.run(command, capture_output=True, cwd=Path(command[0]).parent)
    assert done.returncode == 0, done.stderr


def test_models_that_are_refused(run, folder, tmp_path):
    for content in (b"", b"TFL3", b"1234TFL2 and more"):
        (tmp_path / "other").write_bytes(content)
        got = error(run(model=str(tmp_path / "other")))
        assert (
            got == f"expected a .tflite, with TFL3 at byte 4; got {tmp_path}/other, which has none"
        )
    assert error(run(model="/none")) == "expected a .tflite; got /none: No such file or directory"
    lite = f'expected a model that {folder}/lite.so (9.8"7) can load; got a refusal'
    assert error(run("no model ")).startswith(f"{lite} of the file: it gives no reason but")
    assert error(run("no interpreter ")) == (
        f"{lite} of its operators: Op builtin_code out of range: 210; Registration failed.; "
        f"Larq Compute Engine's operators need --delegate"
    )


def test_unresolved_operators(run, folder, tmp_path):
    assert error(run("unresolved ")) == (
        f"expected a model of TensorFlow Lite's own operators; got {tmp_path}/model.tflite with "
        f"custom operator LceSign.2: pass --delegate liblarq_bvit_delegate.so for those of Larq "
        f"Compute Engine"
    )
    delegate = str(folder / "delegate.so")
    found(run("unresolved ", delegate=delegate))
    got = error(run("unresolved 2 ", delegate=delegate))
    assert got.startswith(
        f"expected a model that {folder}/lite.so can run with the delegate {delegate}; got custom "
        f"operator LceSign.2: Encountered unresolved"
    )
    assert got.endswith("; Node number 3 (LceSign.2) failed to prepare.")
    silent = run("unresolved ", library="silent.so")  # it prints by itself
    assert "unresolved custom op: LceSign.2" in silent.stderr.decode()
    assert error(silent).endswith(
        "may have printed above; Larq Compute Engine's operators need --delegate"
    )


@pytest.mark.parametrize("runs_before", [0, 3])
def test_a_run_that_fails(run, runs_before):
    got = error(run(f"no run {runs_before} ", runs=9))
    assert got == "expected an inference; got an error: Input is empty"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--what"], "expected options as --help tells them; got '--what'"),
        (["--runs"], "expected a value behind --runs; got none"),
        (["--runs", "0"], "expected --runs to be a number from 1 to 100000; got '0'"),
        (["--runs", "1x"], "got '1x'"),
        (["--runs", ""], "got ''"),
        (["--runs", "99999999999999999999"], "got '99999999999999999999'"),
        (["--threads", "65"], "expected --threads to be a number from 1 to 64; got '65'"),
        (["--warmup-runs", "-1"], "got '-1'"),
        (["--seconds", "1e3"], "expected --seconds to be seconds from 0 to 3600; got '1e3'"),
        (["--seconds", ".5"], "got '.5'"),
        (["--warmup-seconds", "x"], "expected --warmup-seconds to be seconds from 0 to 3600; got"),
        (["--seconds", "3600.1"], "got '3600.1'"),
        (["--model", ""], "expected a path behind --model; got an empty one"),
        (
            ["--delegate-options", "isa"],
            "expected --delegate-options 'key:value;key:value'; got 'isa'",
        ),
        (["--delegate-options", ":neon"], "got ':neon'"),
        (["--delegate-options", "a:b"], "expected --delegate with --delegate-options; got none"),
        (["--profile"], "expected --delegate with --profile; got none"),
    ],
)
def test_arguments_that_are_refused(run, words, message):
    assert message in error(run("", *words))


def test_help(run, folder):
    program = folder / "larq_bvit_runner"
    done = subprocess.run([program, "--help"], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr
    everything = run(
        delegate="d", delegate_options={"a": "b"}, input="i", output="o", profile=True
    ).args
    for word in [word for word in everything if word.startswith("--")]:
        assert f"\n  {word} " in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    bare = subprocess.run([program], capture_output=True, text=True)
    assert bare.returncode == 2
    assert (
        runner_error(bare.stderr) == "expected --library and --model; got no --library: see --help"
    )
