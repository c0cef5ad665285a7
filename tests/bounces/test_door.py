"""Our own port, spoken to as mail servers do."""

import smtplib
import socket
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from structlog.testing import capture_logs

from db.errors import StoreUnreachable
from mail.door import MOST_CONVERSATIONS, Door, DoorSettings, DoorShut
from mail.mime import MOST_BYTES, MessageRefused
from tests.bounces.shapes import postfix

OURS = "bounces+e1-aaaaaaaaaaaaaaaaaaaaaaaaaa@lists.example"


class Clerk:
    """Keeps what it is brought, or raises `trouble`."""

    def __init__(self) -> None:
        self.taken: list[tuple[bytes, str]] = []
        self.trouble: Exception | None = None

    def take(self, data: bytes, recipient: str) -> None:
        if self.trouble:
            raise self.trouble
        self.taken.append((data, recipient))


@pytest.fixture
def clerk() -> Clerk:
    return Clerk()


@contextmanager
def opened(clerk: Clerk, protocol: str) -> Iterator[int]:
    settings = DoorSettings("127.0.0.1", 0, protocol)  # type: ignore[arg-type]
    door = Door(settings, takes=lambda address: address.endswith("@lists.example"), take=clerk.take)
    try:
        yield door.open()
    finally:
        door.close()


@pytest.fixture(params=["smtp", "lmtp"])
def client(request: pytest.FixtureRequest, clerk: Clerk) -> Iterator[smtplib.SMTP]:
    """One that has said hello."""
    kind = smtplib.SMTP if request.param == "smtp" else smtplib.LMTP
    with opened(clerk, request.param) as port:
        client = kind("127.0.0.1", port)
        client.ehlo()
        yield client
        client.close()


def brought(client: smtplib.SMTP, data: bytes, to: str = OURS) -> tuple[int, bytes]:
    """The reply to a message with the null sender."""
    client.mail("")
    code, said = client.rcpt(to)
    return client.data(data) if code == 250 else (code, said)


def test_a_bounce_with_the_null_sender_is_taken(client: smtplib.SMTP, clerk: Clerk):
    reply = brought(client, postfix())

    assert reply[0] == 250
    assert clerk.taken == [(postfix(), OURS)]


def test_several_bounces_come_over_one_connection(client: smtplib.SMTP, clerk: Clerk):
    replies = [brought(client, b"Subject: %d\r\n\r\n." % number)[0] for number in range(3)]

    assert replies == [250, 250, 250]
    assert [data for data, _ in clerk.taken] == [b"Subject: %d\r\n\r\n.\r\n" % number for number in range(3)]


def test_mail_to_anybody_else_is_refused(client: smtplib.SMTP, clerk: Clerk):
    reply = brought(client, postfix(), "victim@elsewhere.example")

    assert reply == (550, b"5.1.1 no return path of ours")
    assert clerk.taken == []


def test_one_recipient_comes_with_each_message(client: smtplib.SMTP, clerk: Clerk):
    client.mail("")
    client.rcpt(OURS)

    reply = client.rcpt("bounces@lists.example")

    assert reply[0] == 452


def test_while_the_store_is_away_the_message_stays_outside(client: smtplib.SMTP, clerk: Clerk):
    clerk.trouble = StoreUnreachable("the database does not answer")

    refused = brought(client, postfix())
    clerk.trouble = None
    taken = brought(client, postfix())

    assert (refused[0], taken[0]) == (451, 250)


def test_a_bomb_is_refused_for_good_and_logged(client: smtplib.SMTP, clerk: Clerk):
    clerk.trouble = MessageRefused("not read: more than 100 parts")

    with capture_logs() as logs:
        reply = brought(client, postfix())

    assert reply == (554, b"5.6.0 not read: more than 100 parts")
    assert [log["event"] for log in logs] == ["bounce refused"]


def test_a_bug_loses_no_bounce(client: smtplib.SMTP, clerk: Clerk):
    clerk.trouble = ZeroDivisionError()

    with capture_logs() as logs:
        reply = brought(client, postfix())

    assert reply[0] == 451
    assert [(log["event"], log["log_level"]) for log in logs] == [("bounce not taken", "error")]


def test_of_fifty_megabytes_the_beginning_is_kept_and_the_rest_takes_no_memory(client: smtplib.SMTP, clerk: Clerk):
    piece = (b"a" * 990 + b"\r\n") * 64
    client.mail("")
    client.rcpt(OURS)
    client.docmd("DATA")
    client.send(postfix())

    tracemalloc.start()
    try:
        for _ in range(800):
            client.send(piece)
        client.send(b".\r\n")
        reply = client.getreply()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert reply[0] == 250
    [(data, _)] = clerk.taken
    assert len(data) == MOST_BYTES
    assert data.startswith(postfix())
    assert peak < 8 * MOST_BYTES


def test_a_line_without_end_is_kept_as_far_as_is_read(client: smtplib.SMTP, clerk: Clerk):
    reply = brought(client, b"Subject: x\r\n\r\n" + b"a" * (3 * MOST_BYTES))

    assert reply[0] == 250
    assert [len(data) for data, _ in clerk.taken] == [MOST_BYTES]


def test_dots_at_the_beginning_of_lines_come_through(client: smtplib.SMTP, clerk: Clerk):
    brought(client, b"Subject: x\r\n\r\n.\r\n..\r\nend\r\n")

    assert clerk.taken[0][0] == b"Subject: x\r\n\r\n.\r\n..\r\nend\r\n"


def test_data_without_a_recipient_is_refused(client: smtplib.SMTP, clerk: Clerk):
    client.mail("")

    assert client.docmd("DATA")[0] == 503
    assert client.docmd("DATA now")[0] == 501


def test_a_client_that_hangs_up_in_the_middle_has_brought_nothing(client: smtplib.SMTP, clerk: Clerk):
    client.mail("")
    client.rcpt(OURS)
    client.docmd("DATA")
    client.send(b"Subject: half\r\n")
    client.close()

    assert clerk.taken == []


def test_lmtp_does_not_take_an_smtp_greeting(clerk: Clerk):
    with opened(clerk, "lmtp") as port, smtplib.SMTP("127.0.0.1", port) as client:
        assert client.docmd("EHLO me")[0] == 500


def test_only_so_many_may_talk_at_once(clerk: Clerk):
    with opened(clerk, "smtp") as port:
        talking = [smtplib.SMTP("127.0.0.1", port) for _ in range(MOST_CONVERSATIONS)]
        with socket.create_connection(("127.0.0.1", port)) as one_more:
            refused = one_more.recv(100)
        for client in talking:
            client.quit()

    assert refused.startswith(b"421 4.3.2")


def test_a_port_that_is_taken_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        door = Door(DoorSettings("127.0.0.1", port, "lmtp"), takes=bool, take=lambda _data, _to: None)

        with pytest.raises(DoorShut, match=rf"bounces.lmtp: 127.0.0.1:{port} cannot be opened"):
            door.open()
    door.close()


def test_a_host_that_is_not_ours_is_named():
    door = Door(DoorSettings("192.0.2.1", 0, "smtp"), takes=bool, take=lambda _data, _to: None)

    with pytest.raises(DoorShut, match=r"bounces.smtp: 192.0.2.1:0 cannot be opened"):
        door.open()
    door.close()
