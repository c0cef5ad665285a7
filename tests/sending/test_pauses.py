"""Pauses, and changes of what a reader chose: nothing owed is lost, nothing comes twice."""

from datetime import timedelta
from pathlib import Path

import pytest

from db import subscribers
from db.errors import BadValue
from db.states import LetterFormat
from importers.subscribers import subscriber_of
from mail.ledger import suppress
from scheduler import pauses, readers
from scheduler.letters import FULL_TEXTS
from tests.making import a_reader, a_series, at
from tests.sending.office import Office, letters_in

ALICE = "alice@example.org"


def pause(office: Office, until: str | None = None) -> None:
    with office.store.writing() as session:
        pauses.pause(subscribers.by_address(session, ALICE), until=until and at(until), now=office.calendar)


def resume(office: Office) -> None:
    with office.store.writing() as session:
        pauses.resume(session, subscribers.by_address(session, ALICE), now=office.calendar)


def chapters(office: Office, *, first: int, last: int) -> None:
    for day in range(first, last + 1):
        office.plan(f"c{day}", at(f"2026-03-{day:02} 06:00"))


def mornings(office: Office, port: int, *, first: int, last: int) -> None:
    for day in range(first, last + 1):
        office.run(at(f"2026-03-{day:02} 06:00"), port)
        office.run(at(f"2026-03-{day:02} 07:00"), port)


def test_one_who_pauses_gets_nothing_and_then_all_of_it(office: Office, relay: int):
    chapters(office, first=2, last=5)
    pause(office)
    mornings(office, relay, first=2, last=4)
    during = office.carried()
    resume(office)

    mornings(office, relay, first=5, last=5)

    assert during == []
    assert office.carried() == [["c2", "c3", "c4", "c5"]]


def test_a_pause_ends_on_its_day(office: Office, relay: int):
    chapters(office, first=2, last=4)
    pause(office, until="2026-03-04 00:00")

    mornings(office, relay, first=2, last=4)

    assert office.carried() == [["c2", "c3", "c4"]]
    assert (office.reader().state, office.reader().paused_until) == ("active", None)


def test_an_instant_reader_gets_what_came_out_as_soon_as_the_pause_ends(office: Office, relay: int):
    with office.store.writing() as session:
        a_reader(session, frequency="instant")
    chapters(office, first=2, last=2)
    pause(office, until="2026-03-03 12:00")
    office.run(at("2026-03-02 06:00"), relay)

    office.run(at("2026-03-03 12:00"), relay)

    assert office.carried() == [["c2"]]


def test_after_a_long_pause_the_letter_has_the_first_texts_and_links_to_the_rest(
    office: Office, relay: int, outbox: Path
):
    chapters(office, first=2, last=2 + FULL_TEXTS + 2)
    pause(office)
    mornings(office, relay, first=2, last=2 + FULL_TEXTS + 1)
    resume(office)

    mornings(office, relay, first=2 + FULL_TEXTS + 2, last=2 + FULL_TEXTS + 2)

    [letter] = letters_in(outbox)
    html = letter.get_body(("html",)).get_content()
    text = letter.get_body(("plain",)).get_content()
    assert html.count("<em>words</em>") == FULL_TEXTS
    assert text.count("Some *words*") + text.count("Some words") == FULL_TEXTS
    assert all(f"https://example.org/primer/c{day}" in text for day in range(2, 2 + FULL_TEXTS + 3))


def test_a_letter_that_waited_when_the_pause_began_is_not_sent_in_it(office: Office, nobody_listens: int, relay: int):
    chapters(office, first=2, last=2)
    mornings(office, nobody_listens, first=2, last=2)
    pause(office, until="2026-03-05 00:00")

    office.deliver(at("2026-03-03 08:00"), relay)
    during = office.carried()
    mornings(office, relay, first=5, last=5)

    assert during == []
    assert office.carried() == [["c2"]]


def test_an_import_does_not_end_a_pause(office: Office):
    pause(office)

    with office.store.writing() as session:
        a_reader(session)

    assert office.reader().state == "paused"


def test_only_who_gets_letters_can_pause_them(office: Office):
    with office.store.writing() as session:
        subscribers.leave(session, subscribers.by_address(session, ALICE).id, now=office.calendar)

    with pytest.raises(BadValue, match=r"alice@example\.org is left"):
        pause(office)


def test_a_pause_cannot_end_in_the_past(office: Office):
    with pytest.raises(BadValue, match="is past"):
        pause(office, until="2026-02-01 00:00")


def test_one_who_does_not_pause_cannot_resume(office: Office):
    with pytest.raises(BadValue, match="is active, not paused"):
        resume(office)


def choose(office: Office, letter_format: LetterFormat | None = None, **values: str) -> None:
    row = {"email": ALICE, "name": "", "zone": "", "hour": "", "frequency": "", "series": "", "language": ""}
    source = subscriber_of({**row, **values}, place="test")
    with office.store.writing() as session:
        reader = subscribers.by_address(session, ALICE)
        readers.change(session, reader, source, letter_format, now=office.calendar)


def test_a_change_of_hour_zone_and_language_neither_skips_nor_repeats(office: Office, relay: int):
    chapters(office, first=2, last=5)
    mornings(office, relay, first=2, last=2)
    choose(office, zone="Asia/Tokyo", hour="21", language="de")

    for hours in range(18, 24 * 4):
        office.run(at("2026-03-02 07:00") + timedelta(hours=hours), relay)

    assert [slug for letter in office.carried() for slug in letter] == ["c2", "c3", "c4", "c5"]
    assert office.reader().language == "de"


def test_a_reader_may_choose_text_alone(office: Office, relay: int, outbox: Path):
    choose(office, LetterFormat.text)
    chapters(office, first=2, last=2)

    mornings(office, relay, first=2, last=2)

    [letter] = letters_in(outbox)
    assert letter.get_content_type() == "text/plain"


def test_one_who_turns_to_instant_gets_what_waited_for_the_digest_at_once(office: Office, relay: int):
    with office.store.writing() as session:
        a_reader(session, frequency="weekly:sunday")
    chapters(office, first=2, last=2)
    mornings(office, relay, first=2, last=3)

    with office.store.writing() as session:
        a_reader(session, frequency="instant", now=office.calendar)
    office.run(at("2026-03-03 09:00"), relay)

    assert office.carried() == [["c2"]]


def test_leaving_one_series_leaves_the_others(office: Office, relay: int):
    with office.store.writing() as session:
        other = a_series(session, "other")
        reader = a_reader(session)
        held = subscribers.subscription(session, reader.id, other.id)
        subscribers.leave_series(session, held, now=office.calendar)
    chapters(office, first=2, last=2)
    office.plan("news", at("2026-03-02 06:00"), series="other")

    mornings(office, relay, first=2, last=2)

    assert office.carried() == [["c2"]]


@pytest.mark.parametrize("no", ["leave", "suppress"])
def test_nobody_is_brought_back_by_a_change_of_what_they_chose(office: Office, no: str):
    with office.store.writing() as session:
        reader = subscribers.by_address(session, ALICE)
        if no == "leave":
            subscribers.leave(session, reader.id, now=office.calendar)
        else:
            suppress(session, reader.id, reason="bounced", now=office.calendar)
    before = office.reader().state

    with pytest.raises(BadValue, match="nobody is brought back"):
        choose(office, hour="9")

    assert office.reader().state == before
