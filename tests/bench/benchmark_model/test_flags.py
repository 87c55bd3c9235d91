"""Flags of programs, from --help of several versions."""

import pytest

from larq_bvit.bench.benchmark_model.flags import LCE, LITERT, STOCK, parse_help
from tests.bench.benchmark_model.recorded_text import recorded


@pytest.mark.parametrize(
    "name, program, count, profiles, to_file",
    [
        ("help_2019.txt", STOCK, 15, True, False),
        ("help_2023.txt", STOCK, 44, True, True),
        ("help_2025.txt", STOCK, 47, True, True),
        ("help_lce_2023.txt", LCE, 46, True, True),
        ("help_litert_2026.txt", LITERT, 13, True, False),
    ],
)
def test_versions(name, program, count, profiles, to_file):
    flags = parse_help(recorded(name))
    assert flags.program == program and len(flags.names) == count
    assert (flags.profiles, flags.profiles_to_file) == (profiles, to_file)


def test_the_first_and_the_last_flag():
    names = parse_help(recorded("help_lce_2023.txt")).names
    assert {"num_runs", "use_indirect_bgemm", "external_delegate_options", "help"} <= names
    assert "use_xnnpack" not in names


def test_an_old_lce_program_is_known_by_its_name():
    text = recorded("help_2023.txt").replace("./benchmark_model", "/data/lce_benchmark_model_v0.8")
    assert parse_help(text).program == LCE


@pytest.mark.parametrize(
    "text, came, advice",
    [
        ("", "got nothing", "is it TensorFlow Lite's benchmark_model or LCE's"),
        ("Segmentation fault\n", "got 'Segmentation fault'", "for this device?"),
        (
            "/data/local/tmp/x: not executable: 64-bit ELF file",
            "not executable",
            "for another processor: it is a 64-bit ELF file; take one that is built for this",
        ),
        (
            "sh: ./bm: Permission denied",
            "Permission denied",
            "the program may not be executed there (sh: ./bm: Permission",
        ),
        (
            "sh: 1: ./bm: not found",
            "not found",
            "the program does not start (sh: 1: ./bm: not found): it is",
        ),
        (
            "./bm: /lib/libm.so.6: version `GLIBC_2.38' not found (required by ./bm)",
            "GLIBC_2.38",
            "the program needs GLIBC_2.38, and this system is older",
        ),
        (
            'CANNOT LINK EXECUTABLE "./bm": library "libc++_shared.so" not found',
            "CANNOT LINK",
            "needs the library libc++_shared.so, which this machine lacks",
        ),
        (
            "./bm: error while loading shared libraries: libfarmhash.so.0: cannot open",
            "libfarmhash",
            "needs the library libfarmhash.so.0, which this machine lacks",
        ),
    ],
)
def test_no_flags(text, came, advice):
    with pytest.raises(ValueError) as error:
        parse_help(text)
    message = str(error.value)
    assert message.startswith("expected the list of flags from the program's --help; got")
    assert came in message and advice in message


def test_another_program():
    with pytest.raises(ValueError, match="got 2 flags without --graph: give one of these"):
        parse_help("usage: other\n  --num_runs=5\n  --model=x")
