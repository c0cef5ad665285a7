from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from db import deliveries
from db.states import PostState
from db.tables import Post, Release, Series, Subscription
from scheduler import prepare as preparing
from scheduler import sending
from tests.making import a_reader, a_series, a_source, at, taken_in
from tests.sending.office import Office, letters_in


def test_a_digest_goes_out_once_per_zone_hour_and_date(office: Office, relay: int, outbox: Path):
    office.plan("one", at("2026-03-02 06:00"))

    office.run(at("2026-03-02 07:00"), relay)
    office.run(at("2026-03-02 07:00"), relay)

    assert office.editions() == ["digest:UTC:07:2026-03-02"]
    assert office.states() == ["sent"]
    assert len(letters_in(outbox)) == 1


def test_each_zone_and_hour_has_a_digest_of_its_own(office: Office, relay: int):
    office.plan("one", at("2026-03-02 03:00"))
    with office.store.writing() as session:
        a_reader(session, "bob@example.org", zone="Europe/Riga", hour=7)

    office.run(at("2026-03-02 05:00"), relay)
    office.run(at("2026-03-02 07:00"), relay)

    assert office.editions() == ["digest:Europe/Riga:07:2026-03-02", "digest:UTC:07:2026-03-02"]
    assert office.carried() == office.carried(address="bob@example.org") == [["one"]]


def test_each_post_is_in_exactly_one_letter(office: Office, relay: int):
    for day, slug in ((2, "one"), (3, "two"), (4, "three")):
        office.plan(slug, datetime.fromisoformat(f"2026-03-{day:02}T06:00+00:00"))

    for day in range(2, 7):
        office.run(at(f"2026-03-{day:02} 07:00"), relay)
        office.run(at(f"2026-03-{day:02} 12:00"), relay)

    assert office.carried() == [["one"], ["two"], ["three"]]
    assert office.watermarks() == [3]


def test_posts_of_one_day_share_a_letter_in_order(office: Office, relay: int):
    office.plan("late", at("2026-03-02 05:00"))
    office.plan("later", at("2026-03-02 06:00"))

    office.run(at("2026-03-02 05:00"), relay)
    office.run(at("2026-03-02 07:00"), relay)

    assert office.carried() == [["late", "later"]]


def test_who_is_owed_nothing_gets_no_letter_and_there_is_no_edition(office: Office, relay: int, outbox: Path):
    office.plan("one", at("2026-03-09 06:00"))

    office.run(at("2026-03-02 07:00"), relay)

    assert office.editions() == []
    assert letters_in(outbox) == []


def test_two_series_come_in_one_letter(office: Office, relay: int, outbox: Path):
    with office.store.writing() as session:
        a_series(session, "other")
        a_reader(session)
    office.plan("one", at("2026-03-02 06:00"))
    office.plan("uno", at("2026-03-02 06:30"), series="other")

    office.run(at("2026-03-02 07:00"), relay)

    assert office.carried() == [["one", "uno"]]
    assert len(letters_in(outbox)) == 1


def test_a_weekly_subscription_joins_on_its_weekday(office: Office, relay: int):
    with office.store.writing() as session:
        a_reader(session, "bob@example.org", frequency="weekly:wednesday")
    office.plan("one", at("2026-03-02 06:00"))
    office.plan("two", at("2026-03-03 06:00"))

    office.run(at("2026-03-02 07:00"), relay)
    office.run(at("2026-03-03 07:00"), relay)
    before = office.carried(address="bob@example.org")
    office.run(at("2026-03-04 07:00"), relay)

    assert before == []
    assert office.carried(address="bob@example.org") == [["one", "two"]]


def test_a_weekly_subscription_whose_day_was_missed_joins_the_next_edition(office: Office, relay: int):
    with office.store.writing() as session:
        a_reader(session, frequency="weekly:monday")
    office.plan("one", at("2026-03-02 06:00"))

    office.run(at("2026-03-02 23:00"), relay)
    office.run(at("2026-03-03 07:00"), relay)

    assert office.carried() == [["one"]]


