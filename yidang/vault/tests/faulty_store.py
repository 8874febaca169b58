"""A server between the program and the store that fails as real ones do: busy, an inner error, an answer cut short."""

import http.client
import itertools
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

_HOP = {"connection", "transfer-encoding", "content-length"}


class Faulty:
    """Passes every request on, except those that it fails."""

    def __init__(self, endpoint: str) -> None:
        self.every = 0
        self.down = False
        self.failed = 0
        self._count = itertools.count(1)
        self._target = urlsplit(endpoint).netloc
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *words: object) -> None:
                return

            def _pass_on(self) -> None:
                outer.answer(self)

            do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _pass_on

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """One request."""
        if handler.headers.get("Expect", "").lower() == "100-continue":
            handler.send_response_only(100)
            handler.end_headers()
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        number = next(self._count)
        if self.down:
            handler.close_connection = True
            return
        fails = self.every and number % self.every == 0
        if fails and number % 2:
            self.failed += 1
            self._say(handler, 503, b"<Error><Code>SlowDown</Code></Error>")
            return
        # Signed for our address, so the store must see the same Host.
        store = http.client.HTTPConnection(self._target, timeout=30)
        headers = {name: value for name, value in handler.headers.items() if name.lower() != "expect"}
        store.request(handler.command, handler.path, body, headers)
        told = store.getresponse()
        content = told.read()
        if fails:
            # The store did what was asked and the answer is lost on its way.
            self.failed += 1
            handler.close_connection = True
            handler.connection.close()
            return
        handler.send_response_only(told.status)
        for name, value in told.getheaders():
            if name.lower() not in _HOP:
                handler.send_header(name, value)
        length = told.getheader("Content-Length") if handler.command == "HEAD" else str(len(content))
        if length is not None:
            handler.send_header("Content-Length", length)
        handler.end_headers()
        handler.wfile.write(content)

    @staticmethod
    def _say(handler: BaseHTTPRequestHandler, status: int, content: bytes) -> None:
        handler.send_response_only(status)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(content)
