"""Made-up results: no figure here was ever measured."""

from dataclasses import replace

import numpy as np

from larq_bvit.bench.results import Accuracy, MeasuredFile, Measurement, OpTime, Place, Results
from larq_bvit.bench.timing import Timing

EVIL = "<script>alert('x')</script>.tflite"
BASELINES = ("deit_small:int8", "resnet_18:float32", "reactnet_18")
COMMAND = f"larq-bvit benchmark binaryvit_nano --on local --against {','.join(BASELINES)}"
_FACTS = {
    "cpu": "Made-up Processor 9000",
    "instructions": ["AVX2", "AVX-512", "AVX-512 VNNI"],
    "mhz": 2100.5,
    "governor": None,
    "cores": 2,
    "busy": False,
    "memory": 8 * 2**30,
    "system": "Debian GNU/Linux 12 (bookworm), kernel 6.1.0, x86_64",
}
PLACES = (
    Place("local", "Made-up Processor 9000 at 2.10 GHz, AVX2, AVX-512; 2 cores, 8 GiB", _FACTS),
    Place("adb:0A1B2C3D", "Made-up Phone 7, Android 14, 4 + 4 cores, dotprod, i8mm", {"cores": 8}),
    Place("ssh:board.local", "Raspberry Pi 99 (made up), Cortex-A76, dotprod; 4 cores"),
)
_IMAGENET, _CIFAR = "ImageNet", "CIFAR-10"
# (name, KiB, binary M MACs, float M MACs, pixels, accuracy, milliseconds of a thread in LCE)
_FILES = (
    ("binaryvit_nano", 488, 7.1, 0.9, 32, Accuracy(0.6244, 10_000, _CIFAR), 0.412),
    ("binaryvit_small", 3_712, 1_512.0, 61.0, 224, Accuracy(0.6713, 50_000, _IMAGENET), 31.4),
    ("reactnet_18", 4_216, 1_676.0, 139.0, 224, None, 24.9),
    ("deit_small:int8", 22_511, 0.0, 4_608.0, 224, Accuracy(0.7911, 50_000, _IMAGENET), 71.2),
    ("resnet_18:float32", 45_702, 0.0, 1_819.0, 224, Accuracy(0.6976, None, _IMAGENET), 55.5),
)
_ABOUT = {
    "lce": "Larq Compute Engine 0.0.0",
    "delegate:avx2": "TensorFlow Lite 0.0.0 with larq_bvit's delegate 0.0.0",
    "delegate:neon_dot": "TensorFlow Lite 0.0.0 with larq_bvit's delegate 0.0.0",
    "xnnpack": "TensorFlow Lite 0.0.0 with its default, XNNPACK",
}
_FACTOR = {"lce": 1.0, "delegate:avx2": 0.31, "delegate:neon_dot": 0.42, "xnnpack": 0.8}
# {place: the runtime that is the fastest there}
FASTEST = {
    "local": "delegate:avx2",
    "adb:0A1B2C3D": "delegate:neon_dot",
    "ssh:board.local": "delegate:neon_dot",
}
_ROUNDS = {"local": 20, "adb:0A1B2C3D": 20, "ssh:board.local": 3}
_SLOWER = {"local": 1.0, "adb:0A1B2C3D": 1.9, "ssh:board.local": 3.3}
_KINDS = (
    ("binary product", "LceBconv2d", 5.0),
    ("elementwise", "ADD", 2.0),
    ("attention", "BATCH_MATMUL", 1.5),
    ("pooling and reduction", "AVERAGE_POOL_2D", 0.7),
    ("float product", "CONV_2D", 1.2),
    ("layout", "RESHAPE", 0.2),
    ("other", "CUSTOM", 0.1),
)


def results() -> Results:
    """Three places, five files, two or three runtimes, one and two threads, a failed one.

    Samples of the second place are means; the third has too few for 95% intervals. Three of the
    files are baselines.
    """
    rng = np.random.default_rng(0)
    measurements = []
    for place in PLACES:
        for file in _FILES:
            for runtime in _runtimes(place.name, file[0]):
                for threads in (1, 2):
                    measurements.append(_measurement(rng, place.name, file, runtime, threads))
    crashed = "killed by signal 9: the device has too little memory; free some, or measure less"
    measurements.append(
        replace(
            _emptied(measurements[0]),
            place=PLACES[1].name,
            runtime="lce:xnnpack",
            command="larq-bvit benchmark binaryvit_nano --on adb:0A1B2C3D --runtime lce:xnnpack",
            error=crashed,
        )
    )
    return Results(
        command=COMMAND,
        date="2024-05-06T07:08:09+00:00",
        version="0.0.0",
        places=PLACES,
        files=tuple(_file(*row) for row in _FILES),
        measurements=tuple(measurements),
        warnings=("noisy machine: the middle half of the samples spreads by binaryvit_nano (14%)",),
        baselines=BASELINES,
    )


