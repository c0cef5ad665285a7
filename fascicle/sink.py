"""A small SMTP server that keeps every letter it takes as a file: the demo's relay and outbox."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class _Keeper:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        body = envelope.original_content or b""
        recipients = "".join(f"X-Original-To: {address}\r\n" for address in envelope.rcpt_tos)
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=".incoming-")
        with os.fdopen(handle, "wb") as file:
            file.write(recipients.encode("utf-8") + body)
        # Under its last name only when whole: whoever reads the folder never meets half a letter.
        taken = len(list(self._folder.glob("*.eml")))
        Path(name).rename(self._folder / f"{taken + 1:06}-{Path(name).name[10:]}.eml")
        return "250 2.0.0 taken"


@contextmanager
def sink(folder: Path, *, host: str = "127.0.0.1") -> Iterator[int]:
    """Run the server on a free port, which it gives, until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    controller = _Loopback(_Keeper(folder), hostname=host, port=0)
    controller.start()
    try:
        yield controller.bound_port
    finally:
        controller.stop()


class _Loopback(Controller):
    """On a port that the system chooses: aiosmtpd makes sure of its server by calling the port it was asked for."""

    def _trigger_server(self) -> None:
        self.port = self.bound_port
        super()._trigger_server()  # type: ignore[no-untyped-call]

    @property
    def bound_port(self) -> int:
        assert self.server is not None
        return int(self.server.sockets[0].getsockname()[1])  # type: ignore[attr-defined]  # aiosmtpd names the base class
