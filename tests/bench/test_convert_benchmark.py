"""The benchmark of conversion: a quick run, and what its parts must tell apart."""

import json

import larq as lq
import pytest
import tensorflow as tf
import typer

from benchmarks import convert as benchmark
from benchmarks.conversion import agreement, document, goals, naive, sizes
from benchmarks.conversion.models import Case, Conversions, cases, with_float16
from benchmarks.table import Table
from larq_bvit import convert, layers, zoo
from larq_bvit.bench.subjects.random_weights import as_after_training


@pytest.fixture(scope="module")
def quick(few_nano, tmp_path_factory) -> dict:
    """A quick run of two sections, and the page that it wrote."""
    page = tmp_path_factory.mktemp("quick") / "convert.md"
    benchmark.main(sections="a,c", quick=True, output=page)
    return {"page": page, "json": json.loads(page.with_suffix(".json").read_text())}


def test_the_quick_run_measures_one_model(quick):
    (entry,) = quick["json"]["a"]["result"]["models"]
    assert (entry["name"], entry["size"], entry["classes"]) == ("binaryvit_nano", 32, 10)
    model = zoo.create("binaryvit_nano", input_shape=(32, 32, 3), num_classes=10)
    convolutions = [x for x in model.layers if isinstance(x, lq.layers.QuantConv2D)]
    assert entry["binary"] == entry["meant"] == len(convolutions)
    assert entry["bits"] >= zoo.profile(model).binary_parameters / 8
    assert entry["bits"] < entry["float16_bytes"] < entry["float32_bytes"]
    assert entry["relative"] < 1e-4 and entry["holds"]


def test_the_quick_run_compares_images(quick):
    (entry,) = quick["json"]["c"]["result"]["models"]
    assert entry["images"] == 8 and entry["storage"]["float32"]["largest"] < 1e-4
    assert entry["storage"]["float32"]["largest"] < entry["storage"]["float16"]["largest"]


def test_the_page_is_made_of_the_json(quick):
    text = quick["page"].read_text()
    assert text == document.page(quick["json"])
    (entry,) = quick["json"]["a"]["result"]["models"]
    assert f"| `binaryvit_nano` | 32 | 10 | {entry['binary']} of {entry['meant']} |" in text
    assert "## Against LCE" not in text  # that section was not run


def test_sections_are_updated_one_by_one(quick, tmp_path):
    path = tmp_path / "deeper" / "page.md"
    a, c = quick["json"]["a"], quick["json"]["c"]
    document.write(path, {"a": {**a, "about": ["old"]}, "c": c})
    document.write(path, {"a": a})
    assert path.read_text() == quick["page"].read_text()


def test_the_pages_in_the_repository_are_made_of_their_json():
    beside = benchmark.PAGE.with_suffix(".json")
    assert benchmark.PAGE.read_text() == document.page(json.loads(beside.read_text()))


@pytest.mark.parametrize("options", [{"sections": "a,d"}, {"models": "binaryvit_nono"}])
def test_unknown_options(options):
    with pytest.raises(typer.BadParameter, match="got d|binaryvit_nono"):
        benchmark.main(**options)


def test_the_command_repeats_the_run_and_names_no_folder(quick, tmp_path):
    commands = [quick["json"][section]["about"][2] for section in "ac"]
    start = "`python -m benchmarks.convert --sections"
    assert commands == [f"{start} a --quick`", f"{start} c --count 8 --quick`"]
    command = benchmark._command("c", "deit,x", tmp_path / "i.tar", 9, tmp_path / "w", 5, False)
    assert command == f"{start[1:]} c --models deit,x --weights w --images i.tar --count 9"


def test_every_binary_model_is_a_case():
    large = [case.name for case in cases() if case.size == 224]
    assert sorted([*large, "deit_small"]) == zoo.list_models()
    assert {(case.size, case.classes) for case in cases()} == {(224, 1000), (64, 200), (32, 10)}


def test_a_case_takes_its_weight_file(tmp_path):
    assert Case("binaryvit_nano", weights=tmp_path).file is None
    (tmp_path / "binaryvit_nano.h5").touch()
    assert Case("binaryvit_nano", weights=tmp_path).file == tmp_path / "binaryvit_nano.h5"
    assert Case("binaryvit_nano", 64, 200, tmp_path).file is None


class Small(Case):
    """A binary convolution after a float one."""

    def build(self) -> tf.keras.Model:
        x = tf.keras.Input((8, 8, 3))
        y = layers.binary_conv(32, 3)(tf.keras.layers.Conv2D(32, 1)(x))
        return as_after_training(tf.keras.Model(x, tf.keras.layers.Flatten()(y)))


def test_float16_is_what_conversion_gives():
    case = Small("small", 8, 2048)
    model = case.build()
    wanted = convert.convert_model(model, float_storage="float16", verify=False).tflite
    exact = Conversions()(case, model).tflite
    assert len(with_float16(exact)) == len(wanted) != len(exact)


