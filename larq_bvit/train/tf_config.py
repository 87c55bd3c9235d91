"""TF_CONFIG: which workers make up a run, and which of them this process is."""

from __future__ import annotations

import json
from dataclasses import dataclass

_EXAMPLE = (
    '{"cluster": {"worker": ["host0:12345", "host1:12345"]}, '
    '"task": {"type": "worker", "index": 0}}'
)


@dataclass(frozen=True)
class Cluster:
    """The workers of a run, the chief first.

    Attributes:
        addresses: host:port of each of them.
        index: which one this process is.
    """

    addresses: tuple[str, ...]
    index: int


def read_tf_config(text: str) -> Cluster:
    """The workers that the value of TF_CONFIG names.

    The task `chief`, where there is one, is the first worker, else `worker` 0 is.

    Raises:
        ValueError: it is no JSON, lacks something, or has tasks of other kinds.
    """
    try:
        config = json.loads(text)
        cluster = {kind: tuple(map(str, config["cluster"][kind])) for kind in config["cluster"]}
        kind, index = config["task"]["type"], config["task"]["index"]
    except ValueError as error:
        raise _wrong(f"it is no JSON ({error})", text) from None
    except (KeyError, TypeError) as error:
        raise _wrong(f"'cluster' and 'task' are incomplete ({error!r})", text) from None
    others = sorted((cluster.keys() | {kind}) - {"chief", "worker"})
    if others:
        raise _wrong(f"expected tasks 'chief' and 'worker' alone; got {', '.join(others)}", text)
    if len(cluster.get("chief", ())) > 1:
        raise _wrong("expected at most one chief", text)
    addresses = cluster.get(kind, ())
    if type(index) is not int or not 0 <= index < len(addresses):
        raise _wrong(f"there is no {kind} {index!r} among {len(addresses)}", text)
    chief, workers = cluster.get("chief", ()), cluster.get("worker", ())
    return Cluster(chief + workers, index + (len(chief) if kind == "worker" else 0))


def _wrong(why: str, text: str) -> ValueError:
    return ValueError(f"TF_CONFIG: {why}; expected such as {_EXAMPLE}, got {text!r}")
