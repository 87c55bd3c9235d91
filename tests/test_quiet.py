"""What C++ libraries write to stderr."""

import os

import pytest

from larq_bvit._quiet import captured_stderr, hidden_stderr, shown_stderr


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


def test_captures_and_restores(capfd):
    with captured_stderr() as said:
        os.write(2, b"the plan\n\xff")
    os.write(2, b"after\n")
    assert said() == "the plan\n\N{REPLACEMENT CHARACTER}"
    with pytest.raises(ValueError), captured_stderr():
        raise ValueError
    os.write(2, b"at the end\n")
    assert capfd.readouterr().err == "after\nat the end\n"


def test_shows_for_a_moment(capfd, monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    with shown_stderr():
        os.write(2, b"before\n")
    with hidden_stderr(), captured_stderr() as said:
        os.write(2, b"the plan\n")
        with shown_stderr():
            os.write(2, b"a line of ours\n")
        os.write(2, b"more of it\n")
    assert said() == "the plan\nmore of it\n"
    with hidden_stderr():
        with pytest.raises(ValueError), shown_stderr():
            raise ValueError
        os.write(2, b"chatter\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "before\na line of ours\nafter\n"
