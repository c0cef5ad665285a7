"""A chapter is corrected after it went out: feeds say so, nobody is mailed twice; who has the old words is known."""

from datetime import timedelta
from pathlib import Path

import pytest

from db import corrections, posts, subscribers
from db import series as all_series
from db.corrections import Outdated
from db.tables import Series, Subscriber
from tests.mail.faulty import DROP, FaultyRelay
from tests.making import a_reader, a_series, a_source, at, taken_in
from tests.sending.office import Office, letters_in, running

MORNING = at("2026-03-02 07:00")
DUE = at("2026-03-02 06:00")


def write(office: Office, body: str, *, slug: str = "rain") -> None:
    """What the chapter says, now or from its beginning."""
    with office.store.writing() as session:
        series = session.query(Series).filter_by(slug="primer").one()
        source = a_source("Rain", slug=slug, wall=DUE.replace(tzinfo=None), body=body, number="1")
        taken_in(session, series, [source], now=office.calendar)


def outdated(office: Office, slug: str = "rain") -> list[Outdated]:
    with office.store.reading() as session:
        post = posts.by_slug(session, all_series.by_slug(session, "primer"), slug).post
        return list(corrections.outdated(session, post))


def who(office: Office) -> list[tuple[str, int]]:
    """Address and revision of each outdated letter."""
    return [(letter.address, letter.revision) for letter in outdated(office)]


@pytest.fixture
def sent(office: Office, relay: int) -> Office:
    """Alice got the chapter this morning, with a fault in it."""
    write(office, "It rained form Riga.")
    office.run(MORNING, relay)
    return office


def feed(office: Office, port: int) -> str:
    """The feed of the series, once all that is wanted is written."""
    with office.worker(port) as passes:
        passes.write_feeds()
    return (office.folder / "public" / "primer" / "feed.atom").read_text(encoding="utf-8")


def test_a_correction_reaches_the_feed_and_nobody_is_mailed_twice(sent: Office, relay: int, outbox: Path):
    before = feed(sent, relay)

    sent.calendar = MORNING + timedelta(hours=1)
    write(sent, "It rained from Riga.")
    after = feed(sent, relay)
    for day in range(1, 8):
        sent.run(MORNING + timedelta(days=day), relay)

    assert ("form Riga" in before, "from Riga" in before) == (True, False)
    assert ("form Riga" in after, "from Riga" in after) == (False, True)
    assert after.count("</entry>") == before.count("</entry>") == 1
    assert len(letters_in(outbox)) == 1


def test_who_comes_to_the_chapter_after_its_correction_gets_the_new_words(sent: Office, relay: int, outbox: Path):
    write(sent, "It rained from Riga.")
    with sent.store.writing() as session:
        bob = a_reader(session, "bob@example.org")
        held = subscribers.subscription(session, bob.id, session.query(Series).one().id)
        assert held is not None
        held.watermark = 0

    sent.plan("snow", at("2026-03-03 06:00"))
    sent.run(MORNING + timedelta(days=1), relay)

    [letter] = [letter for letter in letters_in(outbox) if "bob" in letter["To"]]
    assert "from Riga" in letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert who(sent) == [("alice@example.org", 1)]


def test_before_a_correction_no_letter_is_outdated(sent: Office):
    assert outdated(sent) == []


def test_an_outdated_letter_is_named_with_its_revision_edition_and_moment(sent: Office):
    write(sent, "It rained from Riga.")

    [letter] = outdated(sent)

    assert (letter.address, letter.revision, letter.state) == ("alice@example.org", 1, "sent")
    assert letter.edition == "digest:UTC:07:2026-03-02"
    assert letter.settled_at == MORNING


def test_each_holds_the_revision_that_their_own_letter_had(sent: Office, relay: int):
    with sent.store.writing() as session:
        bob = a_reader(session, "bob@example.org", hour=8)
        held = subscribers.subscription(session, bob.id, session.query(Series).one().id)
        assert held is not None
        held.watermark = 0
    write(sent, "It rained from Rgia.")
    sent.run(MORNING + timedelta(hours=1), relay)

    write(sent, "It rained from Riga.")

    assert who(sent) == [("alice@example.org", 1), ("bob@example.org", 2)]


def test_a_letter_that_did_not_go_out_is_not_held_and_one_in_doubt_may_be(office: Office):
    write(office, "It rained form Riga.")
    with office.store.writing() as session:
        a_reader(session, "bob@example.org")
    relay = FaultyRelay({"dot": [DROP], "RCPT": ["250 2.1.5 fine", "450 4.2.1 later"]})
    with running(relay) as port, office.worker(port, connections=1) as passes:
        office.machine = office.calendar = MORNING
        passes.clockwork.wake(MORNING)
        passes.letters.do_one()

    write(office, "It rained from Riga.")

    states = {row.address: row.state for row in office.deliveries()}
    assert sorted(states.values()) == ["in_doubt", "soft"]
    assert who(office) == [(address, 1) for address, state in states.items() if state == "in_doubt"]


def test_a_letter_with_another_chapter_is_not_outdated(sent: Office, relay: int):
    with sent.store.writing() as session:
        a_series(session, "songs")
    sent.plan("snow", at("2026-03-03 06:00"))
    sent.run(MORNING + timedelta(days=1), relay)

    write(sent, "It rained from Riga.")

    assert [letter.edition for letter in outdated(sent)] == ["digest:UTC:07:2026-03-02"]
    assert outdated(sent, "snow") == []


def test_who_was_erased_holds_nothing_we_know_of(sent: Office):
    write(sent, "It rained from Riga.")
    with sent.store.writing() as session:
        session.delete(session.query(Subscriber).one())

    assert outdated(sent) == []


def test_pages_of_letters_are_put_together(sent: Office, relay: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(corrections, "PAGE", 2)
    with sent.store.writing() as session:
        for number in range(5):
            reader = a_reader(session, f"reader{number}@example.org")
            held = subscribers.subscription(session, reader.id, session.query(Series).one().id)
            assert held is not None
            held.watermark = 0
    sent.run(MORNING + timedelta(days=1), relay)

    write(sent, "It rained from Riga.")

    assert len(who(sent)) == len(set(who(sent))) == len(sent.deliveries())
