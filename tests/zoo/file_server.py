"""A web server of one file, on this machine, that misbehaves as it is told."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


class FileServer(ThreadingHTTPServer):
    """Answers every GET with its content, or as the next one of `script` does.

    Attributes:
        content, etag: what it has; no ETag is sent without one.
        script: answers to the next requests, `answer(handler)`.
        asked: (path, Range, If-Range) of every request so far.
    """

    daemon_threads = True

    def __init__(self, content: bytes, etag: str | None = '"v1"') -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content, self.etag = content, etag
        self.script: list[Callable[[_Handler], None]] = []
        self.asked: list[tuple[str, str | None, str | None]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/weights"

    @property
    def ranges(self) -> list[str | None]:
        """What part of the file each request asked for."""
        return [asked for _, asked, _ in self.asked]


class _Handler(BaseHTTPRequestHandler):
    server: FileServer

    def do_GET(self) -> None:
        names = ("Range", "If-Range")
        self.server.asked.append((self.path, *(self.headers.get(name) for name in names)))
        script = self.server.script
        (script.pop(0) if script else serve)(self)

    def start(self, status: int, **headers: object) -> None:
        """Everything before the body; `Content_Range` is written Content-Range."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


def serve(handler: _Handler, limit: int | None = None) -> None:
    """As a good server does; after `limit` bytes of the body the connection is cut."""
    server = handler.server
    content, headers, status, start = server.content, {}, 200, 0
    if server.etag is not None:
        headers["ETag"] = server.etag
    asked, condition = handler.headers.get("Range"), handler.headers.get("If-Range")
    if asked is not None and condition in (None, server.etag):
        start, status = int(asked.removeprefix("bytes=").removesuffix("-")), 206
        if start >= len(content):
            handler.start(416, Content_Range=f"bytes */{len(content)}", Content_Length=0)
            return
        headers["Content_Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
    handler.start(status, Content_Length=len(content) - start, **headers)
    handler.wfile.write(content[start:][:limit])


def cut(limit: int) -> Callable[[_Handler], None]:
    return lambda handler: serve(handler, limit)


def without_ranges(handler: _Handler) -> None:
    del handler.headers["Range"]
    serve(handler)


def chunked(limit: int | None = None) -> Callable[[_Handler], None]:
    """Without saying how long it is, in HTTP/1.0's way: until the connection ends."""

    def answer(handler: _Handler) -> None:
        handler.start(200)
        handler.wfile.write(handler.server.content[:limit])

    return answer


def status(code: int, **headers: object) -> Callable[[_Handler], None]:
    return lambda handler: handler.start(code, Content_Length=0, **headers)


def stall(seconds: float) -> Callable[[_Handler], None]:
    """Goes silent in the middle."""

    def answer(handler: _Handler) -> None:
        handler.start(200, Content_Length=len(handler.server.content))
        handler.wfile.write(handler.server.content[: 1 << 16])
        time.sleep(seconds)

    return answer


def held(until: Event) -> Callable[[_Handler], None]:
    """Serves when it is told to."""

    def answer(handler: _Handler) -> None:
        until.wait(60)
        serve(handler)

    return answer


@contextmanager
def file_server(content: bytes) -> Iterator[FileServer]:
    with FileServer(content) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
