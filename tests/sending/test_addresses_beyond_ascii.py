"""Addresses beyond ASCII: their domains go out as A-labels; what stands before @ needs a relay with SMTPUTF8."""

import email
import email.policy
from email.message import EmailMessage

import pytest

from db.errors import BadValue
from db.states import Purpose, SubscriberState
from db.subscribers import address_key
from db.tables import Subscriber
from importers.subscribers import normalized
from mail.headers import mailbox, smtp_address
from scheduler import singles
from scheduler.joining import checked_address
from tests.mail.faulty import FaultyRelay
from tests.making import a_reader, at
from tests.sending.office import Office, running

MORNING = at("2026-03-02 07:00")
JANE = "жанна@bücher.example"
WIRED = "жанна@xn--bcher-kva.example"
GROUPS = pytest.mark.parametrize("groups", [(), ("PIPELINING",)], ids=["one at a time", "in groups"])


def and_reader(office: Office, *addresses: str) -> None:
    with office.store.writing() as session:
        for address in addresses:
            a_reader(session, address, name="Жанна")


def sent_by(office: Office, *offers: str) -> FaultyRelay:
    """A chapter goes out by a relay that offers this, over one connection; gives the relay."""
    relay = FaultyRelay({})
    relay.offers = offers
    office.plan("one", at("2026-03-02 06:00"))
    office.machine = office.calendar = MORNING
    with running(relay) as port, office.worker(port, connections=1) as passes:
        passes.clockwork.wake(MORNING)
        passes.send_letters(MORNING)
    return relay


def to_jane(relay: FaultyRelay) -> bytes:
    [message] = [message for message in relay.messages if WIRED.encode() in message]
    return message


def outcome(office: Office, address: str) -> tuple[str, str | None]:
    [row] = [row for row in office.deliveries() if row.address == address]
    return row.state, row.reply


@GROUPS
def test_it_goes_out_where_the_relay_offers_smtputf8(office: Office, groups: tuple[str, ...]):
    and_reader(office, JANE, "bob@example.org")

    relay = sent_by(office, "SMTPUTF8", *groups)

    envelopes = list(zip(*[iter(one for one in relay.commands if one.startswith(("MAIL", "RCPT")))] * 2, strict=True))
    assert sorted(envelopes) == [
        ("MAIL FROM:<post@example.org>", "RCPT TO:<alice@example.org>"),
        ("MAIL FROM:<post@example.org>", "RCPT TO:<bob@example.org>"),
        ("MAIL FROM:<post@example.org> SMTPUTF8", f"RCPT TO:<{WIRED}>"),
    ]
    assert office.states() == ["sent", "sent", "sent"]


def test_of_its_head_only_the_address_is_beyond_ascii(office: Office):
    and_reader(office, JANE)

    head, _, body = to_jane(sent_by(office, "SMTPUTF8")).partition(b"\r\n\r\n")

    wide = [line for line in head.split(b"\r\n") if not line.isascii()]
    assert [line.rpartition(b"<")[2] for line in wide] == [f"{WIRED}>".encode()]
    assert body.isascii()
    letter: EmailMessage = email.message_from_string(head.decode(), policy=email.policy.SMTPUTF8)  # type: ignore[assignment]
    assert [(one.display_name, one.addr_spec) for one in letter["To"].addresses] == [("Жанна", WIRED)]


@GROUPS
def test_elsewhere_it_fails_for_good_says_so_and_hinders_nobody(office: Office, groups: tuple[str, ...]):
    and_reader(office, JANE, "bob@example.org")

    relay = sent_by(office, *groups)

    state, reply = outcome(office, JANE)
    assert (state, reply) == (
        "hard",
        f"5.6.7 the part before @ of {WIRED} needs SMTPUTF8, which the relay does not offer",
    )
    assert [outcome(office, address)[0] for address in ("alice@example.org", "bob@example.org")] == ["sent", "sent"]
    assert not any(WIRED in command for command in relay.commands)
    assert office.reader(JANE).state == SubscriberState.active


def test_what_it_carried_stays_owed_until_a_relay_can(office: Office):
    and_reader(office, JANE)
    sent_by(office)
    office.plan("two", at("2026-03-03 06:00"))
    relay = FaultyRelay({})
    relay.offers = ("SMTPUTF8",)

    with running(relay) as port:
        office.run(at("2026-03-03 07:00"), port)

    assert office.carried(address=JANE) == [["one", "two"]]


def test_a_domain_beyond_ascii_asks_nothing_of_the_relay(office: Office):
    and_reader(office, "bob@bücher.example")

    relay = sent_by(office)

    assert "RCPT TO:<bob@xn--bcher-kva.example>" in relay.commands
    assert office.states() == ["sent", "sent"]


def test_a_single_letter_goes_there_too(office: Office):
    and_reader(office, JANE)
    with office.store.writing() as session:
        reader = session.query(Subscriber).filter_by(address=JANE).one()
        letter = singles.to_reader(reader, Purpose.already, 1, titles=("Primer",), paused=False)
        singles.send(session, office.house, letter, now=MORNING)
    relay = FaultyRelay({})
    relay.offers = ("SMTPUTF8",)

    with running(relay) as port:
        office.deliver(MORNING, port)

    assert office.states() == ["sent"]
    assert b"\r\nTo: " in b"\r\n" + to_jane(relay)


def test_its_spellings_are_one_reader():
    spellings = ("rené@bücher.example", "rene\u0301@xn--bcher-kva.example", "RENÉ@BÜCHER.example")

    assert {address_key(normalized(one)) for one in spellings} == {"rené@bücher.example"}


def test_the_form_takes_it():
    assert checked_address(" rene\u0301@xn--bcher-kva.example ") == "rené@bücher.example"


@pytest.mark.parametrize(
    "address",
    [
        "жан на@example.org",
        "жанна\r\nBcc: eve@example.org",
        "жан\x00на@example.org",
        "жан\u202eна@example.org",
        "жан\u2028на@example.org",
        "жан<на@example.org",
        "жан,на@example.org",
        "\ud800@example.org",
        "жанна",
        "жанна@",
    ],
)
def test_what_could_break_a_line_is_no_address(address: str):
    with pytest.raises(BadValue):
        smtp_address(address)
    with pytest.raises(BadValue):
        mailbox("Жанна", address)