def single(name: str = "binaryvit_nano") -> Results:
    """One measurement of one file, which may have another name, at one place."""
    whole = results()
    file = replace(whole.files[0], name=name)
    only = replace(whole.measurements[0], file=name)
    return replace(
        whole,
        places=PLACES[:1],
        files=(file,),
        measurements=(only,),
        warnings=(),
        baselines=(),
    )


def none_worked() -> Results:
    """All failed."""
    whole = results()
    error = "expected an aarch64 program; got one for x86_64: bring another by --binary"
    return replace(
        whole,
        measurements=tuple(replace(_emptied(m), error=error) for m in whole.measurements),
    )


def many_operators(count: int = 2000) -> Results:
    """Every profile has that many rows, with long names."""
    whole = results()
    return replace(
        whole,
        measurements=tuple(
            replace(m, profile=profile(np.random.default_rng(1), count, 10.0)) if m.profile else m
            for m in whole.measurements
        ),
    )


def profile(rng: np.random.Generator, rows: int, milliseconds: float) -> tuple[OpTime, ...]:
    """So many operators, that take so long together."""
    parts = [_KINDS[i % len(_KINDS)] for i in range(rows)]
    weights = np.array([weight for *_, weight in parts]) * rng.uniform(0.2, 1.8, rows)
    times = milliseconds * weights / weights.sum()
    return tuple(
        OpTime(f"net/stage_{i // 8}/block_{i % 8}/{operator.lower()}", kind, float(ms), operator)
        for i, ((kind, operator, _), ms) in enumerate(zip(parts, times, strict=True))
    )


def _runtimes(place: str, file: str) -> tuple[str, ...]:
    if ":" in file:
        return ("xnnpack",)
    return "lce", "delegate:avx2" if place == "local" else "delegate:neon_dot"


def _measurement(rng, place, file, runtime, threads) -> Measurement:
    name, kib, *_, one_thread = file
    typical = one_thread * _FACTOR[runtime] * _SLOWER[place] * (1 if threads == 1 else 0.57)
    steady = Timing.of([float(s) for s in typical / 1e3 * rng.normal(1, 0.02, _ROUNDS[place])])
    return Measurement(
        place=place,
        file=name,
        runtime=runtime,
        about=_ABOUT[runtime],
        threads=threads,
        instructions="AVX-512 VPOPCNTDQ" if place == "local" else "NEON dotprod",
        command=f"larq-bvit benchmark {name} --on {place} --runtime {runtime} --threads {threads}",
        init=0.004 + 2e-6 * kib,
        first=2.2 * typical / 1e3,
        steady=steady,
        sample="mean" if place.startswith("adb") else "median",
        peak_memory=int(1024 * (kib * 1.7 + 5_000)),
        activation_bytes=602_112 if "delegate" in runtime else None,
        left={"SOFTMAX": 2} if "delegate" in runtime else None,
        profile=profile(rng, int(rng.integers(10, 41)), typical),
        cosine=0.99998 if "delegate" in runtime else None,
        notes=("cores 4 to 7 were at 2.9 GHz",) if place.startswith("adb") else (),
    )


def _file(name, kib, binary, floats, pixels, accuracy, _) -> MeasuredFile:
    return MeasuredFile(
        name=name,
        about=f"{name}, made up for tests",
        bytes=1024 * kib + 12,
        sha256=f"{kib:064x}",
        operators=123,
        binary_macs=int(1e6 * binary),
        float_macs=int(1e6 * floats),
        activations=2_480_000,
        parameters=22_491_771,
        input_shape=(1, pixels, pixels, 3),
        input_type="int8" if name.endswith("int8") else "float32",
        accuracy=accuracy,
    )


def _emptied(measurement: Measurement) -> Measurement:
    """Without anything that was measured."""
    return replace(
        measurement,
        init=None,
        first=None,
        steady=None,
        peak_memory=None,
        activation_bytes=None,
        left=None,
        profile=(),
        cosine=None,
    )
