"""The catalog has the zoo's models."""

from larq_bvit import zoo
from larq_bvit.cli.catalog import CATALOG


def test_names_are_those_of_the_zoo():
    assert sorted(CATALOG) == zoo.list_models()
    assert all(what and reference for what, reference in CATALOG.values())
