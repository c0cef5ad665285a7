"""One conversation with one relay."""

import contextlib
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Literal, Self

import aiosmtplib

from db.errors import BadValue, FascicleError
from mail.headers import ascii_address, one_line
from mail.replies import Outcome, OutcomeKind, Stage, classify

_LONGEST_REPLY: Final = 1_000
_CLOSING: Final = 421
_CODES: Final = range(100, 600)


class RelayDown(FascicleError):
    """The relay cannot be reached, does not greet us, or refuses our sign-in; `code` is its reply's, if it gave one."""

    def __init__(self, settings: "RelaySettings", reason: str, code: int | None = None) -> None:
        where = f"relay {settings.name} at {settings.host}:{settings.port}"
        super().__init__(
            f"{where}: {one_line(reason)}; nothing was sent, letters wait. After mending, `fascicle doctor` tests it"
        )
        self.code = code


@dataclass(frozen=True)
class RelaySettings:
    """Where a relay is and how we sign in; `tls: none` is the operator's own choice, never a fallback."""

    host: str
    port: int
    tls: Literal["starttls", "implicit", "none"]
    username: str | None
    password: str | None = field(repr=False)
    name: str


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """Seconds to wait for the relay (RFC 5321, 4.5.3.2). A shorter wait for the dot's reply makes duplicates."""

    connect: float = 60
    command: float = 300
    data: float = 120
    dot: float = 600
    quit: float = 5


DEFAULT_TIMEOUTS: Final = Timeouts()


