"""The goals of the native delegate's benchmark: met, and missed one by one."""

import pytest

from benchmarks.native_speed import goals, names, plan, shares
from benchmarks.native_speed.floors import floors
from benchmarks.native_speed.runtimes import DELEGATE, LCE, TFLITE
from benchmarks.native_speed.speeds import Speeds

ISAS = ["avx512", "avx2", "portable"]
FILES = [value for name, value in vars(names).items() if name.isupper()]
ROUNDS = 5

# milliseconds on one thread of files in LCE's fastest mode or in XNNPACK
THEIRS = {
    names.FROZEN: 98.0,
    names.NAIVE: 140.0,
    names.TWIN: 70.0,
    names.DEIT: 70.0,
    names.DEIT_INT8: 35.0,
    names.DEIT_DYNAMIC: 35.0,
    names.REACTNET: 24.0,
    names.BIREALNET: 24.0,
    names.RESNET: 36.0,
    names.RESNET_INT8: 3.1,
}
OURS = {names.FROZEN: 7.0, names.REACTNET: 3.0, names.BIREALNET: 3.0}


def entry(planned, theirs, ours, avx2=30.0, two=2.0, same=1) -> dict:
    """A measured one; what is not fused, and LCE's other modes, are slow."""
    options, milliseconds = planned.options, 500.0
    if planned.runtime == TFLITE or options == {"use_indirect_bgemm": True}:
        milliseconds = theirs[planned.file]
    elif options == {"isa": "avx512"}:
        milliseconds = ours[planned.file]
    elif options == {"isa": "avx2"}:
        milliseconds = avx2
    seconds = milliseconds / 1e3 / (two if planned.threads == 2 else 1)
    return {
        **vars(planned),
        "agreement": {"images": 12, "same": same} if planned.runtime == DELEGATE else None,
        "about": {"claims": {"left": {}}},
        "timing": {
            **{"median": seconds, "low": seconds, "high": seconds},
            "samples": [seconds] * ROUNDS,
        },
    }


def speed(theirs=THEIRS, ours=OURS, **changes) -> dict:
    """A result of the section."""
    planned = plan.entries(ISAS, FILES, [1, 2])
    macs = {"binary_macs": 1.5e9, "float_macs": 0.1e9}
    return {
        "isas": ISAS,
        "files": dict.fromkeys(FILES, macs),
        "entries": [entry(each, theirs, ours, **changes) for each in planned],
    }


def verdicts(sections) -> dict[str, str]:
    return {row[0]: row[-1] for row in goals.table(sections).rows}


def missed(sections) -> list[str]:
    return [what for what, met in verdicts(sections).items() if met == "**no**"]


def test_speeds_that_meet_all_goals():
    found = verdicts({"speed": speed()})
    assert len(found) == 15 and set(found.values()) == {"yes"}


@pytest.mark.parametrize(
    "name, milliseconds",
    [
        (names.FROZEN, 97.9),
        (names.NAIVE, 139.9),
        (names.TWIN, 69.9),
        (names.DEIT, 69.9),
        (names.DEIT_INT8, 34.9),
        (names.DEIT_DYNAMIC, 34.9),
        (names.REACTNET, 23.9),
        (names.BIREALNET, 23.9),
    ],
)
def test_a_faster_rival_makes_one_goal_missed(name, milliseconds):
    (what,) = missed({"speed": speed({**THEIRS, name: milliseconds})})
    assert name in what


def test_resnet_in_8_bits_must_be_slower():
    found = missed({"speed": speed({**THEIRS, names.RESNET_INT8: 3.0})})
    assert found == [f"{name}, as fast as {names.RESNET_INT8}" for name in OURS if "net" in name]


def test_absolute_time():
    slower = {name: 2 * milliseconds for name, milliseconds in THEIRS.items()}
    found = missed({"speed": speed(slower, {**OURS, names.FROZEN: 7.5})})
    assert found == [f"{names.FROZEN}, one thread"]


@pytest.mark.parametrize(
    "changes, what",
    [
        ({"two": 1.59}, f"{names.FROZEN}, two threads as fast as one"),
        ({"same": 0}, "logits are LCE's in all modes, but for signs on a rounding edge"),
    ],
)
def test_threads_and_agreement(changes, what):
    assert missed({"speed": speed(**changes)}) == [what]


def test_avx2_must_beat_8_bits():
    found = missed({"speed": speed(avx2=35.0)})
    assert found == [f"AVX2, as fast as {name}" for name in (names.DEIT_INT8, names.DEIT_DYNAMIC)]


def test_only_what_was_measured_is_judged():
    result = speed()
    result["entries"] = [e for e in result["entries"] if e["file"] == names.FROZEN]
    assert len(verdicts({"speed": result})) == 4
    assert verdicts({}) == {}


def start(milliseconds=60.0, megabytes=3.0) -> list[dict]:
    both = {"median": milliseconds / 1e3}
    size = None if megabytes is None else megabytes * 1e6
    ours = {"file": "m", "runtime": DELEGATE, "both": both, "activation_bytes": size}
    return [ours, {"runtime": LCE}]


def test_start_and_memory():
    assert list(verdicts({"start": start()}).values()) == ["yes", "yes"]
    assert missed({"start": start(milliseconds=60.1)}) == ["m, from the path to the first result"]
    assert missed({"start": start(megabytes=3.01)}) == ["m, memory for maps"]
    assert len(verdicts({"start": start(megabytes=None)})) == 1  # not told


def test_products():
    def found(milliseconds):
        return missed({"shares": [{"file": "m", "kinds": {shares.PRODUCTS: milliseconds}}]})

    assert found(3.99) == [] and found(4.0) == ["m, binary products"]


def kernels(large=0.85, small=0.5) -> dict:
    sizes = {(256, 2048): large, (2048, 256): 0.9, (64, 64): small, (64, 256): 0.1}
    shapes = [{"isa": "avx512", "k": k, "n": n, "share": x} for (k, n), x in sizes.items()]
    return {"shapes": [*shapes, {"isa": "avx2", "k": 64, "n": 64, "share": 0.3}]}


def test_bare_products():
    """The worst shape of the best instruction set counts, between the two sizes none."""
    assert list(verdicts({"kernels": kernels()}).values()) == ["yes", "yes"]
    large = "bare products, avx512, K and N from 256"
    assert missed({"kernels": kernels(large=0.84)}) == [large]
    assert missed({"kernels": kernels(small=0.49)}) == ["bare products, avx512, K = N = 64"]


def test_what_the_products_take_at_least():
    (reactnet, _) = floors(speed(), {"avx512": 1000.0})
    assert reactnet.binary == pytest.approx(1.5e-3)
    assert reactnet.floats == pytest.approx(36e-3)  # as many as ResNet-18 here
    assert reactnet.gain == pytest.approx(24 / 37.5)
    assert floors(speed(), {}) == []


def test_modes_in_words():
    modes = {speed.mode for speed in Speeds(speed())}
    ours = {f"{isa}{exact}" for isa in ISAS for exact in ("", ", exact")}
    assert modes == ours | {"default", "indirect bgemm", "indirect bgemm, XNNPACK"}
    rows = Speeds(speed()).table().rows
    (row,) = [row for row in rows if row[0] == names.FROZEN and row[2] == "avx512"]
    assert row[3:] == (
        "7.00 (7.00 to 7.00)",
        "3.50 (3.50 to 3.50)",
        "2.00x (2.00 to 2.00)",
        "1 of 12",
    )
