"""A relay tried step by step, with its own replies, as an operator wants to see it: no letter is sent."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import aiosmtplib

from db.said import say
from mail.opening import RelaySettings
from mail.replies import tidy

PATIENCE: Final = 10.0
"""Seconds for each step: somebody is looking at a page meanwhile."""


class Step(StrEnum):
    connect = "connect"
    ehlo = "EHLO"
    tls = "TLS"
    auth = "AUTH"


@dataclass(frozen=True)
class Stepped:
    """What came of one step; `words` are the relay's, or ours where it said nothing. The last may have failed."""

    step: Step
    ok: bool
    words: str


def probe(relay: RelaySettings) -> list[Stepped]:
    """Connect, greet, encrypt and sign in as letters would; never raises for what a relay does."""
    return asyncio.run(stepped(relay))


async def stepped(
    relay: RelaySettings, *, patience: float = PATIENCE, tls_context: ssl.SSLContext | None = None
) -> list[Stepped]:
    """The same within a loop."""
    client = aiosmtplib.SMTP(
        hostname=relay.host,
        port=relay.port,
        timeout=patience,
        use_tls=relay.tls == "implicit",
        start_tls=False,
        validate_certs=True,
        tls_context=tls_context,
    )
    done: list[Stepped] = []
    try:
        async for step in _steps(client, relay):
            done.append(step)
            if not step.ok:
                break
    finally:
        await _leave(client)
    return done


async def _steps(client: aiosmtplib.SMTP, relay: RelaySettings) -> AsyncIterator[Stepped]:
    yield await _told(Step.connect, client.connect())
    if relay.tls == "implicit":
        yield Stepped(Step.tls, True, _encryption(client))
    yield await _told(Step.ehlo, client.ehlo())
    if relay.tls == "starttls":
        yield await _told(Step.tls, _encrypt(client))
        yield await _told(Step.ehlo, client.ehlo())
    if relay.username is not None:
        yield await _told(Step.auth, client.login(relay.username, relay.password or ""))


async def _told(step: Step, asking: Awaitable[aiosmtplib.SMTPResponse | str]) -> Stepped:
    try:
        answer = await asking
    except aiosmtplib.SMTPResponseException as error:
        return Stepped(step, False, f"{error.code} {tidy(error.message)}")
    except (aiosmtplib.SMTPException, OSError, UnicodeError) as error:
        why = str(error.__cause__ or "") or str(error) or type(error).__name__
        return Stepped(step, False, tidy(why))
    return Stepped(step, True, answer if isinstance(answer, str) else f"{answer.code} {tidy(answer.message)}")


async def _encrypt(client: aiosmtplib.SMTP) -> str:
    answer = await client.starttls()
    reply = f"{answer.code} {tidy(answer.message)}"
    return say("%(reply)s (%(encryption)s)", reply=reply, encryption=_encryption(client))


def _encryption(client: aiosmtplib.SMTP) -> str:
    """Such as `TLSv1.3, TLS_AES_256_GCM_SHA384, certificate of relay.example.org`."""
    found = client.get_transport_info("ssl_object")
    cipher = found.cipher() or (say("unknown cipher"),)
    certificate = found.getpeercert() or {}
    names = [value for kind, value in certificate.get("subjectAltName", ()) if kind in ("DNS", "IP Address")]
    how = say("%(one)s, %(other)s", one=found.version(), other=cipher[0])
    return say("%(how)s, certificate of %(names)s", how=how, names=names[:3]) if names else how


async def _leave(client: aiosmtplib.SMTP) -> None:
    try:
        if client.is_connected:
            await client.quit(timeout=2)
    except (aiosmtplib.SMTPException, OSError):
        pass
    finally:
        client.close()
