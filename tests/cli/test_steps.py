"""Named steps."""

import pytest

from larq_bvit.cli.steps import Steps


def test_tells_and_keeps_times(capsys):
    step = Steps(quiet=False)
    assert step("add", lambda: 1 + 1) == 2
    with pytest.raises(ZeroDivisionError):
        step("divide", lambda: 1 / 0)
    assert capsys.readouterr().out == "add ... 0.0 s\ndivide ... failed\n"
    assert list(step.seconds) == ["add"]


def test_quiet(capsys):
    Steps(quiet=True)("add", lambda: 2)
    assert capsys.readouterr().out == ""
