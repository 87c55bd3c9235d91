"""What the library logs, as lines on stderr."""

import logging
import os
import sys

import pytest

from larq_bvit._quiet import hidden_stderr
from larq_bvit.cli.log_lines import log_lines

LOG = logging.getLogger("larq_bvit.zoo.matching")


def test_lines(capsys):
    with log_lines():
        LOG.info("classifier is new: %d classes", 3)
        LOG.warning("a file is damaged")
        LOG.debug("details")
        logging.getLogger("tensorflow").error("chatter")
    LOG.info("when it is over")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "classifier is new: 3 classes\nwarning: a file is damaged\n"


def test_is_shown_where_stderr_is_hidden(capfd, monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    with open(2, "w", closefd=False) as stderr:  # as Python's own, which pytest takes away
        monkeypatch.setattr(sys, "stderr", stderr)
        with log_lines(), hidden_stderr():
            os.write(2, b"chatter\n")
            LOG.warning("layers are not packed")
            print("more chatter", file=sys.stderr, flush=True)
    assert capfd.readouterr().err == "warning: layers are not packed\n"


def test_is_shown_once_beside_handlers_of_the_root(capsys):
    handler = logging.StreamHandler()  # as absl's, which comes with TensorFlow
    logging.getLogger().addHandler(handler)
    try:
        with log_lines():
            LOG.warning("a file is damaged")
    finally:
        logging.getLogger().removeHandler(handler)
    assert capsys.readouterr().err == "warning: a file is damaged\n"


def test_is_as_before_after_an_error():
    log = logging.getLogger("larq_bvit")
    before = log.level, log.propagate, log.handlers[:]
    with pytest.raises(ValueError), log_lines():
        raise ValueError
    assert (log.level, log.propagate, log.handlers) == before
