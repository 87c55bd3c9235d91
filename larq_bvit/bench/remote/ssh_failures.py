"""What the system's `ssh` says when it fails, and what to do then."""

from __future__ import annotations

import re

from larq_bvit.bench.place_name import host_and_port
from larq_bvit.bench.remote.errors import GoneError
from larq_bvit.bench.remote.shell import DeviceError

# {what ssh says: what it means, and the next step}; {host} is what ssh is given, {key} its name
# among known hosts
_BEFORE = {
    r"REMOTE HOST IDENTIFICATION HAS CHANGED": (
        "has another host key than before; if it was set up anew, ssh-keygen -R {key} and "
        "ssh {host} once, else someone may listen"
    ),
    r"Host key verification failed|No .* host key is known": (
        "has a host key that this computer does not know; ssh {host} once and check and accept it"
    ),
    r"Permission denied|Too many authentication failures": (
        "refuses the login, and there is nobody to type a password; ssh-copy-id {host}, or name "
        "user and key in ~/.ssh/config, until ssh {host} asks for nothing"
    ),
    r"Could not resolve hostname": (
        "has no known address; check the name, or add it to ~/.ssh/config"
    ),
    r"Connection refused": (
        "has no ssh server on that port; start one there (sshd), or give HOST:PORT"
    ),
    r"timed out|No route to host|Network is unreachable|Host is down": (
        "does not answer; is it on, in the same network, and does a firewall let ssh through?"
    ),
    r"Bad configuration option|bad configuration|Bad owner or permissions": (
        "can't be reached, as ssh does not take its configuration; mend ~/.ssh/config"
    ),
    r"Unable to negotiate": "and this computer's ssh know no common method; see ssh -v {host}",
}
_DURING = re.compile(
    r"Connection (to \S+ )?(closed|reset)|closed by remote host|Broken pipe|client_loop"
    r"|Connection (timed out|refused)|No route to host|Network is unreachable|not responding"
    r"|lost connection|kex_exchange_identification|mux_client",
    re.IGNORECASE,
)
# remarks, not failures
_REMARK = re.compile(
    r"(Warning: Permanently added|Connection to \S+ closed\.|Pseudo-terminal|\*\* ).*|",
    re.IGNORECASE,
)


def explain_connect(host: str, words: str) -> DeviceError:
    """Why there is no connection.

    Arguments:
        host: as the user has written it.
        words: standard error of ssh.
    """
    login, port = host_and_port(host)
    given, name = _for_ssh(host), login.rpartition("@")[2]
    key = f"'[{name}]:{port}'" if port else name
    for pattern, step in _BEFORE.items():
        if re.search(pattern, words, re.IGNORECASE):
            told = step.format(host=given, key=key)
            return DeviceError(f"{host} {told} (ssh: {last_line(words)})")
    return DeviceError(f"can't reach {host}: ssh: {last_line(words)}; see ssh -v {given}")


def _for_ssh(host: str) -> str:
    """As `ssh` and `ssh-copy-id` take it."""
    name, port = host_and_port(host)
    return f"-p {port} {name}" if port else name


def is_gone(words: str) -> bool:
    """Whether ssh says that a connection broke."""
    return bool(_DURING.search(words))


def gone(host: str, words: str) -> GoneError:
    """The error for a connection that broke."""
    return GoneError(
        f"{host} is gone (ssh: {last_line(words)}); check its power, heat and network, see that "
        f"ssh {_for_ssh(host)} works, and start again"
    )


def last_line(words: str) -> str:
    """What ssh said last, without remarks."""
    lines = [line.strip() for line in words.splitlines()]
    kept = [line for line in lines if not _REMARK.fullmatch(line) and not set(line) <= {"@"}]
    return kept[-1] if kept else "no message"
