"""Real servers on ports that the system chooses, and a client that shows the bytes as they travel."""

import gzip
import http.client
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI

from feeds.storage import DirectoryStorage, Storage


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    raw: bytes

    @property
    def plain(self) -> bytes:
        return gzip.decompress(self.raw) if self.headers["content-encoding"] == "gzip" else self.raw


@dataclass(frozen=True)
class Served:
    """A folder of documents, and the URL of a server that shows what is in it."""

    url: str
    folder: Path

    @cached_property
    def storage(self) -> Storage:
        return DirectoryStorage(self.folder)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def ask(self, method: str, path: str, **headers: str) -> Answer:
        """One request on a connection of its own; `if_none_match="…"` becomes a header of that name."""
        with connected(self.url) as connection:
            return exchange(connection, method, path, **headers)

    def empty(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def connected(url: str) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
    try:
        yield connection
    finally:
        connection.close()


def exchange(connection: http.client.HTTPConnection, method: str, path: str, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    # http.client itself would ask for identity.
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in named.items():
        connection.putheader(name, value)
    connection.endheaders()
    reply = connection.getresponse()
    return Answer(reply.status, reply.headers, reply.read())


@contextmanager
def serving(app: FastAPI, *, port: int = 0) -> Iterator[str]:
    """The URL of a web application; on a port that the system chooses, unless one is named."""
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, ws="none", server_header=False))
    ready = threading.Event()
    started = server.startup

    async def startup(sockets: object = None) -> None:
        await started(sockets)  # type: ignore[arg-type]
        ready.set()

    server.startup = startup  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run)
    thread.start()
    assert ready.wait(20)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)
