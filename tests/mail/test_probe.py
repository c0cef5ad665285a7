"""A relay tried step by step, against real servers: what each step shows, and where it ends."""

import asyncio
import os
import ssl
from collections.abc import Callable
from pathlib import Path
from shutil import which

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from mail.opening import RelaySettings
from mail.probe import Step, Stepped, probe, stepped
from tests.mail.test_relay import settings
from tests.mail.test_relay_tls import a_certificate, serving_with, trusting
from tests.web.behind import free_port

NEEDS_OPENSSL = pytest.mark.skipif(
    which("openssl") is None and not os.environ.get("CI"), reason="no openssl: sudo apt-get install openssl"
)
PASSWORD = "a password"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_certificate(tmp_path_factory.mktemp("tls"), of="IP:127.0.0.1")


def knows_ada(_server: object, _session: object, _envelope: object, _mechanism: object, said: object) -> AuthResult:
    return AuthResult(success=(said.login, said.password) == (b"ada", PASSWORD.encode()), handled=False)  # type: ignore[attr-defined]


def tried(
    server: Callable[[], SMTP],
    tls: str = "none",
    *,
    context: ssl.SSLContext | None = None,
    trusted: ssl.SSLContext | None = None,
    **sign_in: str,
) -> list[Stepped]:
    async def run() -> list[Stepped]:
        loop = asyncio.get_running_loop()
        served = context if tls == "implicit" else None
        listening = await loop.create_server(server, "127.0.0.1", 0, ssl=served)
        async with listening:
            relay = settings(listening.sockets[0].getsockname()[1], tls=tls, **sign_in)
            return await stepped(relay, tls_context=trusted)

    return asyncio.run(run())


def plain() -> SMTP:
    return SMTP(object(), hostname="relay.example")


def asking() -> SMTP:
    return SMTP(object(), hostname="relay.example", authenticator=knows_ada, auth_require_tls=False)


def names(steps: list[Stepped]) -> list[tuple[Step, bool]]:
    return [(one.step, one.ok) for one in steps]


def test_a_relay_that_takes_letters_says_so_at_each_step():
    steps = tried(plain)

    assert names(steps) == [(Step.connect, True), (Step.ehlo, True)]
    assert steps[0].words.startswith("220 relay.example")
    assert steps[1].words.startswith("250 ")


def test_a_sign_in_is_tried_and_its_reply_shown():
    right = tried(asking, username="ada", password=PASSWORD)
    wrong = tried(asking, username="ada", password="another")

    assert names(right)[-1] == (Step.auth, True)
    assert right[-1].words.startswith("235")
    assert names(wrong)[-1] == (Step.auth, False)
    assert wrong[-1].words.startswith("535")
    assert PASSWORD not in repr(right)


@NEEDS_OPENSSL
@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_encryption_is_shown_with_whose_certificate_it_is(certificate: Path, tls: str):
    context = serving_with(certificate)

    def server() -> SMTP:
        return SMTP(object(), hostname="relay.example", tls_context=context if tls == "starttls" else None)

    steps = tried(server, tls, context=context, trusted=trusting(certificate))

    [shown] = [one for one in steps if one.step is Step.tls]
    assert all(one.ok for one in steps)
    assert "TLSv1.3" in shown.words
    assert "certificate of 127.0.0.1" in shown.words


@NEEDS_OPENSSL
@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_certificate_that_nobody_trusts_ends_it(certificate: Path, tls: str):
    context = serving_with(certificate)

    def server() -> SMTP:
        return SMTP(object(), tls_context=context if tls == "starttls" else None)

    steps = tried(server, tls, context=context)

    assert not steps[-1].ok
    assert "certificate" in steps[-1].words.lower()


def test_a_relay_without_tls_is_told_of_and_no_password_is_sent_in_the_open():
    steps = tried(asking, "starttls", username="ada", password=PASSWORD)

    assert names(steps) == [(Step.connect, True), (Step.ehlo, True), (Step.tls, False)]


def test_a_relay_that_is_not_there_is_told_of():
    relay = RelaySettings(host="127.0.0.1", port=free_port(), tls="none", username=None, password=None, name="main")

    [step] = probe(relay)

    assert names([step]) == [(Step.connect, False)]
    assert "127.0.0.1" in step.words
