import asyncio
import os
import ssl
import subprocess
from pathlib import Path
from shutil import which

import pytest
from aiosmtpd.smtp import SMTP

from mail.opening import RelayDown
from mail.relay import Connection
from mail.replies import Outcome
from tests.mail.faults import Answer, Fault, says
from tests.mail.faulty import FaultyRelay, listening
from tests.mail.test_relay import MESSAGE, SHORT, message, settings
from tests.mail.virtual import in_virtual_time

pytestmark = pytest.mark.skipif(
    which("openssl") is None and not os.environ.get("CI"), reason="no openssl: sudo apt-get install openssl"
)


STARTTLS = says("250-faulty\r\n250 STARTTLS")
FORGETS = Answer(line=b"250 fine\r\n", forgets=True)


def a_certificate(folder: Path, *, of: str, days: int = 2) -> Path:
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -days {days} -subj /CN=relay -addext subjectAltName={of}"
    files = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    subprocess.run([*command.split(), *files], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return a_certificate(tmp_path_factory.mktemp("tls"), of="IP:127.0.0.1")


@pytest.fixture(scope="module")
def another_name(tmp_path_factory):
    return a_certificate(tmp_path_factory.mktemp("other"), of="DNS:relay.example")


class Inbox:
    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        return "250 2.0.0 kept"


def serving_with(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    return context


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate / "cert.pem"))


async def hand_over(certificate, tls: str, trusted: ssl.SSLContext | None) -> Outcome:
    context = serving_with(certificate)
    loop = asyncio.get_running_loop()

    def serving() -> SMTP:
        return SMTP(
            Inbox(),
            hostname="inbox.example",
            tls_context=context if tls == "starttls" else None,
            require_starttls=tls == "starttls",
        )

    server = await loop.create_server(serving, "127.0.0.1", 0, ssl=context if tls == "implicit" else None)
    async with server:
        relay = settings(server.sockets[0].getsockname()[1], tls=tls)
        connection = await Connection.open(relay, timeouts=SHORT, local_hostname="me.example", tls_context=trusted)
        outcome = await connection.send(sender="", recipient="alice@example.org", before_data=message)
        await connection.close()
        return outcome


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_letter_goes_over_verified_tls(certificate, tls):
    outcome = in_virtual_time(hand_over(certificate, tls, trusting(certificate)))

    assert outcome.kind == "sent"


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_relay_whose_certificate_nobody_vouches_for_is_down(certificate, tls):
    with pytest.raises(RelayDown, match=r"(?i)certificate"):
        in_virtual_time(hand_over(certificate, tls, None))


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_relay_whose_certificate_is_for_another_name_is_down(another_name, tls):
    with pytest.raises(RelayDown, match=r"(?i)certificate.*127\.0\.0\.1"):
        in_virtual_time(hand_over(another_name, tls, trusting(another_name)))


def conversation(certificate: Path, relay: FaultyRelay, *recipients: str) -> list[str]:
    """The kinds of outcome of letters over one line with STARTTLS."""
    relay.tls = serving_with(certificate)

    async def talk() -> list[str]:
        async with listening(relay) as port:
            line = await Connection.open(
                settings(port, tls="starttls"),
                local_hostname="me.example",
                tls_context=trusting(certificate),
                timeouts=SHORT,
            )
            outcomes = [await line.send(sender="", recipient=to, before_data=message) for to in recipients]
            await line.close()
            return [outcome.kind for outcome in outcomes]

    return in_virtual_time(talk())


def test_what_is_offered_before_tls_does_not_count_after_it(certificate):
    hello = [says("250-faulty\r\n250-STARTTLS\r\n250 PIPELINING"), says("250-faulty\r\n250 SIZE 1000000")]
    script = [Fault("EHLO", hello[0], times=1), Fault("EHLO", hello[1]), Fault("RCPT", FORGETS)]

    kinds = conversation(certificate, relay := FaultyRelay(script), "alice@example.org", "bob@example.org")

    assert kinds == ["sent", "sent"]
    assert len(relay.accepted) == 2


def test_what_is_offered_only_after_tls_is_made_use_of(certificate):
    hello = [says("250-faulty\r\n250 STARTTLS"), says("250-faulty\r\n250 PIPELINING")]
    script = [Fault("EHLO", hello[0], times=1), Fault("EHLO", hello[1]), Fault("dot", FORGETS)]

    kinds = conversation(certificate, relay := FaultyRelay(script), "alice@example.org")

    assert kinds == ["sent"]
    assert relay.commands[-4:-1] == ["MAIL FROM:<>", "RCPT TO:<alice@example.org>", "DATA"]
    assert relay.messages == [MESSAGE.replace(b"\r\n.", b"\r\n..") + b".\r\n"]


def test_a_relay_that_says_more_with_its_starttls_is_not_believed(certificate):
    """What came in plain text behind the answer could be from anybody (RFC 3207, 6)."""
    injected = says("220 go on\r\n250-faulty\r\n250 AUTH PLAIN")

    kinds = conversation(
        certificate, FaultyRelay([Fault("EHLO", STARTTLS), Fault("STARTTLS", injected)]), "alice@example.org"
    )

    assert kinds == ["sent"]


def test_a_relay_that_takes_starttls_back_is_never_spoken_to_in_plain_text(certificate):
    relay = FaultyRelay([Fault("EHLO", STARTTLS), Fault("STARTTLS", says("454 4.7.0 not now"))])

    with pytest.raises(RelayDown, match="454"):
        conversation(certificate, relay, "alice@example.org")

    assert not any(command.startswith(("AUTH", "MAIL")) for command in relay.commands)
