"""Reading a mailbox of a real IMAP server."""

import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from db.errors import StoreUnreachable
from mail.bounce import read_bounce
from mail.mailbox import MailboxDown, MailboxSettings, look_into, read_mailbox
from mail.mime import MOST_BYTES
from tests.bounces.dovecot import HERE, Dovecot, dovecot
from tests.bounces.shapes import absence, lines, postfix
from tests.bounces.test_hostile import with_parts

pytestmark = pytest.mark.skipif(
    not HERE and not os.environ.get("CI"), reason="no dovecot: sudo apt-get install dovecot-imapd"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as started:
        yield started


@pytest.fixture
def mailbox(server: Dovecot) -> Iterator[Dovecot]:
    """Empty before and after."""
    yield server
    for path in server.messages():
        path.unlink()


def read(settings: MailboxSettings, *, understood: bool = True) -> list[bytes]:
    """What there was to read."""
    found: list[bytes] = []

    def take(message: bytes) -> bool:
        found.append(message)
        return understood

    count = read_mailbox(settings, take)
    assert count == len(found)
    return found


def test_what_came_back_is_read_and_deleted(mailbox: Dovecot):
    mailbox.deliver(postfix(), absence())

    found = read(mailbox.settings)

    assert sorted(found) == sorted([postfix(), absence()])
    assert mailbox.messages() == []


def test_tls_may_begin_after_the_greeting(mailbox: Dovecot):
    mailbox.deliver(postfix())

    assert read(mailbox.starting_tls) == [postfix()]


def test_what_nobody_understands_stays_for_a_person_and_is_not_read_again(mailbox: Dovecot):
    mailbox.deliver(lines("Subject: How do I leave?", "", "Please."))

    first = read(mailbox.settings, understood=False)
    second = read(mailbox.settings, understood=False)

    assert (len(first), second) == (1, [])
    assert mailbox.flags() == ["S"]


def test_messages_can_be_kept(mailbox: Dovecot):
    mailbox.deliver(postfix())
    keeping = replace(mailbox.settings, keep=True)

    read(keeping)

    assert mailbox.flags() == ["S"]
    assert read(keeping) == []


def test_a_message_that_cannot_be_taken_now_stays_unread(mailbox: Dovecot):
    mailbox.deliver(postfix())

    def take(_message: bytes) -> bool:
        raise StoreUnreachable("the database does not answer")

    with pytest.raises(StoreUnreachable):
        read_mailbox(mailbox.settings, take)

    assert read(mailbox.settings) == [postfix()]


def test_a_bomb_stays_and_keeps_nothing_else_from_being_read(mailbox: Dovecot):
    mailbox.deliver(with_parts(1_000), postfix())

    def take(message: bytes) -> bool:
        return bool(read_bounce(message).reports)

    count = read_mailbox(mailbox.settings, take)

    assert count == 2
    assert mailbox.flags() == ["S"]


def test_of_fifty_megabytes_the_beginning_is_fetched(mailbox: Dovecot):
    mailbox.deliver(postfix() + (b"a" * 990 + b"\r\n") * 55_000)

    [found] = read(mailbox.settings)

    assert len(found) == MOST_BYTES
    assert found.startswith(postfix())


def test_looking_changes_nothing(mailbox: Dovecot):
    mailbox.deliver(postfix(), absence())

    assert look_into(mailbox.settings) == 2
    assert len(read(mailbox.settings)) == 2


def test_reading_ends_when_the_program_does(mailbox: Dovecot):
    mailbox.deliver(postfix(), absence())
    looks = iter([False, True])

    count = read_mailbox(mailbox.settings, lambda _message: True, stopping=lambda: next(looks))

    assert count == 1
    assert len(mailbox.messages()) == 1


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(mailbox: Dovecot, tls: str):
    trusting = mailbox.settings if tls == "implicit" else mailbox.starting_tls

    with pytest.raises(MailboxDown, match=r"(?i)certificate"):
        read(replace(trusting, ca_file=None))


def test_a_certificate_of_another_host_is_refused(mailbox: Dovecot):
    with pytest.raises(MailboxDown, match=r"(?i)certificate"):
        read(replace(mailbox.settings, host="localhost"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": "wrong"}, "AUTHENTICATIONFAILED"),
        ({"folder": "Nowhere"}, "no folder 'Nowhere'"),
        ({"folder": "Bücher"}, "only printable ASCII"),
        ({"password": "pässword"}, "ascii"),
        ({"username": "bounces\r\nA1 LOGOUT"}, "only printable ASCII"),
        ({"ca_file": Path("/nonexistent.pem")}, "No such file"),
    ],
)
def test_what_is_wrong_is_said_with_where_and_what_now(mailbox: Dovecot, changes: dict[str, str], said: str):
    with pytest.raises(MailboxDown) as refused:
        read(replace(mailbox.settings, **changes))  # type: ignore[arg-type]

    assert "bounces.mailbox: " in str(refused.value)
    assert said in str(refused.value)
    assert "`fascicle doctor` tests it" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_server_that_is_not_there_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        settings = MailboxSettings("127.0.0.1", port, "implicit", "bounces", "secret")

        with pytest.raises(MailboxDown, match=rf"127\.0\.0\.1:{port}: .*refused"):
            read(settings)
