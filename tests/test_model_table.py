"""docs/models.md is what its generator gives."""

import pytest

from larq_bvit import zoo
from tests import model_table

LINES = model_table.PATH.read_text(encoding="utf-8").splitlines()
STALE = "docs/models.md is out of date: run make docs"


@pytest.mark.parametrize("name", zoo.list_models())
def test_row(name):
    assert model_table.row(name) in LINES, STALE


def test_page():
    assert model_table.text().splitlines() == LINES, STALE


def test_no_line_breaks_the_table():
    tables = [line for line in LINES if line.startswith("|")]
    assert all(line.endswith("|") for line in tables)


def test_large_differences_must_be_explained(monkeypatch):
    wrong = {"reactnet_a": model_table.Published(0.8, "nowhere")}
    monkeypatch.setattr(model_table, "PUBLISHED", wrong)
    with pytest.raises(AssertionError, match="explain why reactnet_a has .8.9% of the published"):
        model_table.difference("reactnet_a")
