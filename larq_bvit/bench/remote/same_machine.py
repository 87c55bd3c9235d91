"""Whether two shells reach one machine."""

from __future__ import annotations

import re

from larq_bvit.bench.remote.shell import Shell

# Linux makes one at each start, so copies of a system differ; containers of one machine share it.
_BOOT = "cat /proc/sys/kernel/random/boot_id 2>/dev/null; true"


def identity(shell: Shell) -> str | None:
    """What only shells of the same machine have in common; None where it does not tell.

    Raises:
        DeviceError: the machine is gone.
    """
    told = shell.run(_BOOT).output.strip()
    return told if re.fullmatch(r"[0-9a-f-]{36}", told) else None
