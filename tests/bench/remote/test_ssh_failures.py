"""What ssh says, and what to do then; test_ssh_on_server.py provokes the frequent ones for real."""

from __future__ import annotations

import pytest

from larq_bvit.bench.remote.shell import DeviceError
from larq_bvit.bench.remote.ssh import connect
from larq_bvit.bench.remote.ssh_failures import explain_connect, gone, is_gone, last_line


@pytest.mark.parametrize(
    ("words", "step"),
    [
        ("ssh: connect to host pi port 22: Connection timed out", "does not answer; is it on"),
        ("ssh: connect to host pi port 22: No route to host", "does not answer; is it on"),
        ("pi: Permission denied (publickey,password).", "refuses the login"),
        ("Received disconnect from 1.2.3.4: Too many authentication failures", "refuses the login"),
        ("No ED25519 host key is known for pi and you have requested strict", "ssh pi once"),
        (
            "Unable to negotiate with pi port 22: no matching host key type found.",
            "know no common method; see ssh -v pi",
        ),
        ("/home/u/.ssh/config: line 3: Bad configuration option: x", "mend ~/.ssh/config"),
        ("ssh: something new", "can't reach pi: ssh: ssh: something new; see ssh -v pi"),
        ("", "no message"),
    ],
)
def test_every_reason_has_its_next_step(words: str, step: str) -> None:
    message = str(
        explain_connect("pi", f"Warning: Permanently added 'pi' to known hosts.\n{words}\n")
    )
    assert step in message and "pi" in message


def test_a_changed_key_is_not_called_unknown() -> None:
    words = (
        "@@@@@@@@\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\n@@@@@@@@\n"
        "Host key verification failed.\n"
    )
    message = str(explain_connect("pi", words))
    assert "another host key than before" in message
    assert message.endswith("(ssh: Host key verification failed.)")


@pytest.mark.parametrize(
    "words",
    [
        "client_loop: send disconnect: Broken pipe",
        "Timeout, server pi not responding.",
        "Connection to pi closed by remote host.",
        "kex_exchange_identification: read: Connection reset by peer",
        "lost connection",
    ],
)
def test_a_line_that_broke(words: str) -> None:
    assert is_gone(words)
    assert str(gone("pi", words)).startswith(f"pi is gone (ssh: {words}); check its power")


def test_a_failing_command_is_no_broken_line() -> None:
    assert not is_gone("sh: 1: x: not found")


def test_remarks_are_passed_over() -> None:
    assert last_line("first\nConnection to pi closed.\n\n") == "first"


@pytest.mark.parametrize("host", ["-oProxyCommand=x", "", "a b"])
def test_a_host_can_be_no_option_of_ssh(host: str) -> None:
    with pytest.raises(DeviceError, match="expected HOST, USER@HOST or a name"):
        connect(host)


def test_without_ssh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(DeviceError, match="no ssh on PATH; install OpenSSH's client"):
        connect("pi")


def test_a_port_is_named_as_ssh_takes_it():
    message = str(explain_connect("pi@board:2222", "Permission denied (publickey)."))
    assert message.startswith("pi@board:2222 refuses the login")
    assert "ssh-copy-id -p 2222 pi@board, or" in message
    message = str(explain_connect("pi@board:2222", "REMOTE HOST IDENTIFICATION HAS CHANGED!"))
    assert "ssh-keygen -R '[board]:2222' and ssh -p 2222 pi@board once" in message
    assert "that ssh -p 2222 pi@board works" in str(gone("pi@board:2222", "Broken pipe"))
