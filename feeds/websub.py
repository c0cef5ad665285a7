"""Telling a WebSub hub that a document has changed: one request, one answer, in a bounded time."""

import contextlib
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode

import h11

from db.errors import FascicleError
from feeds.outward import AddressRefused, Deadline, Outward, Place, place_of

MOST_READ: Final = 8 * 1024
"""Bytes of an answer's head, and of its body, that are read."""
LONGEST_WAIT: Final = timedelta(days=1)
"""What a hub asks for beyond this is not believed."""
_LONGEST_WORDS = 200
_COME_AGAIN = (408, 425, 429)


class Verdict(StrEnum):
    told = "told"
    later = "later"
    """The hub is away or in trouble: the same request may succeed another time."""
    refused = "refused"
    """The hub, or we, do not want this: until somebody changes something, it will be so again."""


@dataclass(frozen=True)
class Answer:
    """What became of a request; `retry_after` is the field of that name, as it came."""

    verdict: Verdict
    problem: str = ""
    retry_after: str | None = None


class HubDown(FascicleError):
    """The hub cannot be reached."""


@dataclass(frozen=True)
class Hub:
    """One hub. A whole conversation with it ends within `patience` seconds, whatever it does."""

    url: str
    patience: float
    outward: Outward = field(default_factory=Outward)

    def tell(self, topic: str) -> Answer:
        """Say that the document at the URL `topic` has changed (W3C WebSub, 7). Never raises for what a hub does.

        The recommendation leaves this request to hub and publisher. PubSubHubbub 0.3 wrote `hub.url`, which Google's
        and Superfeedr's hubs want; others (Switchboard, websubhub.com) want `hub.topic`. Each ignores the other
        field, so both are sent. One topic a request: not every hub takes more.
        """
        form = urlencode([("hub.mode", "publish"), ("hub.url", topic), ("hub.topic", topic)]).encode("ascii")
        try:
            return self._ask(form, Deadline.after(self.patience))
        except (OSError, h11.RemoteProtocolError) as error:
            return self._trouble(error)

    def reach(self) -> None:
        """Connect, say nothing, and hang up. Raises HubDown with the reason and what now."""
        try:
            self.outward.connect(place_of(self.url), Deadline.after(self.patience)).close()
        except OSError as error:
            raise HubDown(self._trouble(error).problem) from None

    def _ask(self, form: bytes, deadline: Deadline) -> Answer:
        place = place_of(self.url)
        with self.outward.connect(place, deadline) as line:
            talk = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_READ)
            line.settimeout(deadline.left())
            line.sendall(_request(talk, place, form))
            response = _response(talk, line, deadline)
            if 200 <= response.status_code < 300:
                return Answer(Verdict.told)
            return self._not_told(response, _body(talk, line, deadline))

    def _not_told(self, response: h11.Response, body: bytes) -> Answer:
        """A redirect is not followed: where it leads was looked at by nobody, and most turn a POST into a GET."""
        status, retry_after = response.status_code, _field(response, b"retry-after")
        if 300 <= status < 400:
            where = _one_line(_field(response, b"location") or "another place")
            return self._failed(Verdict.refused, f"redirects to {where}; name the right address", retry_after)
        verdict = Verdict.later if status >= 500 or status in _COME_AGAIN else Verdict.refused
        words = _one_line(body.decode("utf-8", "replace"))
        return self._failed(verdict, f"answers {status} {words}".rstrip(), retry_after)

    def _trouble(self, error: Exception) -> Answer:
        if isinstance(error, AddressRefused):
            return self._failed(Verdict.refused, f"{error}; `hub_private: true` allows a hub of your own network")
        if isinstance(error, ssl.SSLCertVerificationError):
            return self._failed(Verdict.refused, f"its certificate is not good: {error.verify_message}")
        if isinstance(error, TimeoutError):
            return self._failed(Verdict.later, f"no answer within {self.patience:g} seconds")
        if isinstance(error, h11.RemoteProtocolError):
            return self._failed(Verdict.later, f"no answer in HTTP: {_one_line(str(error))}")
        return self._failed(Verdict.later, f"no connection: {_one_line(str(error))}")

    def _failed(self, verdict: Verdict, reason: str, retry_after: str | None = None) -> Answer:
        return Answer(verdict, f"feeds.hub {self.url}: {reason}", retry_after)


def wait_asked(retry_after: str | None, *, now: datetime) -> timedelta | None:
    """How long a Retry-After asks to wait (RFC 9110, 10.2.3: seconds or a date), a day at most; None without one."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        seconds = int(text[:9]) if len(text) <= 9 else LONGEST_WAIT.total_seconds()
        return min(timedelta(seconds=seconds), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta()), LONGEST_WAIT)


def _request(talk: h11.Connection, place: Place, form: bytes) -> bytes:
    headers: Sequence[tuple[str, str]] = [
        ("Host", place.authority),
        ("User-Agent", "Fascicle"),
        ("Accept", "*/*"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Content-Length", str(len(form))),
        ("Connection", "close"),
    ]
    parts = (h11.Request(method="POST", target=place.target, headers=list(headers)), h11.Data(form), h11.EndOfMessage())
    return b"".join(sent for part in parts if (sent := talk.send(part)))


def _response(talk: h11.Connection, line: socket.socket, deadline: Deadline) -> h11.Response:
    """The head of the answer. Raises TimeoutError, OSError, h11.RemoteProtocolError."""
    while True:
        event = _next(talk, line, deadline)
        if isinstance(event, h11.Response):
            return event
        if not isinstance(event, h11.InformationalResponse):
            raise h11.RemoteProtocolError("the line was closed")


def _body(talk: h11.Connection, line: socket.socket, deadline: Deadline) -> bytes:
    """The beginning of the body, as far as it comes: the head has said what counts."""
    body = b""
    with contextlib.suppress(OSError, h11.RemoteProtocolError):
        while len(body) < MOST_READ and isinstance(event := _next(talk, line, deadline), h11.Data):
            body += event.data
    return body[:MOST_READ]


def _next(talk: h11.Connection, line: socket.socket, deadline: Deadline) -> object:
    while (event := talk.next_event()) is h11.NEED_DATA:
        line.settimeout(deadline.left())
        talk.receive_data(line.recv(MOST_READ))
    return event


def _field(response: h11.Response, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in response.headers if key == name), None)


def _one_line(text: str) -> str:
    """Foreign words made fit for a log and a terminal: printable, on one line, not long."""
    printable = "".join(sign if sign.isprintable() else " " for sign in text[: 4 * _LONGEST_WORDS])
    return " ".join(printable.split())[:_LONGEST_WORDS]
