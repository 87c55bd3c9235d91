"""evaluation.json of a run."""

import json
from dataclasses import replace

import numpy as np
import pytest

from larq_bvit.train.run_evaluation import RunEvaluation, load_evaluation, save_evaluation
from larq_bvit.train.share import Share
from tests.train.run_folders import evaluation


def test_what_was_saved_is_read(tmp_path):
    path = tmp_path / "evaluation.json"
    assert load_evaluation(path) is None
    save_evaluation(path, evaluation(40))
    saved = evaluation(40)
    assert json.loads(path.read_text()) == {**saved.as_dict(), "hits": saved.hits.as_dict()}
    np.testing.assert_array_equal(load_evaluation(path).hits.right, saved.hits.right)
    names = evaluation(40).classes
    assert load_evaluation(path) == RunEvaluation(names, Share(40, 80), Share(76, 80), 0.0625)
    save_evaluation(path, replace(evaluation(20), top_5=None))
    assert load_evaluation(path) == RunEvaluation(names, Share(20, 80), None, 0.0625)
    assert [file.name for file in tmp_path.iterdir()] == ["evaluation.json"]


def test_of_an_older_release(tmp_path):
    path = tmp_path / "evaluation.json"
    path.write_text(json.dumps(evaluation(40).as_dict()))
    assert load_evaluation(path).top_1 == Share(40, 80) and load_evaluation(path).hits is None


def test_in_words():
    stored = RunEvaluation(("a",), Share(500, 1000), Share(1000, 1000), 0.0625)
    assert str(stored) == (
        "top-1 50.00% (95%: 46.91% to 53.09%), top-5 100.00% (95%: 99.62% to 100.00%), "
        "calibration error 6.25%, 1,000 images"
    )
    assert "top-5" not in str(replace(stored, top_5=None))


BROKEN_HITS = json.dumps({**evaluation(40).as_dict(), "hits": {"right": "AA=="}})


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"images": 3, "top_5": 1, "top_1": {}}', BROKEN_HITS]
)
def test_something_else(tmp_path, text):
    path = tmp_path / "evaluation.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"evaluation\.json is no evaluation \(.*resume the run"):
        load_evaluation(path)
