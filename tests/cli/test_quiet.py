"""What C++ libraries write to stderr."""

import os

import pytest

from larq_bvit.cli.quiet import hidden_stderr


def test_hides_and_restores(capfd, monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    with pytest.raises(ValueError), hidden_stderr():
        os.write(2, b"chatter\n")
        raise ValueError
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "3"


def test_lets_through_on_demand(capfd, monkeypatch):
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    with hidden_stderr():
        os.write(2, b"chatter\n")
    assert capfd.readouterr().err == "chatter\n"
