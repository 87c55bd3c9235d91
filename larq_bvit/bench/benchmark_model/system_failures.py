"""Why a system does not start a program, or ends it, by words of shells and loaders, and status."""

from __future__ import annotations

import re
import signal

# of programs that were not started; sh gives 2 where it takes one for text, 0 is not known
_STARTS = (0, 2, 126, 127)
_FOR_THIS = "take one that is built for this machine"
_OTHER_SYSTEM = "take one that is linked statically, or built for this system"
_LIBRARY = re.compile(
    r"error while loading shared libraries: ([^\s:]+)|CANNOT LINK EXECUTABLE.*?library \"([^\"]+)\""
)
_GLIBC = re.compile(r"version `(GLIBC\S*)' not found")
_LINK = re.compile(r"CANNOT LINK EXECUTABLE.*")
_KIND = re.compile(
    r"not executable: (?P<kind>[\w-]+ ELF)|[Ee]xec format error|cannot execute binary file"
    r"|[Ss]yntax error.*unexpected"
)
_FORBIDDEN = re.compile(r"[Pp]ermission denied|can't execute")
_ABSENT = re.compile(r": (?:inaccessible or )?not found|file not found|No such file or directory")
_NO_MEMORY = re.compile(r"std::bad_alloc|out of memory|cannot allocate memory", re.IGNORECASE)
_SIGNALS = {  # what a shell prints of them, where it does
    "Killed": signal.SIGKILL,
    "Segmentation fault": signal.SIGSEGV,
    "Aborted": signal.SIGABRT,
    "Illegal instruction": signal.SIGILL,
    "Bus error": signal.SIGBUS,
    "Terminated": signal.SIGTERM,
}
_MEANING = {
    signal.SIGKILL: "most often because the machine had no memory left; take a smaller model, or "
    "end other programs",
    signal.SIGTERM: "by a time limit or by hand; ask for fewer runs",
    signal.SIGILL: "for instructions that this processor lacks; take one that is built for it",
}


def why_refused(text: str, status: int = 0, program: str = "the program") -> str | None:
    """Why the system did not start a program, and what to do; None where it did, as it seems.

    Arguments:
        text: what the shell, the loader or the program wrote.
        status: with which it ended; 0 where it is not known.
        program: its name.
    """
    if match := _LIBRARY.search(text):
        library = match[1] or match[2]
        return f"{program} needs the library {library}, which this machine lacks; {_OTHER_SYSTEM}"
    if match := _GLIBC.search(text):
        return f"{program} needs {match[1]}, and this system is older; {_OTHER_SYSTEM}"
    if match := _LINK.search(text):
        return f"{program} can't be linked there ({match[0].strip()}); {_OTHER_SYSTEM}"
    if status in _STARTS and (reason := _not_started(text, status)):
        return f"{program} {reason}"
    return None


def _not_started(text: str, status: int) -> str | None:
    said = f" ({text.strip().splitlines()[-1].strip()})" if text.strip() else ""
    if match := _KIND.search(text):
        what = f": it is a {match['kind']} file" if match["kind"] else ""
        return f"is for another processor{what}; {_FOR_THIS}, on most phones aarch64 (arm64-v8a)"
    absent = bool(_ABSENT.search(text)) and status != 2
    if status == 127 or absent:
        return (
            f"does not start{said}: it is not there, or its loader is not, as it is for another "
            f"system (Android or Linux, 32 or 64 bits); {_FOR_THIS}"
        )
    if status == 126 or (_FORBIDDEN.search(text) and status == 0):
        return (
            f"may not be executed there{said}: is it a program, with `chmod +x`, in a folder that "
            f"allows programs (not mounted noexec; on Android below /data/local/tmp)?"
        )
    return None


def why_no_memory(text: str) -> str | None:
    """That memory was short, where a program says so, and what to do."""
    match = _NO_MEMORY.search(text)
    return match and (
        f"the machine has too little memory for the model ({match[0]}); take a smaller one, or "
        f"end other programs"
    )


def signal_of(text: str, status: int) -> int:
    """The number of the signal that ended a program; 0 where none did.

    Arguments:
        text: what the program and the shell wrote.
        status: with which it ended; 128 + N or -N where signal N ended it.
    """
    if status:
        return max(status - 128, 0) if status > 0 else -status
    words = (name for name in _SIGNALS if re.search(rf"(?m)(?:^|\s){name}\b", text))
    return next((int(_SIGNALS[name]) for name in words), 0)


def killed_by(number: int, program: str = "it") -> str:
    """What a signal means, and what to do."""
    try:
        known = signal.Signals(number)
    except ValueError:
        return f"{program} ended with status {number + 128}"
    meaning = _MEANING.get(known)
    ended = f"signal {number} ({known.name}) ended {program}"
    return f"{ended}, {meaning}" if meaning else f"{ended}: it crashed; take another build of it"


def without_signals(lines: list[str]) -> list[str]:
    """The lines without those in which a shell tells how a program ended; all if these are all."""
    return [line for line in lines if not any(name in line for name in _SIGNALS)] or lines
