"""evaluation.json of a run."""

import json
from dataclasses import replace

import pytest

from larq_bvit.train.run_evaluation import RunEvaluation, load_evaluation, save_evaluation
from larq_bvit.train.share import Share
from tests.train.run_folders import evaluation


def test_what_was_saved_is_read(tmp_path):
    path = tmp_path / "evaluation.json"
    assert load_evaluation(path) is None
    save_evaluation(path, evaluation(40))
    assert json.loads(path.read_text()) == evaluation(40).as_dict()
    names = evaluation(40).classes
    assert load_evaluation(path) == RunEvaluation(names, Share(40, 80), Share(76, 80), 0.0625)
    save_evaluation(path, replace(evaluation(20), top_5=None))
    assert load_evaluation(path) == RunEvaluation(names, Share(20, 80), None, 0.0625)
    assert [file.name for file in tmp_path.iterdir()] == ["evaluation.json"]


def test_in_words():
    stored = RunEvaluation(("a",), Share(500, 1000), Share(1000, 1000), 0.0625)
    assert str(stored) == (
        "top-1 50.00% (95%: 46.91% to 53.09%), top-5 100.00% (95%: 99.62% to 100.00%), "
        "calibration error 6.25%, 1,000 images"
    )
    assert "top-5" not in str(replace(stored, top_5=None))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"images": 3, "top_5": 1, "top_1": {}}'])
def test_something_else(tmp_path, text):
    path = tmp_path / "evaluation.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"evaluation\.json is no evaluation \(.*resume the run"):
        load_evaluation(path)
