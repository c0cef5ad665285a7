"""What every answer carries, whoever made it."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' https: data:; "
    "media-src 'self' https:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SAFE_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
}
OUR_SCRIPT_RUNS = {"Content-Security-Policy": f"{_POLICY}; script-src 'self'"}
"""For pages with the form on which the reader's zone is guessed; no other page of readers runs a script."""


class SafeHeaders:
    """Adds the safe headers where an answer does not set its own, and leaves HEAD without a body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SAFE_HEADERS.items():
                    headers.setdefault(name, value)
            elif scope["method"] == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        await self.app(scope, receive, guarded)


class Below:
    """Serves the site below a sub-path, whether or not a server in front has taken it off the path already."""

    def __init__(self, app: ASGIApp, *, root: str) -> None:
        self.app = app
        self.root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            # No slug has a NUL, and PostgreSQL refuses to be asked for one.
            path = scope["path"].replace("\0", "\ufffd")
            path = f"{path}/" if self.root and path == self.root else path
            scope = {**scope, "path": path, "root_path": scope.get("root_path") or self.root}
        await self.app(scope, receive, send)
