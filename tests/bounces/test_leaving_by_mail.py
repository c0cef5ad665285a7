"""Leaving by the second way of List-Unsubscribe: a mail program writes to an address, over a real port of ours."""

import base64
import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

import pytest
from structlog.testing import capture_logs

from db.states import SubscriberState
from db.tables import Subscriber
from mail.door import Door, DoorSettings
from mail.tokens import PREFERENCES, UNSUBSCRIBE
from scheduler.bounces import Effect
from tests.bounces.desk import MONDAY, PATHS, Desk
from tests.bounces.shapes import ALICE, absence, complaint, failed, lines
from tests.making import TOKENS
from tests.sending.office import letters_in

LEAVE = "bounces+leave@lists.example"


class Way(NamedTuple):
    """The ways of leaving that a letter names, in their order."""

    first: str
    address: str
    subject: str


def way_of(letter: EmailMessage) -> Way:
    found = re.fullmatch(r"<(https://[^>]+)>,\s*<mailto:([^?>]+)\?subject=([^>]+)>", letter["List-Unsubscribe"])
    assert found
    return Way(*found.groups())


def please(subject: str, *more: str, to: str = LEAVE) -> bytes:
    return lines(f"From: {ALICE}", f"To: {to}", f"Subject: {subject}", *more, "", "Sent by my mail program.")


@contextmanager
def port(desk: Desk, protocol: str) -> Iterator[smtplib.SMTP]:
    """A client of our own port, behind which the desk takes what comes."""
    settings = DoorSettings("127.0.0.1", 0, "smtp" if protocol == "smtp" else "lmtp")
    door = Door(settings, takes=PATHS.takes, take=desk.takes)
    kind = smtplib.SMTP if protocol == "smtp" else smtplib.LMTP
    try:
        with kind("127.0.0.1", door.open()) as client:
            yield client
    finally:
        door.close()


@pytest.fixture
def letter(desk: Desk, outbox: Path) -> EmailMessage:
    """Alice's letter of Monday morning."""
    desk.sends(0)
    return next(letter for letter in letters_in(outbox) if ALICE in letter["To"])


def token_of(reader: int, purpose: str = UNSUBSCRIBE, counter: int = 0) -> str:
    return TOKENS.make(purpose, reader, counter)


def spelt_for(reader: int, token: str) -> str:
    """A token with its proof, and the number of somebody else before it."""
    proof = base64.urlsafe_b64decode(token)[8:]
    return base64.urlsafe_b64encode(reader.to_bytes(8, "big") + proof).decode()


def goodbyes(desk: Desk, outbox: Path) -> list[str]:
    desk.office.deliver(MONDAY, desk.relay)
    return [letter["X-Original-To"] for letter in letters_in(outbox) if "No more letters" in letter["Subject"]]


def test_a_letter_names_the_link_first_and_then_the_address(letter: EmailMessage):
    way = way_of(letter)

    assert way.first == f"https://example.org/unsubscribe/{way.subject}"
    assert way.address == LEAVE
    assert way.subject == token_of(1)


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
def test_who_writes_there_has_left_before_the_server_says_so(
    desk: Desk, letter: EmailMessage, outbox: Path, protocol: str
):
    way = way_of(letter)
    with port(desk, protocol) as client:
        refused = client.sendmail(ALICE, [way.address], please(way.subject))
        state = desk.state()

    assert refused == {}
    assert state == SubscriberState.left
    assert desk.follows() == ["left"]
    assert desk.state("bob@example.org") == SubscriberState.active
    assert goodbyes(desk, outbox) == [ALICE]


def test_written_again_it_changes_nothing_and_there_is_one_goodbye(desk: Desk, letter: EmailMessage, outbox: Path):
    with port(desk, "lmtp") as client:
        replies = [client.sendmail(ALICE, [LEAVE], please(token_of(1))) for _ in range(3)]

    assert replies == [{}, {}, {}]
    assert goodbyes(desk, outbox) == [ALICE]


def test_nothing_that_was_owed_follows(desk: Desk, letter: EmailMessage):
    desk.takes(please(token_of(1)), LEAVE)

    desk.sends(1, 2)

    assert [row.purpose for row in desk.letters()] == [None, "goodbye"]


def test_who_sends_it_does_not_matter_the_token_does(desk: Desk, letter: EmailMessage):
    with port(desk, "smtp") as client:
        client.sendmail("mallory@example.net", [LEAVE], please(token_of(1)).replace(ALICE.encode(), b"m@example.net"))

    assert desk.state() == SubscriberState.left


