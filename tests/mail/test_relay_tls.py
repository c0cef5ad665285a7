import asyncio
import os
import ssl
import subprocess
from shutil import which

import pytest
from aiosmtpd.smtp import SMTP

from mail.opening import RelayDown
from mail.relay import Connection
from mail.replies import Outcome
from tests.mail.test_relay import SHORT, message, settings

pytestmark = pytest.mark.skipif(
    which("openssl") is None and not os.environ.get("CI"), reason="no openssl: sudo apt-get install openssl"
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    )
    files = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    subprocess.run([*command.split(), *files], check=True, capture_output=True)
    return folder


class Inbox:
    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        return "250 2.0.0 kept"


async def hand_over(certificate, tls: str, trusted: ssl.SSLContext | None) -> Outcome:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
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
    trusted = ssl.create_default_context(cafile=str(certificate / "cert.pem"))

    outcome = asyncio.run(hand_over(certificate, tls, trusted))

    assert outcome.kind == "sent"


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_relay_whose_certificate_nobody_vouches_for_is_down(certificate, tls):
    with pytest.raises(RelayDown, match=r"(?i)certificate"):
        asyncio.run(hand_over(certificate, tls, None))
