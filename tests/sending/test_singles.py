"""Single letters in the ledger: to whom they go, when, and that they leave the letters of editions alone."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from db import installation, subscribers, wishes
from db.errors import BadValue, CopyRefused
from db.states import TO_OPERATORS, InDoubtPolicy, LetterFormat, Purpose, SubscriberState
from db.tables import Batch, Delivery, Installation, Subscriber, Suppression, Wish
from scheduler import copies, singles, steer
from scheduler.singles import Single, to_reader
from scheduler.steer import SteeringRefused
from tests.mail.faulty import DROP, FaultyRelay
from tests.making import NOON, TOKENS, at
from tests.sending.office import Office, WatchedRelay, letters_in, running
from tests.sending.steering import ME

MORNING = at("2026-03-02 07:00")
ABOUT: dict[Purpose, dict[str, object]] = {
    Purpose.confirm: {"titles": ("Primer",), "hours": 48},
    Purpose.welcome: {"titles": ("Primer",), "first": NOON.date(), "hour": 7, "zone": "UTC"},
    Purpose.already: {"titles": ("Primer",), "paused": False},
    Purpose.preferences: {},
    Purpose.goodbye: {"subscribe_url": "https://example.org/subscribe"},
    Purpose.change_address: {"address": "new@example.org", "hours": 2},
    Purpose.new_address: {"hours": 48},
    Purpose.export: {"hours": 2},
    Purpose.erase: {"hours": 2},
    Purpose.invitation: {"role": "editor", "by": "ada@example.org", "days": 7},
    Purpose.operator_test: {"sent": "2026-03-01 12:00", "relay": "main"},
    Purpose.operator_alert: {"title": "Held", "lines": ("A series is held.",), "what_now": "Look."},
}
WITH_LINK = (Purpose.confirm, Purpose.change_address, Purpose.new_address, Purpose.export, Purpose.erase)
# A correction has an edition for all of its readers, and tests of its own.
SINGLE = [purpose for purpose in Purpose if purpose is not Purpose.correction]
TO_READERS = [purpose for purpose in SINGLE if purpose not in TO_OPERATORS]
ONCE_LEFT = (Purpose.confirm, Purpose.goodbye)


def asked(office: Office, purpose: Purpose, *, key: object = 1, **changes: object) -> bool:
    """Have a letter of this kind sent to Alice."""
    with office.store.writing() as session:
        alice = session.query(Subscriber).filter_by(address="alice@example.org").one()
        wish = None
        if purpose in WITH_LINK:
            until = office.machine + timedelta(days=1)
            wish = wishes.add(session, alice.id, purpose, {}, asked_at=NOON, expires_at=until).id
        single = to_reader(alice, purpose, key, wish_id=wish, **ABOUT[purpose])
        return singles.send(session, office.house, replace(single, **changes), now=office.calendar)


def to_operator(office: Office, address: str = "olga@example.org", purpose: Purpose = Purpose.operator_test) -> None:
    single = Single(purpose=purpose, key=f"{purpose}:1:1", address=address, language="en", about=ABOUT[purpose])
    with office.store.writing() as session:
        singles.send(session, office.house, single, now=office.calendar)


def alice_is(office: Office, state: SubscriberState) -> None:
    with office.store.writing() as session:
        session.execute(update(Subscriber).values(state=state))


def alice_is_suppressed(office: Office) -> None:
    with office.store.writing() as session:
        alice = session.query(Subscriber).one()
        session.add(Suppression(fingerprint=alice.fingerprint, reason="complained", created_at=NOON))


def suppressed(office: Office) -> list[str]:
    with office.store.reading() as session:
        return list(session.scalars(select(Suppression.fingerprint)))


@pytest.mark.parametrize("purpose", TO_READERS)
@pytest.mark.parametrize("state", [SubscriberState.active, SubscriberState.pending, SubscriberState.left])
def test_each_letter_goes_to_those_it_is_for_and_to_nobody_else(
    office: Office, relay: int, outbox: Path, purpose: Purpose, state: SubscriberState
):
    meant_for = {
        SubscriberState.active: purpose not in ONCE_LEFT,
        SubscriberState.pending: purpose is Purpose.confirm,
        SubscriberState.left: purpose in (*ONCE_LEFT, Purpose.export, Purpose.erase),
    }
    alice_is(office, state)

    asked(office, purpose)
    office.deliver(NOON, relay)

    assert len(letters_in(outbox)) == meant_for[state]
    assert office.states() == ["sent" if meant_for[state] else "superseded"]


@pytest.mark.parametrize("purpose", TO_READERS)
def test_who_is_suppressed_gets_none(office: Office, relay: int, outbox: Path, purpose: Purpose):
    alice_is(office, SubscriberState.left if purpose in ONCE_LEFT else SubscriberState.active)
    asked(office, purpose)
    alice_is_suppressed(office)

    office.deliver(NOON, relay)

    assert letters_in(outbox) == []
    assert office.states() == ["superseded"]


def test_who_leaves_between_asking_and_sending_gets_no_welcome(office: Office, relay: int, outbox: Path):
    asked(office, Purpose.welcome)
    with office.store.writing() as session:
        subscribers.leave(session, session.query(Subscriber).one().id, now=NOON)

    office.deliver(NOON, relay)

    assert letters_in(outbox) == []
    assert office.states() == ["superseded"]


@pytest.mark.parametrize("purpose", [Purpose.confirm, Purpose.export, Purpose.erase])
def test_what_was_asked_for_before_leaving_does_not_come_after_it(
    office: Office, relay: int, outbox: Path, purpose: Purpose
):
    asked(office, purpose)
    with office.store.writing() as session:
        subscribers.leave(session, session.query(Subscriber).one().id, now=NOON)
    before = asked(office, purpose, key=2)

    office.deliver(NOON, relay)

    assert before
    assert office.states() == ["superseded", "sent"]


def test_a_letter_whose_wish_was_granted_meanwhile_is_not_sent_again(office: Office):
    alice_is(office, SubscriberState.left)
    asked(office, Purpose.confirm)
    with running(FaultyRelay({"RCPT": "451 4.2.0 greylisted"})) as port:
        office.deliver(NOON, port)
        with office.store.writing() as session:
            wishes.grant(session.query(Wish).one(), now=NOON)
        office.deliver(NOON + timedelta(hours=1), port)

    assert office.states() == ["superseded"]


def test_an_operator_need_not_be_a_subscriber(bare: Office, relay: int, outbox: Path):
    to_operator(bare)

    bare.deliver(NOON, relay)

    [letter] = letters_in(outbox)
    assert letter["To"] == "olga@example.org"
    assert bare.states() == ["sent"]


def test_a_single_letter_goes_before_a_digest_that_waited_longer(office: Office):
    office.plan("one", at("2026-03-02 06:00"))
    with running(FaultyRelay({"greeting": "421 not now"})) as port:
        office.run(MORNING, port)
    asked(office, Purpose.already)
    faulty = FaultyRelay({})

    with running(faulty) as port:
        office.deliver(MORNING + timedelta(minutes=5), port)

    assert [b"already" in message for message in faulty.messages] == [True, False]


def test_an_open_letter_of_an_edition_and_a_single_one_do_not_hinder_each_other(office: Office, relay: int):
    office.plan("one", at("2026-03-02 06:00"))
    with running(FaultyRelay({"RCPT": "451 4.2.0 greylisted"})) as port:
        office.run(MORNING, port)
        asked(office, Purpose.export)
        asked(office, Purpose.erase)
        office.deliver(MORNING + timedelta(minutes=1), port)
    assert office.states() == ["soft", "soft", "soft"]

    office.deliver(MORNING + timedelta(hours=1), relay)

    assert office.states() == ["sent", "sent", "sent"]
    assert office.watermarks() == [1]


def test_a_single_letter_moves_no_watermark_and_keeps_no_digest_away(office: Office, relay: int):
    office.plan("one", at("2026-03-02 06:00"))
    office.machine = office.calendar = at("2026-03-02 06:30")

    asked(office, Purpose.already)
    office.run(at("2026-03-02 06:31"), relay)
    between = office.watermarks()
    office.run(MORNING, relay)

    assert between == [0]
    assert office.carried() == [[], ["one"]]
    assert office.watermarks() == [1]


def test_asked_for_twice_under_one_key_it_comes_once(office: Office, relay: int, outbox: Path):
    made = [asked(office, Purpose.welcome), asked(office, Purpose.welcome), asked(office, Purpose.welcome, key=2)]

    office.deliver(NOON, relay)

    assert made == [True, False, True]
    assert len(letters_in(outbox)) == 2


def epochs(office: Office) -> tuple[int, int]:
    """That of the store, and that which the node knows."""
    note = copies.read_note(office.folder / "node.json")
    with office.store.reading() as session:
        return installation.the(session).epoch, note.epoch if note else 0


def test_the_node_knows_of_it_before_the_relay_does(office: Office):
    heard: list[tuple[int, int]] = []
    relay = WatchedRelay({}, lambda: heard.append(epochs(office)), stage="MAIL")
    asked(office, Purpose.already)
    before = epochs(office)[0]

    with running(relay) as port:
        office.deliver(NOON, port)

    assert heard == [(before + 1, before + 1)]


def test_a_backup_from_before_it_was_sent_does_not_send_it_again(office: Office, relay: int, outbox: Path):
    asked(office, Purpose.already)
    with office.store.writing() as session:
        backup = installation.the(session).epoch
    office.deliver(NOON, relay)
    with office.store.writing() as session:
        session.execute(update(Installation).values(epoch=backup))
        session.execute(update(Delivery).values(state="pending"))
        session.execute(update(Batch).values(state="ready"))

    with pytest.raises(CopyRefused, match="looks like a clone or a restored backup"):
        office.deliver(NOON, relay)

    assert len(letters_in(outbox)) == 1


def test_it_is_undone_with_its_cause(office: Office, relay: int, outbox: Path):
    with office.store.writing() as session:
        alice = session.query(Subscriber).one()
        singles.send(session, office.house, to_reader(alice, Purpose.already, 1, **ABOUT[Purpose.already]), now=NOON)
        session.rollback()

    office.deliver(NOON, relay)

    assert letters_in(outbox) == []
    assert office.editions() == []


@pytest.mark.parametrize("purpose", WITH_LINK)
def test_sent_again_it_is_the_same_bytes(office: Office, purpose: Purpose):
    alice_is(office, SubscriberState.left if purpose in ONCE_LEFT else SubscriberState.active)
    asked(office, purpose)
    faulty = FaultyRelay({"dot": [DROP, "250 2.0.0 fine"]})

    with running(faulty) as port:
        office.deliver(NOON, port)
        office.deliver(NOON + timedelta(hours=1), port)

    assert len(faulty.messages) == 2
    assert faulty.messages[0] == faulty.messages[1]
    assert office.states() == ["sent"]


def test_held_in_doubt_it_waits_for_an_operator(office: Office):
    asked(office, Purpose.already)
    faulty = FaultyRelay({"dot": [DROP, "250 2.0.0 fine"]})

    with running(faulty) as port:
        office.deliver(NOON, port, policy=InDoubtPolicy.hold)
        office.deliver(NOON + timedelta(hours=1), port, policy=InDoubtPolicy.hold)
        before = office.states()
        steer.resend(office.store, [office.deliveries()[0].id], ME)
        office.deliver(NOON + timedelta(hours=1), port, policy=InDoubtPolicy.hold)

    assert (before, office.states()) == (["in_doubt"], ["sent"])


def refused_for_good(office: Office) -> int:
    with running(FaultyRelay({"RCPT": "550 5.7.1 not from you"})) as port:
        office.deliver(NOON, port)
    assert office.states() == ["hard"]
    return office.deliveries()[0].id


def test_refused_for_good_it_can_be_tried_again(office: Office, relay: int, outbox: Path):
    asked(office, Purpose.already)
    letter = refused_for_good(office)

    steer.retry_hard(office.store, letter, ME)
    office.deliver(NOON + timedelta(hours=1), relay)

    assert len(letters_in(outbox)) == 1


def test_refused_for_good_it_is_not_tried_again_once_nobody_wants_it(office: Office):
    asked(office, Purpose.already)
    letter = refused_for_good(office)
    alice_is(office, SubscriberState.left)

    with pytest.raises(SteeringRefused, match="not wanted any more"):
        steer.retry_hard(office.store, letter, ME)


NOBODY = {"RCPT": "550 5.1.1 no such user"}


def test_a_new_address_that_is_wrong_is_suppressed_and_the_reader_stays(office: Office):
    asked(office, Purpose.new_address, address="wrong@example.org")

    with running(FaultyRelay(NOBODY)) as port:
        office.deliver(NOON, port)

    assert suppressed(office) == [TOKENS.fingerprint("wrong@example.org")]
    assert office.reader().state == SubscriberState.active


def test_a_reader_whose_address_is_wrong_is_suppressed(office: Office):
    asked(office, Purpose.already)

    with running(FaultyRelay(NOBODY)) as port:
        office.deliver(NOON, port)

    assert suppressed(office) == [TOKENS.fingerprint("alice@example.org")]
    assert office.reader().state == SubscriberState.suppressed


def test_an_operator_is_never_suppressed_by_a_relay_that_refuses_them(bare: Office):
    to_operator(bare)

    with running(FaultyRelay(NOBODY)) as port:
        bare.deliver(NOON, port)

    assert suppressed(bare) == []
    assert bare.states() == ["hard"]


@pytest.mark.parametrize("purpose", SINGLE)
def test_only_letters_that_can_be_left_name_a_way_out(office: Office, relay: int, outbox: Path, purpose: Purpose):
    alice_is(office, SubscriberState.left if purpose in ONCE_LEFT else SubscriberState.active)
    if purpose in TO_OPERATORS:
        to_operator(office, purpose=purpose)
    else:
        asked(office, purpose)

    office.deliver(NOON, relay)

    [letter] = letters_in(outbox)
    can_be_left = purpose in (Purpose.welcome, Purpose.already, Purpose.preferences)
    assert ("List-Unsubscribe" in letter) == ("List-Unsubscribe-Post" in letter) == can_be_left
    assert letter["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("purpose", WITH_LINK)
def test_the_link_of_a_letter_stands_in_both_of_its_parts(office: Office, relay: int, outbox: Path, purpose: Purpose):
    alice_is(office, SubscriberState.left if purpose in ONCE_LEFT else SubscriberState.active)
    asked(office, purpose)

    office.deliver(NOON, relay)

    [letter] = letters_in(outbox)
    link = f"https://example.org/confirm/{TOKENS.make(purpose, 1, 0)}"
    assert [link in part.get_content() for part in letter.iter_parts()] == [True, True]


def test_who_wants_text_gets_text_alone_in_their_language(office: Office, relay: int, outbox: Path):
    with office.store.writing() as session:
        session.execute(update(Subscriber).values(format=LetterFormat.text, language="de"))
    asked(office, Purpose.already)

    office.deliver(NOON, relay)

    [letter] = letters_in(outbox)
    assert letter.get_content_type() == "text/plain"
    assert letter["Subject"] == "Sie bekommen schon Briefe von My serials"


EVIL = "Eve\r\nBcc: all@example.com\r\n\r\n<b>hello</b>"


def test_no_name_adds_a_header_or_a_tag(office: Office, relay: int, outbox: Path):
    with office.store.writing() as session:
        session.execute(update(Subscriber).values(name=EVIL))
    asked(office, Purpose.already, about={"titles": (EVIL,), "paused": False})

    office.deliver(NOON, relay)

    [letter] = letters_in(outbox)
    assert "Bcc" not in letter
    assert "<b>" not in letter.get_body(("html",)).get_content()  # type: ignore[union-attr]


def test_the_name_of_the_site_is_escaped_wherever_it_stands(office: Office, relay: int, outbox: Path):
    with office.store.writing() as session:
        alice = session.query(Subscriber).one()
        named = replace(office.house, title="Sea <i>& sky</i>")
        singles.send(session, named, to_reader(alice, Purpose.already, 1, **ABOUT[Purpose.already]), now=NOON)

    office.deliver(NOON, relay)

    [letter] = letters_in(outbox)
    assert "<i>" not in letter.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert letter["Subject"] == "You get letters from Sea <i>& sky</i> already"


@pytest.mark.parametrize("address", ["nobody", "a@b\r\nBcc: c@example.org", "a b@example.org"])
def test_an_address_that_cannot_be_written_to_is_refused_before_anything_is_written(office: Office, address: str):
    with pytest.raises(BadValue):
        asked(office, Purpose.new_address, address=address)

    assert office.editions() == []
