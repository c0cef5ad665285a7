"""A hub on this machine that answers by script, for what a well-behaved one cannot be made to do."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

Deed = Callable[["_Handler"], None]


def answers(status: int, body: bytes = b"", **fields: str) -> Deed:
    def deed(handler: "_Handler") -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **fields}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return deed


def says(raw: bytes) -> Deed:
    """Writes these bytes, whatever they are, and hangs up."""

    def deed(handler: "_Handler") -> None:
        handler.wfile.write(raw)

    return deed


def hangs(handler: "_Handler") -> None:
    handler.server.over.wait()


def dribbles(handler: "_Handler") -> None:
    """One byte at a time, without an end."""
    handler.wfile.write(b"HTTP/1.1 202 Accepted\r\nX-Long: ")
    while not handler.server.over.wait(0.02):
        handler.wfile.write(b"x")


def pours(handler: "_Handler") -> None:
    """A body without an end."""
    handler.wfile.write(b"HTTP/1.1 500 Oops\r\nConnection: close\r\n\r\n")
    while not handler.server.over.is_set():
        handler.wfile.write(b"x" * 65_536)


class LocalHub(ThreadingHTTPServer):
    """Does one deed after the other, the last one for ever; keeps each form it was sent in `forms`."""

    daemon_threads = True

    def __init__(self, deeds: tuple[Deed, ...]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.deeds = list(deeds) or [answers(202)]
        self.forms: list[dict[str, list[str]]] = []
        self.over = threading.Event()
        self.scheme = "http"

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/hub?key=1"

    @property
    def topics(self) -> list[str]:
        return [form["hub.url"][0] for form in self.forms]

    def next_deed(self) -> Deed:
        return self.deeds.pop(0) if len(self.deeds) > 1 else self.deeds[0]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no fault here."""


class _Handler(BaseHTTPRequestHandler):
    server: LocalHub

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.forms.append({**parse_qs(form), "path": [self.path], "host": [self.headers["Host"]]})
        with suppress(OSError):
            self.server.next_deed()(self)

    def log_message(self, *_: object) -> None:
        """Silence."""


@contextmanager
def a_hub(*deeds: Deed, tls: ssl.SSLContext | None = None) -> Iterator[LocalHub]:
    """A hub that listens until the block ends; it accepts every ping unless told otherwise."""
    hub = LocalHub(deeds)
    if tls:
        hub.socket = tls.wrap_socket(hub.socket, server_side=True)
        hub.scheme = "https"
    thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        hub.over.set()
        hub.shutdown()
        thread.join()
        hub.server_close()
