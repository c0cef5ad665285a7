"""A server that speaks S3 over HTTP, and what it was asked. It is a simulator: moto, which keeps objects in memory."""

import http.client
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server


@dataclass
class Bucket:
    """An empty bucket; `asked` has each request as method, status and key."""

    endpoint: str
    asked: list[str] = field(default_factory=list)
    trouble: int | None = None
    """A status that every request is answered with from now on."""
    before: tuple[str, Callable[[], object]] | None = None
    """What to do, once, before a request as "PUT /bucket/key" is answered."""

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "a key",
            "AWS_SECRET_ACCESS_KEY": "a secret",
            "AWS_REGION": "us-east-1",
        }


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        pass


@contextmanager
def bucket(name: str = "serials") -> Iterator[Bucket]:
    inner = DomainDispatcherApplication(create_backend_app)
    made = Bucket("")

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        def noted(status: str, headers: Any, *rest: Any) -> Any:
            made.asked.append(f"{environ['REQUEST_METHOD']} {status[:3]} {environ['PATH_INFO']}")
            return start(status, headers, *rest)

        if made.trouble:
            noted(f"{made.trouble} Trouble", [])
            return [b""]
        if made.before and made.before[0] == f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}":
            (_, act), made.before = made.before, None
            act()
        return inner(environ, noted)

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    made.endpoint = f"http://127.0.0.1:{server.server_port}"
    _ask(made.endpoint, "POST", "/moto-api/reset")
    _ask(made.endpoint, "PUT", f"/{name}")
    made.asked.clear()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join(20)
        server.server_close()


def _ask(endpoint: str, method: str, path: str) -> None:
    connection = http.client.HTTPConnection(endpoint.removeprefix("http://"), timeout=120)
    connection.request(method, path)
    assert connection.getresponse().read() is not None
    connection.close()
