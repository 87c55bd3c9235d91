"""Tests that take minutes, for LARQ_BVIT_LONG_TESTS=1 alone."""

import os

import pytest

LONG = os.environ.get("LARQ_BVIT_LONG_TESTS") == "1"


def long_test(takes: str) -> pytest.MarkDecorator:
    """The mark of a test that takes `takes`."""
    return pytest.mark.skipif(not LONG, reason=f"set LARQ_BVIT_LONG_TESTS=1: takes {takes}")