WRONG = {
    "made up": "A" * 32,
    "of another kind": token_of(1, PREFERENCES),
    "revoked": token_of(1, counter=1),
    "of a reader who is not there": token_of(99, counter=1),
    "with another reader's number": spelt_for(2, token_of(1)),
    "cut short": token_of(1)[:-1],
    "with a letter more": token_of(1) + "A",
    "in capitals": token_of(1).upper(),
    "none": "",
    "words": "Please stop sending me this",
    "quoted": f"Re: {token_of(1)}",
}


@pytest.mark.parametrize("subject", WRONG.values(), ids=WRONG)
def test_a_token_that_is_not_ours_is_refused_and_logged(desk: Desk, letter: EmailMessage, subject: str):
    with capture_logs() as logs:
        taken = desk.takes(please(subject), LEAVE)

    assert (taken.effect, taken.understood) == (Effect.forged, False)
    assert [entry["why"] for entry in logs] == ["its link to leave by was not made here, or is revoked"]
    assert [desk.state(), desk.state("bob@example.org")] == [SubscriberState.active] * 2


def test_a_token_in_any_other_place_than_the_subject_is_none(desk: Desk, letter: EmailMessage):
    desk.takes(please("Stop", f"X-Token: {token_of(1)}") + token_of(1).encode(), LEAVE)

    assert desk.state() == SubscriberState.active


@pytest.mark.parametrize(
    "subject", ["=?utf-8?q?{}?=", "=?us-ascii?q?{}?=", "\r\n {}"], ids=["utf-8", "ascii", "on the next line"]
)
def test_however_a_mail_program_writes_the_subject(desk: Desk, letter: EmailMessage, subject: str):
    spelt = token_of(1).replace("_", "=5F") if "?q?" in subject else token_of(1)

    desk.takes(please(subject.format(spelt)), LEAVE)

    assert desk.state() == SubscriberState.left


AUTOMATIC = {
    "an absence note": "Auto-Submitted: auto-replied",
    "an absence note of Exchange": "X-Auto-Response-Suppress: All",
    "by precedence": "Precedence: auto_reply",
    "by an old header": "X-Autoreply: yes",
    "a receipt": "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
    "with the null sender": "Return-Path: <>",
}


@pytest.mark.parametrize("header", AUTOMATIC.values(), ids=AUTOMATIC)
def test_an_answer_of_a_program_lets_nobody_leave(desk: Desk, letter: EmailMessage, header: str):
    taken = desk.takes(please(token_of(1), header), LEAVE)

    assert (taken.effect, taken.understood) == (Effect.nothing, True)
    assert desk.state() == SubscriberState.active


def test_absence_notes_to_return_paths_and_quoting_the_letter_let_nobody_leave(desk: Desk, letter: EmailMessage):
    note = absence().replace(b"Subject: ", b"Subject: " + token_of(1).encode() + b" ")

    effects = [desk.takes(note, to).effect for to in (desk.path(), LEAVE)]

    assert effects == [Effect.nothing, Effect.nothing]
    assert desk.state() == SubscriberState.active


@pytest.mark.parametrize("message", [failed("5.1.1"), complaint()], ids=["a bounce", "a complaint"])
def test_reports_that_come_there_do_nothing(desk: Desk, letter: EmailMessage, message: bytes):
    taken = desk.takes(message, LEAVE)

    assert taken.effect is Effect.nothing
    assert desk.state() == SubscriberState.active


def test_in_a_mailbox_it_is_known_by_its_head(desk: Desk, letter: EmailMessage):
    desk.takes(please(token_of(1), to=f'"Leave, please" <{LEAVE.upper()}>'))

    assert desk.state() == SubscriberState.left


def test_in_a_mailbox_mail_to_others_lets_nobody_leave(desk: Desk, letter: EmailMessage):
    desk.takes(please(token_of(1), to="post@example.org"))
    desk.takes(please(token_of(1)), desk.path())

    assert desk.state() == SubscriberState.active


def test_who_was_erased_is_not_there_to_leave(desk: Desk, letter: EmailMessage):
    with desk.store.writing() as session:
        session.delete(session.query(Subscriber).filter_by(address=ALICE).one())

    assert desk.takes(please(token_of(1)), LEAVE).effect is Effect.left
    assert desk.state("bob@example.org") == SubscriberState.active
