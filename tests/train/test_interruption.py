"""Signals are remembered, then given back."""

import os
import signal
import threading

import pytest

from larq_bvit.train.interruption import InterruptedRun, Interruption


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_is_remembered(number, code):
    before = signal.getsignal(number)
    with Interruption() as interruption:
        assert interruption.received is None
        os.kill(os.getpid(), number)
        assert interruption.received == number
    assert signal.getsignal(number) is before
    assert InterruptedRun(interruption.received).exit_code == code


def test_the_second_interrupt_is_for_now():
    with pytest.raises(KeyboardInterrupt), Interruption():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)


def test_the_first_signal_counts():
    with Interruption() as interruption:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
    assert interruption.received == signal.SIGTERM


def test_a_thread_gets_none():
    errors = []

    def run():
        try:
            with Interruption():
                pass
        except ValueError as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert not errors