def test_an_instant_reader_gets_a_letter_at_the_release(bare: Office, relay: int):
    with bare.store.writing() as session:
        series = a_series(session)
        a_reader(session, frequency="instant")
        key = f"instant:{series.id}:1"
    bare.plan("one", at("2026-03-02 06:00"))

    bare.run(at("2026-03-02 06:00"), relay)
    bare.run(at("2026-03-02 07:00"), relay)

    assert bare.editions() == [key]
    assert bare.carried() == [["one"]]


def test_history_is_not_owed(office: Office, relay: int, outbox: Path):
    with office.store.writing() as session:
        series = session.query(Series).one()
        taken_in(session, series, [a_source(wall=datetime(2020, 1, 1, 7))])
        silent = list(session.scalars(select(Release.silent)))

    office.run(at("2026-03-02 07:00"), relay)

    assert silent == [True]
    assert letters_in(outbox) == []


def test_a_withdrawn_post_is_a_hole(office: Office, relay: int):
    for slug, hour in (("one", 4), ("two", 5), ("three", 6)):
        office.plan(slug, at(f"2026-03-02 0{hour}:00"))
    office.run(at("2026-03-02 06:30"), relay)
    with office.store.writing() as session:
        session.execute(update(Post).where(Post.slug == "two").values(state=PostState.withdrawn))

    office.run(at("2026-03-02 07:00"), relay)

    assert office.carried() == [["one", "three"]]
    assert office.watermarks() == [3]


def test_a_new_subscription_starts_at_now(office: Office, relay: int):
    office.plan("one", at("2026-03-02 06:00"))
    office.plan("two", at("2026-03-03 06:00"))
    office.run(at("2026-03-02 08:00"), relay)
    with office.store.writing() as session:
        a_reader(session, "bob@example.org", now=at("2026-03-02 08:00"))

    office.run(at("2026-03-03 07:00"), relay)

    assert office.carried(address="bob@example.org") == [["two"]]


def test_taking_a_reader_in_again_keeps_the_watermark(office: Office, relay: int):
    office.plan("one", at("2026-03-02 06:00"))
    office.run(at("2026-03-02 06:30"), relay)
    with office.store.writing() as session:
        a_reader(session, now=at("2026-03-02 06:30"))
        held = session.scalars(select(Subscription.watermark)).one()

    office.run(at("2026-03-02 07:00"), relay)

    assert held == 0
    assert office.carried() == [["one"]]


def test_a_content_that_very_many_have_is_rendered_once(office: Office, relay: int, monkeypatch: pytest.MonkeyPatch):
    rendered: list[int] = []
    once = sending.render
    monkeypatch.setattr(sending, "render", lambda *given: (rendered.append(1), once(*given))[1])
    monkeypatch.setattr(preparing, "READERS", 5)
    with office.store.writing() as session:
        for number in range(19):
            a_reader(session, f"reader-{number}@example.org")
    office.plan("one", at("2026-03-02 06:00"))

    office.run(at("2026-03-02 07:00"), relay)

    assert office.states() == ["sent"] * 20
    assert len(rendered) == 1


# Two rows for each reader; and two letters that differ, which stand in turn.
@pytest.mark.parametrize(("bound", "most", "pieces"), [("ROWS", 5, [2, 2, 1]), ("CONTENTS", 1, [1, 1, 1, 1, 1])])
def test_what_very_many_are_owed_is_rendered_and_written_in_pieces(
    office: Office, relay: int, outbox: Path, bound: str, most: int, pieces: list[int], monkeypatch: pytest.MonkeyPatch
):
    written: list[int] = []
    mark = deliveries.mark
    monkeypatch.setattr(
        deliveries, "mark", lambda session, marks: (written.append(len(marks)), mark(session, marks))[1]
    )
    monkeypatch.setattr(preparing, bound, most)
    with office.store.writing() as session:
        for number, language in enumerate(("de", "en", "de", "en")):
            a_reader(session, f"reader-{number}@example.org", language=language)
    office.plan("one", at("2026-03-02 06:00"))

    office.run(at("2026-03-02 07:00"), relay)

    assert written == pieces
    assert office.states() == ["sent"] * 5
    assert len(letters_in(outbox)) == 5
