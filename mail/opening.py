"""Opening a conversation with a relay: connected, encrypted, signed in."""

import ssl
from dataclasses import dataclass, field
from typing import Final, Literal

import aiosmtplib

from db.errors import FascicleError
from db.said import say, worded
from mail.headers import one_line
from mail.replies import tidy

_CODES: Final = range(100, 600)


@dataclass(frozen=True)
class RelaySettings:
    """Where a relay is and how we sign in; `tls: none` is the operator's own choice, never a fallback.

    `connections` at most at once, and `letters` over each of them, where the relay has rules of its own.
    """

    host: str
    port: int
    tls: Literal["starttls", "implicit", "none"]
    username: str | None
    password: str | None = field(repr=False)
    name: str
    connections: int | None = None
    letters: int | None = None


class RelayDown(FascicleError):
    """The relay cannot be reached, does not greet us, or refuses our sign-in.

    `code` is its reply's, None if it gave none; `words` are that reply's, or ours.
    """

    def __init__(self, settings: RelaySettings, reason: str, code: int | None = None) -> None:
        where = say("relay %(name)s at %(place)s", name=settings.name, place=f"{settings.host}:{settings.port}")
        words = say("%(where)s: %(reason)s; nothing was sent, letters wait", where=where, reason=one_line(reason))
        super().__init__(worded(f"{words}. After mending, `fascicle doctor` tests it", words))
        self.code = code
        self.words = reason.removeprefix(f"it answered {code} ")


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """Seconds to wait for the relay (RFC 5321, 4.5.3.2). A shorter wait for the dot's reply makes duplicates."""

    connect: float = 60
    command: float = 300
    data: float = 120
    block: float = 180
    dot: float = 600
    quit: float = 5


DEFAULT_TIMEOUTS: Final = Timeouts()


async def connected(
    settings: RelaySettings,
    *,
    timeouts: Timeouts = DEFAULT_TIMEOUTS,
    local_hostname: str | None = None,
    tls_context: ssl.SSLContext | None = None,
) -> aiosmtplib.SMTP:
    """A client whose relay waits for a first letter; what it offers was told over the line as it is now.

    Raises RelayDown.
    """
    client = _client(settings, timeouts=timeouts, local_hostname=local_hostname, tls_context=tls_context)
    try:
        await client.connect()
        if client.is_ehlo_or_helo_needed:
            await _greet(client)
    except aiosmtplib.SMTPResponseException as error:
        client.close()
        code = error.code if error.code in _CODES else None
        raise RelayDown(settings, f"it answered {error.code} {tidy(error.message)}", code) from error
    except (aiosmtplib.SMTPException, OSError, UnicodeError) as error:
        client.close()
        raise RelayDown(settings, str(error.__cause__ or "") or str(error) or type(error).__name__) from error
    if spoke_twice(client):
        client.close()
        raise RelayDown(settings, "it answered more than it was asked")
    return client


def spoke_twice(client: aiosmtplib.SMTP) -> bool:
    """Whether more came than one reply: the client would take the rest for the answer to its next command."""
    return client.protocol is not None and bool(client.protocol._buffer)


def _client(
    settings: RelaySettings, *, timeouts: Timeouts, local_hostname: str | None, tls_context: ssl.SSLContext | None
) -> aiosmtplib.SMTP:
    """A client that never chooses TLS by itself: left to its default it would go on in plain text without a word."""
    return aiosmtplib.SMTP(
        hostname=settings.host,
        port=settings.port,
        username=settings.username,
        password=settings.password,
        local_hostname=local_hostname,
        timeout=timeouts.connect,
        use_tls=settings.tls == "implicit",
        start_tls=settings.tls == "starttls",
        validate_certs=True,
        tls_context=tls_context,
    )


async def _greet(client: aiosmtplib.SMTP) -> None:
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError:
        if not client.is_connected:
            raise
        await client.helo()
