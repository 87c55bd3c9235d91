"""Talks to headless Chromium by its DevTools protocol, over pipes."""

import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from itertools import count

from tests.bench.report.chromium import PROGRAM, QUIET

_PATIENCE = 120  # seconds
# Chromium reads commands from descriptor 3 and answers on 4
_START = """
import fcntl, os, sys
high = [fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3]]
os.dup2(high[0], 3)
os.dup2(high[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Page:
    """A page in a browser that a pointer can be moved over."""

    def __init__(self, writing, reading):
        self._writing, self._reading = writing, reading
        self._numbers, self._session = count(1), None

    def open(self, address, width, height):
        """Opens it in a window of that many pixels, and waits until it is whole."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        self.call("Page.enable")
        self.call("Page.navigate", url=address)
        while self._read().get("method") != "Page.loadEventFired":
            pass

    def evaluate(self, script):
        """What an expression of JavaScript gives."""
        given = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in given, given
        return given["result"].get("value")

    def point(self, x, y):
        """Moves the pointer."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def call(self, method, **params):
        """A command's result."""
        message = {"id": next(self._numbers), "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._writing.write(json.dumps(message).encode() + b"\0")
        self._writing.flush()
        while True:
            answer = self._read()
            if answer.get("id") == message["id"]:
                assert "error" not in answer, answer
                return answer["result"]

    def _read(self):
        text = bytearray()
        while (char := self._reading.read(1)) != b"\0":
            assert char, "Chromium has ended"
            text += char
        return json.loads(text)


@contextmanager
def browser(folder):
    """A browser with a `Page`, until the end of the block."""
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    options = [*QUIET, "--headless", "--remote-debugging-pipe", f"--user-data-dir={folder}"]
    process = subprocess.Popen(
        [sys.executable, "-c", _START, str(theirs_in), str(theirs_out), PROGRAM, *options],
        pass_fds=(theirs_in, theirs_out),
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs_in)
    os.close(theirs_out)
    watch = threading.Timer(_PATIENCE, process.kill)
    watch.start()
    try:
        with os.fdopen(ours_out, "wb") as writing, os.fdopen(ours_in, "rb") as reading:
            yield Page(writing, reading)
    finally:
        watch.cancel()
        process.kill()
        process.wait()
