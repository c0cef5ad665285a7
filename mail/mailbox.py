"""A mailbox in which bounces arrive, read by IMAP (RFC 3501)."""

import contextlib
import imaplib
import re
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import structlog

from db.errors import FascicleError
from db.said import say, worded
from mail.headers import one_line
from mail.mime import MOST_BYTES, MessageRefused

log = structlog.get_logger()

MOST_AT_ONCE: Final = 500
"""Messages of one visit; the others are read in the next."""
_PATIENCE: Final = 60
"""Seconds to wait for the server, each time."""
_NUMBER: Final = re.compile(rb"[0-9]{1,10}")


class MailboxDown(FascicleError):
    """The mailbox cannot be reached, opened or read."""

    def __init__(self, settings: "MailboxSettings", reason: str) -> None:
        where = one_line(f"{settings.folder} of {settings.username} at {settings.host}:{settings.port}")
        why = one_line(reason)[:300]
        words = say("bounces.mailbox: %(where)s: %(why)s; what came back waits there", where=where, why=why)
        super().__init__(worded(f"{words}. After mending, `fascicle doctor` tests it", words))


@dataclass(frozen=True)
class MailboxSettings:
    """Where a mailbox is; certificates are always verified, by those in `ca_file` where it is given.

    Messages that were understood are deleted, or with `keep` only marked as read.
    """

    host: str
    port: int
    tls: Literal["implicit", "starttls", "none"]
    username: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    ca_file: Path | None = None
    keep: bool = False


def read_mailbox(
    settings: MailboxSettings, take: Callable[[bytes], bool], *, stopping: Callable[[], bool] = lambda: False
) -> int:
    """Hand each unread message to `take`, which says whether it was understood; gives how many there were.

    One that was not understood stays and is marked as read, so that a person may look at it. When `take` raises, the
    message stays unread. Raises MailboxDown.
    """
    read = 0
    with _opened(settings) as (server, down):
        for number in _unread(server, down):
            if stopping():
                break
            _finish(server, number, delete=_understood(take, _fetch(server, number, down)) and not settings.keep)
            read += 1
    return read


def look_into(settings: MailboxSettings) -> int:
    """How many unread messages there are; changes nothing. Raises MailboxDown."""
    with _opened(settings) as (server, down):
        return len(_unread(server, down))


def _understood(take: Callable[[bytes], bool], message: bytes) -> bool:
    try:
        return take(message)
    except MessageRefused as error:
        log.warning("bounce refused", problem=str(error))
        return False


Down = Callable[[str], MailboxDown]


@contextlib.contextmanager
def _opened(settings: MailboxSettings) -> Iterator[tuple[imaplib.IMAP4, Down]]:
    """A session in the folder; its errors are in our words."""

    def down(reason: str) -> MailboxDown:
        return MailboxDown(settings, reason)

    server = None
    try:
        server = _connected(settings)
        server.login(_quoted(settings.username), settings.password)
        kind, said = server.select(_quoted(settings.folder))
        if kind != "OK":
            raise down(f"no folder {settings.folder!r}: {_words(said)}")
        yield server, down
    except (imaplib.IMAP4.error, OSError, UnicodeError) as error:
        raise down(_words(error.args) or type(error).__name__) from error
    finally:
        if server is not None:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                server.logout()


def _connected(settings: MailboxSettings) -> imaplib.IMAP4:
    context = ssl.create_default_context(cafile=settings.ca_file)
    if settings.tls == "implicit":
        return imaplib.IMAP4_SSL(settings.host, settings.port, ssl_context=context, timeout=_PATIENCE)
    server = imaplib.IMAP4(settings.host, settings.port, timeout=_PATIENCE)
    if settings.tls == "starttls":
        try:
            server.starttls(context)
        except BaseException:
            with contextlib.suppress(OSError):
                server.shutdown()
            raise
    return server


def _unread(server: imaplib.IMAP4, down: Down) -> list[str]:
    kind, found = server.uid("SEARCH", "UNSEEN", "UNDELETED")
    if kind != "OK":
        raise down(f"it does not search: {_words(found)}")
    return [number.decode() for number in _NUMBER.findall(found[0] or b"")[:MOST_AT_ONCE]]


def _fetch(server: imaplib.IMAP4, number: str, down: Down) -> bytes:
    """The beginning of a message, as far as it is ever read; it stays unread."""
    kind, found = server.uid("FETCH", number, f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
    for piece in found if kind == "OK" else ():
        if isinstance(piece, tuple):
            return bytes(piece[1])
    raise down(f"message {number} cannot be read: {_words(found)}")


def _finish(server: imaplib.IMAP4, number: str, *, delete: bool) -> None:
    server.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen \Deleted)" if delete else r"(\Seen)")
    if delete and "UIDPLUS" in server.capabilities:
        server.uid("EXPUNGE", number)
    elif delete:
        server.expunge()


def _quoted(text: str) -> str:
    """A quoted string (RFC 3501, 4.3). Raises UnicodeError for what needs more than ASCII, or a line of its own."""
    if not text.isascii() or not text.isprintable():
        raise UnicodeError(f"{text!r}: only printable ASCII can be said here")
    return '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'


def _words(said: object) -> str:
    pieces = said if isinstance(said, list | tuple) else [said]
    return " ".join(one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in pieces if one)
