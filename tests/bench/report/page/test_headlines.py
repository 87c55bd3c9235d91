"""The first figures of the page, in words."""

from dataclasses import replace

from larq_bvit.bench.report.page.headlines import Headline, headlines
from tests.bench.report import sample


def test_fastest_per_place_and_input_smallest_and_most_accurate_per_data_set():
    found = headlines(sample.results())
    assert [h.title for h in found] == [
        "Fastest on local, 32 x 32 pixels",
        "Fastest on local, 224 x 224 pixels, baselines aside",
        "Fastest on adb:0A1B2C3D, 32 x 32 pixels",
        "Fastest on adb:0A1B2C3D, 224 x 224 pixels, baselines aside",
        "Fastest on ssh:board.local, 32 x 32 pixels",
        "Fastest on ssh:board.local, 224 x 224 pixels, baselines aside",
        "Smallest file",
        "Most accurate on CIFAR-10",
        "Most accurate on ImageNet",
    ]
    assert found[1] == Headline(
        "Fastest on local, 224 x 224 pixels, baselines aside",
        "5.53 ms",
        "binaryvit_small in delegate:avx2, 2 threads.",
        (
            ("3.23 times as fast as the same file in lce", "(3.18 to 3.28)"),
            ("5.79 times as fast as deit_small:int8 in xnnpack", "(5.69 to 5.90)"),
            ("4.59 times as fast as resnet_18:float32 in xnnpack", "(4.52 to 4.64)"),
            ("0.797 times as fast as reactnet_18 in delegate:avx2", "(0.785 to 0.806)"),
        ),
    )
    assert found[2].words == (
        "binaryvit_nano in delegate:neon_dot, 2 threads. Of each round only the mean is known."
    )
    assert found[4].compared == (
        ("2.35 times as fast as the same file in lce", "(min 2.28, max 2.39)"),
    )
    assert found[6] == Headline(
        "Smallest file",
        "488 KiB",
        "binaryvit_nano; resnet_18:float32 is 93.6 times as large, 44.6 MiB.",
    )
    assert found[8] == Headline(
        "Most accurate on ImageNet", "79.11%", "deit_small:int8. Top-1 of 50,000 images."
    )


def test_of_one_measurement():
    fastest, smallest, accurate = headlines(sample.single())
    assert fastest == Headline(
        "Fastest on local", "0.411 ms", "binaryvit_nano in lce, 1 thread. Nothing else ran here."
    )
    assert smallest.words == "binaryvit_nano."
    assert accurate.figure == "62.44%"


def test_no_fastest_where_nothing_ran():
    titles = [h.title for h in headlines(sample.none_worked())]
    assert titles == ["Smallest file", "Most accurate on CIFAR-10", "Most accurate on ImageNet"]


def test_baselines_stand_aside_only_where_they_are_faster():
    results = replace(sample.results(), baselines=("deit_small:int8",))
    found = headlines(results)[1]
    assert found.title == "Fastest on local, 224 x 224 pixels"
    assert found.words == "reactnet_18 in delegate:avx2, 2 threads."
    assert [words for words, _ in found.compared] == [
        "3.22 times as fast as the same file in lce",
        "7.27 times as fast as deit_small:int8 in xnnpack",
    ]


def test_where_there_are_only_baselines_one_of_them():
    results = sample.results()
    only = tuple(m for m in results.measurements if m.runtime == "xnnpack" and m.place == "local")
    found = headlines(replace(results, measurements=only))[0]
    assert found.title == "Fastest on local, 224 x 224 pixels"
    assert found.words == "resnet_18:float32 in xnnpack, 2 threads."
    assert [words for words, _ in found.compared] == [
        "1.26 times as fast as deit_small:int8 in xnnpack"
    ]


def test_nothing_is_compared_with_what_was_not_named():
    results = sample.results()
    only = tuple(m for m in results.measurements if m.runtime == "xnnpack" and m.place == "local")
    found = headlines(replace(results, measurements=only, baselines=()))[0]
    assert found.compared == ()
