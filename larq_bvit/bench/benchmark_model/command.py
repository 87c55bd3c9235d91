"""The command that runs a benchmark program, with only those flags that it knows."""

from __future__ import annotations

from collections.abc import Mapping

from larq_bvit.bench.benchmark_model.flags import LCE, LITERT, Flags

_MODES = ("", "indirect", "xnnpack")


def command(
    program: str,
    flags: Flags,
    *,
    model: str,
    threads: int = 1,
    runs: int = 50,
    min_seconds: float = 1.0,
    warmup_seconds: float = 0.5,
    xnnpack: bool | None = None,
    lce_mode: str = "",
    delegate: str | None = None,
    delegate_options: Mapping[str, str] | None = None,
    profile_csv: str | None = None,
) -> list[str]:
    """The program and its arguments, not quoted.

    Arguments:
        program: its path there.
        flags: what it knows.
        model: path of the .tflite there.
        threads: number of them.
        runs: that are timed at least.
        min_seconds: for which it runs at least; 0: no such limit.
        warmup_seconds: for which it runs before, at least, and at least once.
        xnnpack: whether stock operators go to XNNPACK; None: as the program does by itself.
        lce_mode: of Larq Compute Engine's program: "" for its default products, "indirect" ones,
            or "xnnpack" for indirect ones and XNNPACK. The first two turn XNNPACK off.
        delegate: path of an external delegate there.
        delegate_options: its options.
        profile_csv: times of operators are measured, and written to this path where
            `flags.profiles_to_file`; else, or where it is empty, they stand in the output.

    Raises:
        ValueError: the program can't do what is asked; the message says what to do.
    """
    if lce_mode not in _MODES:
        raise ValueError(f"expected a mode of LCE, one of {', '.join(_MODES)}; got {lce_mode!r}")
    if threads < 1 or runs < 1 or min_seconds < 0 or warmup_seconds < 0:
        raise ValueError(
            "expected at least 1 thread, 1 run and 0 seconds; got "
            f"{threads}, {runs} and {min_seconds:g} s, warm-up {warmup_seconds:g} s"
        )
    wanted = {"graph": model, "num_threads": str(threads), "num_runs": str(runs)}
    if min_seconds:
        wanted["min_secs"] = f"{min_seconds:g}"
    if warmup_seconds:
        wanted["warmup_min_secs"] = f"{warmup_seconds:g}"
    wanted["warmup_runs"] = "1"
    wanted |= _kernels(flags, xnnpack, lce_mode)
    wanted |= _delegate(delegate, delegate_options or {})
    wanted |= _profile(flags, profile_csv)
    for name in wanted:
        if name not in flags.names:
            raise ValueError(f"{program} has no flag --{name}; {_advice(name, flags.program)}")
    return [program, *(f"--{name}={value}" for name, value in wanted.items())]


def _kernels(flags: Flags, xnnpack: bool | None, lce_mode: str) -> dict[str, str]:
    """Which kernels compute what is not left to a delegate."""
    if lce_mode and flags.program != LCE:
        raise ValueError(
            f"the mode {lce_mode!r} is one of Larq Compute Engine's program, not of "
            f"{flags.program}; give lce_benchmark_model by --binary, or leave the mode out"
        )
    if flags.program == LITERT:
        if xnnpack is False:
            raise ValueError(
                f"{LITERT} always runs stock operators by XNNPACK; give TensorFlow Lite's "
                "benchmark_model by --binary"
            )
        return {}  # and needs no flag for it
    if xnnpack is None and flags.program == LCE:
        xnnpack = lce_mode == "xnnpack"
    wanted = {}
    # as LCE's interpreter is run here; programs older than the flag have XNNPACK alone
    if lce_mode == "indirect" or (lce_mode == "xnnpack" and "use_indirect_bgemm" in flags.names):
        wanted["use_indirect_bgemm"] = "true"
    if xnnpack:
        wanted["use_xnnpack"] = "true"
    elif xnnpack is not None and "use_xnnpack" in flags.names:
        wanted["use_xnnpack"] = "false"  # newer programs use it without being asked
    return wanted


def _delegate(path: str | None, options: Mapping[str, str]) -> dict[str, str]:
    if path is None:
        return {}
    for key, value in options.items():
        if any(mark in f"{key}{value}" for mark in ":;") or not key or not value:
            raise ValueError(
                "expected options of the delegate that are not empty and have no ':' and no ';', "
                f"which separate them in the program's flag; got {key!r}: {value!r}"
            )
    wanted = {"external_delegate_path": path}
    if options:
        pairs = ";".join(f"{key}:{value}" for key, value in options.items())
        wanted["external_delegate_options"] = pairs
    return wanted


def _profile(flags: Flags, path: str | None) -> dict[str, str]:
    if path is None:
        return {}
    litert = "use_profiler" in flags.names
    wanted = {"use_profiler" if litert else "enable_op_profiling": "true"}
    if path and "op_profiling_output_file" in flags.names:
        wanted |= {"op_profiling_output_mode": "csv", "op_profiling_output_file": path}
    elif path and flags.profiles_to_file:
        wanted["profiling_output_csv_file"] = path
    return wanted


def _advice(flag: str, program: str) -> str:
    stock = "give TensorFlow Lite's own build of benchmark_model, of 2020 or later, by --binary"
    return {
        "external_delegate_path": f"{LITERT} takes no external delegates: {stock}"
        if program == LITERT
        else f"this build takes no external delegates: {stock}",
        "use_xnnpack": "this build has no XNNPACK: give one that has it by --binary",
        "use_indirect_bgemm": "it is older than LCE 0.11: give a newer one by --binary",
        "enable_op_profiling": "this build can't time operators: leave the profile out, or give "
        "a newer one by --binary",
    }.get(flag, "give a newer program by --binary")
