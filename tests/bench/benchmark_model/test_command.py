"""Commands of programs, of several versions."""

import pytest

from larq_bvit.bench.benchmark_model.command import command
from larq_bvit.bench.benchmark_model.flags import LCE, STOCK, Flags, parse_help
from tests.bench.benchmark_model.recorded_text import recorded

OLD, NEW, LCE_PROGRAM, NO_XNNPACK, LITERT_PROGRAM = (
    parse_help(recorded(f"help_{name}.txt"))
    for name in ("2019", "2025", "lce_2023", "2023", "litert_2026")
)
LCE_XNNPACK = Flags(LCE_PROGRAM.names | {"use_xnnpack"}, LCE)
COMMON = ["--graph=m.tflite", "--num_threads=1", "--num_runs=50", "--min_secs=1"]
WARMUP = ["--warmup_min_secs=0.5", "--warmup_runs=1"]


def test_plain():
    for flags in (OLD, NEW, LITERT_PROGRAM):
        assert command("bm", flags, model="m.tflite") == ["bm", *COMMON, *WARMUP]


def test_numbers():
    got = command("bm", NEW, model="m", threads=4, runs=7, min_seconds=0, warmup_seconds=0.25)
    assert got == [
        *("bm", "--graph=m", "--num_threads=4", "--num_runs=7"),
        *("--warmup_min_secs=0.25", "--warmup_runs=1"),
    ]


@pytest.mark.parametrize(
    "flags, options, wanted",
    [
        (NEW, {"xnnpack": True}, ["--use_xnnpack=true"]),
        (NEW, {"xnnpack": False}, ["--use_xnnpack=false"]),
        (NO_XNNPACK, {"xnnpack": False}, []),
        (LCE_XNNPACK, {}, ["--use_xnnpack=false"]),
        (LCE_PROGRAM, {}, []),
        (LCE_XNNPACK, {"xnnpack": True}, ["--use_xnnpack=true"]),
        (
            LCE_XNNPACK,
            {"lce_mode": "xnnpack"},
            ["--use_indirect_bgemm=true", "--use_xnnpack=true"],
        ),
        (
            Flags(LCE_XNNPACK.names - {"use_indirect_bgemm"}, LCE),
            {"lce_mode": "xnnpack"},
            ["--use_xnnpack=true"],
        ),
        (
            LCE_XNNPACK,
            {"lce_mode": "indirect"},
            ["--use_indirect_bgemm=true", "--use_xnnpack=false"],
        ),
        (LCE_PROGRAM, {"lce_mode": "indirect"}, ["--use_indirect_bgemm=true"]),
        (NEW, {"delegate": "d.so"}, ["--external_delegate_path=d.so"]),
        (
            NEW,
            {"delegate": "d.so", "delegate_options": {"threads": "2", "isa": "avx2"}},
            ["--external_delegate_path=d.so", "--external_delegate_options=threads:2;isa:avx2"],
        ),
        (OLD, {"profile_csv": "p.csv"}, ["--enable_op_profiling=true"]),
        (
            NO_XNNPACK,
            {"profile_csv": "p.csv"},
            ["--enable_op_profiling=true", "--profiling_output_csv_file=p.csv"],
        ),
        (
            NEW,
            {"profile_csv": "p.csv"},
            [
                "--enable_op_profiling=true",
                "--op_profiling_output_mode=csv",
                "--op_profiling_output_file=p.csv",
            ],
        ),
        (NEW, {"profile_csv": ""}, ["--enable_op_profiling=true"]),
        (LITERT_PROGRAM, {"profile_csv": "p.csv"}, ["--use_profiler=true"]),
        (LITERT_PROGRAM, {"xnnpack": True}, []),  # it always does
    ],
)
def test_kernels_delegates_and_profiles(flags, options, wanted):
    got = command("bm", flags, model="m.tflite", **options)
    assert got == ["bm", *COMMON, *WARMUP, *wanted]
    assert {flag[2:].split("=")[0] for flag in got[1:]} <= flags.names


@pytest.mark.parametrize(
    "flags, options, message",
    [
        (NO_XNNPACK, {"xnnpack": True}, "bm has no flag --use_xnnpack; this build has no XNNPACK"),
        (
            LCE_PROGRAM,
            {"lce_mode": "xnnpack"},
            "bm has no flag --use_xnnpack; this build has no XNNPACK",
        ),
        (
            Flags(NO_XNNPACK.names, LCE),
            {"lce_mode": "indirect"},
            "bm has no flag --use_indirect_bgemm; it is older than LCE 0.11",
        ),
        (NEW, {"lce_mode": "indirect"}, "not of benchmark_model; give lce_benchmark_model"),
        (NEW, {"lce_mode": "direct"}, "one of , indirect, xnnpack; got 'direct'"),
        (
            OLD,
            {"delegate": "d.so"},
            "bm has no flag --external_delegate_path; this build takes no external delegates",
        ),
        (LITERT_PROGRAM, {"delegate": "d.so"}, "benchmark_litert_model takes no external deleg"),
        (LITERT_PROGRAM, {"xnnpack": False}, "benchmark_litert_model always runs stock operators"),
        (
            Flags(OLD.names - {"enable_op_profiling"}, STOCK),
            {"profile_csv": ""},
            "no flag --enable_op_profiling; this build can't time operators: leave the profile out",
        ),
        (Flags(OLD.names - {"min_secs"}, STOCK), {}, "no flag --min_secs; give a newer program"),
        (NEW, {"delegate": "d", "delegate_options": {"a": "1;b:2"}}, "got 'a': '1;b:2'"),
        (NEW, {"delegate": "d", "delegate_options": {"a": ""}}, "not empty .* got 'a': ''"),
        (NEW, {"threads": 0}, "expected at least 1 thread.* got 0, 50 and 1 s"),
        (NEW, {"runs": 0}, "got 1, 0 and 1 s"),
        (NEW, {"warmup_seconds": -1.0}, "warm-up -1 s"),
    ],
)
def test_what_can_not_be(flags, options, message):
    with pytest.raises(ValueError, match=message):
        command("bm", flags, model="m.tflite", **options)
