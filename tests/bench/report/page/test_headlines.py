"""The first figures of the page, in words."""

from dataclasses import replace

from larq_bvit.bench.report.page.headlines import Headline, headlines
from tests.bench.report import sample


def test_fastest_per_place_and_input_smallest_and_most_accurate_per_data_set():
    found = headlines(sample.results())
    assert [h.title for h in found] == [
        "Fastest on local, 32 x 32 pixels",
        "Fastest on local, 224 x 224 pixels",
        "Fastest on adb:0A1B2C3D, 32 x 32 pixels",
        "Fastest on adb:0A1B2C3D, 224 x 224 pixels",
        "Fastest on ssh:board.local, 32 x 32 pixels",
        "Fastest on ssh:board.local, 224 x 224 pixels",
        "Smallest file",
        "Most accurate on CIFAR-10",
        "Most accurate on ImageNet",
    ]
    assert found[1] == Headline(
        "Fastest on local, 224 x 224 pixels",
        "4.41 ms",
        "reactnet_18 in delegate:avx2, 2 threads, against resnet_18:float32 in xnnpack, 2 threads; "
        "95% interval 5.69 to 5.83.",
        "5.76 times as fast as the baseline",
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


def test_the_baseline_itself_is_no_times_as_fast():
    results = sample.results()
    only = tuple(m for m in results.measurements if m.runtime == "xnnpack" and m.place == "local")
    found = headlines(replace(results, measurements=only))[0]
    assert found.compared == ""
    assert found.words == (
        "resnet_18:float32 in xnnpack, 2 threads. It is what others are compared with."
    )
