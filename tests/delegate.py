"""Marks tests that need the native delegate, and others that need LCE to compare it with."""

import importlib.util

import pytest

from larq_bvit.runtime import delegate_path


def _missing() -> str:
    try:
        delegate_path()
    except ImportError as error:
        return str(error)
    return ""


needs_delegate = pytest.mark.skipif(_missing() != "", reason=_missing() or "the delegate is here")
needs_lce = pytest.mark.skipif(
    importlib.util.find_spec("larq_compute_engine") is None, reason="LCE has no wheel here"
)