class _Refused(Exception):
    """The relay answered, but not as hoped."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


class Connection:
    """An open conversation with a relay: one letter after the other, until it is no longer usable."""

    def __init__(self, client: aiosmtplib.SMTP, timeouts: Timeouts) -> None:
        self._client = client
        self._timeouts = timeouts
        self._given_up = False

    @classmethod
    async def open(
        cls,
        settings: RelaySettings,
        *,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        local_hostname: str | None = None,
        tls_context: ssl.SSLContext | None = None,
    ) -> Self:
        """Connected, encrypted as the settings say, signed in when they name a user. Raises RelayDown."""
        client = _client(settings, timeouts=timeouts, local_hostname=local_hostname, tls_context=tls_context)
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await _greet(client)
        except aiosmtplib.SMTPResponseException as error:
            client.close()
            code = error.code if error.code in _CODES else None
            raise RelayDown(settings, f"it answered {error.code} {_tidy(error.message)}", code) from error
        except (aiosmtplib.SMTPException, OSError, UnicodeError) as error:
            client.close()
            raise RelayDown(settings, str(error.__cause__ or "") or str(error) or type(error).__name__) from error
        if _spoke_twice(client):
            client.close()
            raise RelayDown(settings, "it answered more than it was asked")
        return cls(client, timeouts)

    @property
    def usable(self) -> bool:
        """Whether another letter can be sent; false for good after a 421, a lost line or an unreadable reply."""
        return not self._given_up and self._client.is_connected

    async def send(self, *, sender: str, recipient: str, before_data: Callable[[], Awaitable[bytes | None]]) -> Outcome:
        """Hands one letter over and says what became of it; `sender` is the return path, "" for none.

        `before_data` is awaited once the recipient is accepted: it gives the message, or None to hold it back (the
        outcome is then `not_begun`). From DATA on, silence means `in_doubt`. Raises BadValue when `sender` is no
        address. When it or `before_data` is interrupted, the line is cut.
        """
        return_path = ascii_address(sender) if sender else ""
        try:
            to = ascii_address(recipient)
        except BadValue as error:
            return Outcome(OutcomeKind.hard, None, str(error), bad_address=True)
        try:
            return await self._converse(return_path, to, before_data)
        except _Refused as refusal:
            await self._reset()
            return refusal.outcome
        except BaseException:
            self._cut()
            raise

    async def close(self) -> None:
        """Says goodbye if the relay still listens; never fails."""
        if self.usable:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await self._client.quit(timeout=self._timeouts.quit)
        self._client.close()

    async def _converse(self, return_path: str, to: str, before_data: Callable[[], Awaitable[bytes | None]]) -> Outcome:
        await self._accepted(Stage.mail, f"MAIL FROM:<{return_path}>")
        await self._accepted(Stage.rcpt, f"RCPT TO:<{to}>")
        message = await before_data()
        if message is None:
            raise _Refused(Outcome(OutcomeKind.not_begun, None, "held back before DATA"))
        if not self._client.is_connected:
            raise _Refused(Outcome(OutcomeKind.soft, None, "the relay closed the connection before DATA"))
        await self._begin_data()
        return await self._deliver(message)

    async def _accepted(self, stage: Stage, command: str) -> None:
        try:
            answer = await self._client.execute_command(command.encode("ascii"), timeout=self._timeouts.command)
        except aiosmtplib.SMTPException as error:
            raise _Refused(self._silence(OutcomeKind.soft, stage, error)) from error
        if not 200 <= answer.code <= 299:
            raise _Refused(self._judge(answer, stage))
        if _spoke_twice(self._client):
            raise _Refused(self._out_of_step(OutcomeKind.soft, stage))

    async def _begin_data(self) -> None:
        try:
            answer = await self._client.execute_command(b"DATA", timeout=self._timeouts.data)
        except aiosmtplib.SMTPException as error:
            raise _Refused(self._silence(OutcomeKind.in_doubt, Stage.data, error)) from error
        if answer.code != aiosmtplib.SMTPStatus.start_input:
            raise _Refused(self._judge(answer, Stage.data))
        if _spoke_twice(self._client):
            raise _Refused(self._out_of_step(OutcomeKind.in_doubt, Stage.data))

    async def _deliver(self, message: bytes) -> Outcome:
        """Message and dot. Not by the client's own `data()`, which has one timeout for two very different waits."""
        protocol = self._client.protocol
        try:
            if protocol is None:
                raise aiosmtplib.SMTPServerDisconnected("Connection lost")
            protocol.write(_stuffed(message))
            answer = await protocol.read_response(timeout=self._timeouts.dot)
        except aiosmtplib.SMTPException as error:
            return self._silence(OutcomeKind.in_doubt, Stage.dot, error)
        if 200 <= answer.code <= 299:
            if _spoke_twice(self._client):
                self._cut()
            return Outcome(OutcomeKind.sent, answer.code, _tidy(answer.message))
        return self._judge(answer, Stage.dot)

    def _judge(self, answer: aiosmtplib.SMTPResponse, stage: Stage) -> Outcome:
        if answer.code == _CLOSING or not 400 <= answer.code <= 599 or _spoke_twice(self._client):
            self._cut()
        return classify(answer.code, _tidy(answer.message), stage)

    def _silence(self, kind: OutcomeKind, stage: Stage, error: aiosmtplib.SMTPException) -> Outcome:
        self._cut()
        return Outcome(kind, None, f"no reply to {stage}: {_tidy(error.message)}")

    def _out_of_step(self, kind: OutcomeKind, stage: Stage) -> Outcome:
        self._cut()
        return Outcome(kind, None, f"more than one reply to {stage}")

    async def _reset(self) -> None:
        """Ends the transaction, so that the next MAIL is not "nested"; only an agreed end leaves the line usable."""
        if not self.usable:
            return
        try:
            await self._client.rset(timeout=self._timeouts.command)
        except (aiosmtplib.SMTPException, OSError):
            self._cut()
        if _spoke_twice(self._client):
            self._cut()

    def _cut(self) -> None:
        """Closes at once: what is still in our buffer, perhaps the dot, must not be sent any more."""
        self._given_up = True
        transport = self._client.transport
        if transport is not None:
            transport.abort()  # type: ignore[attr-defined]  # a socket's transport has it, its base class does not
        self._client.close()


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


def _spoke_twice(client: aiosmtplib.SMTP) -> bool:
    """Whether more came than one reply: the client would take the rest for the answer to its next command."""
    return client.protocol is not None and bool(client.protocol._buffer)


def _stuffed(message: bytes) -> bytes:
    """The message as it goes over the line, with its dot (RFC 5321, 4.5.2); a bare CR or LF never does."""
    lines = message.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n").replace(b"\n.", b"\n..")
    start = b"." if lines.startswith(b".") else b""
    return start + lines.replace(b"\n", b"\r\n") + b"\r\n.\r\n"


def _tidy(reply: str) -> str:
    """A relay's words as one line that every store and page can hold."""
    return one_line(reply)[:_LONGEST_REPLY]
