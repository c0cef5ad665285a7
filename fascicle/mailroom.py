"""What a worker does for what comes back: it holds the ports open, reads the mailbox, forgets what is old."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from fascicle.app import App
from fascicle.config_bounces import Bounces, place_of
from fascicle.returning import mailbox_of, taker_of
from mail.door import Door, DoorSettings, DoorShut
from mail.mailbox import read_mailbox
from scheduler import copies
from timing.clocks import machine_now

log = structlog.get_logger()

TIDY = timedelta(hours=1)


class Mailroom:
    """`tend` and `visit` are each called again and again, by a thread of its own; then `close`."""

    def __init__(self, app: App, settings: Bounces) -> None:
        self._app = app
        self._settings = settings
        self._taker = taker_of(app.config, app.store, app.house, app.now)
        self._open: dict[str, Door] = {}
        self._trouble: dict[str, str] = {}
        self._tidied_at: datetime | None = None

    @property
    def rest(self) -> float:
        """Seconds between two visits to the mailbox."""
        return float(self._settings.mailbox.every_seconds) if self._settings.mailbox else 0.0

    @property
    def has_mailbox(self) -> bool:
        return self._settings.mailbox is not None

    def tend(self) -> None:
        """Open the ports that are not: another worker of this machine may have had them. Drop what is old."""
        for protocol, place in (("smtp", self._settings.smtp), ("lmtp", self._settings.lmtp)):
            if place and protocol not in self._open:
                self._try_to_open(protocol, place)
        self._tidy(machine_now())

    def visit(self, stopping: Callable[[], bool]) -> int:
        """Read what is new in the mailbox; gives how many messages it was. Nothing on a copy: it is the other one's."""
        box = mailbox_of(self._app.config)
        if box is None:
            return 0
        copies.check(self._app.store, self._app.config.node_file)
        return read_mailbox(
            box, lambda message: self._taker.take(message, now=machine_now()).understood, stopping=stopping
        )

    def close(self) -> None:
        for door in self._open.values():
            door.close()

    def _try_to_open(self, protocol: str, place: str) -> None:
        host, port = place_of(place)
        settings = DoorSettings(host, port, "smtp" if protocol == "smtp" else "lmtp")
        door = Door(settings, takes=self._taker.paths.takes, take=self._take)
        try:
            bound = door.open()
        except DoorShut as error:
            door.close()
            self._say_once(protocol, str(error))
            return
        self._open[protocol] = door
        log.info("bounces are taken", protocol=protocol, host=host, port=bound)

    def _say_once(self, protocol: str, problem: str) -> None:
        if self._trouble.get(protocol) != problem:
            log.error("bounces are not taken here", problem=problem)
            self._trouble[protocol] = problem

    def _take(self, data: bytes, recipient: str) -> None:
        self._taker.take(data, recipient, now=machine_now())

    def _tidy(self, now: datetime) -> None:
        if self._tidied_at is not None and now - self._tidied_at < TIDY:
            return
        while self._taker.forget(before=now - self._settings.keep):
            pass
        self._tidied_at = now