def test_a_shared_conversion_keeps_its_time():
    """Section a may come after one that has converted the model already."""
    case, conversions = Small("small", 8, 2048), Conversions()
    model = case.build()
    first = conversions(case, model)
    seconds = conversions.seconds[case]
    assert conversions(case, model) is first and conversions.seconds[case] == seconds
    (entry,) = sizes.measure([case], conversions, print)["models"]
    assert entry["convert_seconds"] == round(seconds, 1) and seconds > 0
    assert (entry["binary"], entry["meant"], entry["weights"]) == (1, 1, "random")


def test_naive_conversion_is_timed_against_ours():
    said = []
    case = Small("small", 8, 2048)
    result = naive.measure(case, 3, said.append)
    binary = {side: file["binary_layers"] for side, file in result["files"].items()}
    assert binary == {naive.OPEN: 1, naive.NAIVE: 1, naive.OURS: 1}
    for mode in naive.MODES:
        entry = result["modes"][mode]
        for timing in entry["times"].values():
            assert 0 < timing["low"] <= timing["median"] <= timing["high"]
        ratio = entry["times"][naive.NAIVE]["median"] / entry["times"][naive.OURS]["median"]
        assert entry["speedup"]["value"] == pytest.approx(ratio)
    assert len(said) == 4 and json.dumps(result)
    assert [len(table.rows) for table in naive.tables(result)] == [3, 4]


def entry(**changes) -> dict:
    """A result of section a that meets every goal."""
    return {
        **{"name": "binaryvit_small", "size": 224, "binary": 9, "meant": 9, "operators": 1500},
        **{"float32_bytes": 7_600_000, "float16_bytes": 5_200_000, "holds": True, "edges": []},
        **{"convert_seconds": 40.0, "verify_seconds": 35.0, **changes},
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"binary": 8},
        {"operators": 1501},
        {"float32_bytes": 7_610_000},
        {"float16_bytes": 5_210_000},
        {"verify_seconds": 35.1},
    ],
)
def test_each_goal_can_be_missed(changes):
    met = [row[-1] for row in goals.table({"a": {"models": [entry()]}}).rows]
    missed = [row[-1] for row in goals.table({"a": {"models": [entry(**changes)]}}).rows]
    assert met == ["yes"] * 6
    assert missed.count("**no**") == 1 and len(missed) == 6


def test_what_verification_found_is_told():
    edge = entry(edges=["conv reads 1 sign differently"], verification="all", classes=10, bits=0)
    fault = {**edge, "name": "reactnet_a", "holds": False, "verification": "a\nb"}
    numbers = {"relative": 0.1, "convert_seconds": 1.0}
    every, apart = sizes.tables({"models": [{**e, **numbers} for e in (edge, fault)]})
    assert [row[-1] for row in every.rows] == ["1.0e-01 (*)", "1.0e-01 (!)"]
    assert [row[-1] for row in apart.rows] == ["conv reads 1 sign differently", "a; b"]
    verdict = goals.table({"a": {"models": [edge, fault]}}).rows[1]
    assert verdict[0].startswith("verified") and verdict[1:] == ("2 of 2 models", "1", "**no**")


def disagreement(**changes) -> dict:
    """A result of section c with one image of another best class."""
    case = {"image": 3, "disagrees": True, "relative": 0.1, "flip": "conv", **changes}
    numbers = {"top_1": 0.5, "largest": 0.1, "median": 0.1, "parted": 1}
    model = {"model": "m", "weights": "random", "images": 2, "classes_seen": 2}
    model |= {"storage": {"float32": numbers, "float16": numbers}}
    return {"models": [{**model, "disagreements": 1, "explained": [case]}]}


@pytest.mark.parametrize(
    "changes, cause, met",
    [
        ({}, "conv", ["yes"]),
        ({"flip": None}, "NOT A SIGN ON A ROUNDING EDGE: a fault", ["**no**"]),
        ({"flip": None, "disagrees": False, "relative": 1e-6}, "none: rounding only", ["yes"]),
    ],
)
def test_a_disagreement_needs_an_edge(changes, cause, met):
    result = disagreement(**changes)
    assert agreement.tables(result)[1].rows[0][3] == cause
    assert [row[-1] for row in goals.table({"c": result}).rows] == met


def test_a_model_that_is_refused_misses_the_goals():
    refused = {"name": "binaryvit_small", "size": 224, "error": "no"}
    rows = goals.table({"a": {"models": [refused, entry(name="reactnet_a")]}}).rows
    assert [row[-1] for row in rows[:2]] == ["**no**"] * 2


def test_table_as_markdown():
    table = Table("Title", ("Name", "Count"), [("a", "1"), ("b", "")])
    assert table.markdown() == "**Title**\n\n| Name | Count |\n| --- | ---: |\n| a | 1 |\n| b | |"
    assert table.rich().row_count == 2
