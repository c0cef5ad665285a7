"""What may be asked of a catch-up feed, and what is refused."""

from datetime import date, datetime, time, timedelta

import pytest

from db import catch_up_feeds, tokens
from db import series as all_series
from db.engine import Store
from db.errors import BadValue, CatchUpFeedNotFound
from db.tables import Audit, CatchUpFeed
from mail.tokens import CATCH_UP
from scheduler import catch_up_edits, correct
from scheduler.cadence import daily, parse_words, weekly
from scheduler.intake import NewSeries, take_in
from scheduler.release import release_due
from tests.making import NOON, RULES, a_house, a_planned_post, a_series, a_source, at, the_series
from tests.scheduler.catching_up import SEVEN

DAY = timedelta(days=1)


@pytest.fixture
def primer(store: Store) -> Store:
    """A series with five chapters of history, 1 to 5, and a sixth planned for 8 March."""
    a_house(store)
    sources = [
        a_source(slug=f"chapter-{number}", number=str(number), wall=datetime(2025, 1, number, 7))
        for number in range(1, 6)
    ]
    with store.writing() as session:
        a_series(session)
        take_in(session, sources, slug="primer", defaults=NewSeries("UTC", "en"), now=NOON)
        a_planned_post(session, all_series.by_slug(session, "primer"), at("2026-03-08 07:00"), slug="chapter-6")
    return store


def a_feed(store: Store, **more) -> int:
    values = {"pace": SEVEN, "zone": "UTC", "actor": "alice", "now": NOON, **more}
    with store.writing() as session:
        return catch_up_edits.start(session, all_series.by_slug(session, "primer"), **values).id


def ask(store: Store, what, feed_id: int, now: str, **more) -> CatchUpFeed:
    with store.writing() as session:
        return what(session, feed_id, actor="alice", now=at(now), **more)


def told(store: Store, feed_id: int, now: str) -> list[tuple[str, str]]:
    """The last part of the slugs, and when they came."""
    with store.reading() as session:
        feed, _ = catch_up_feeds.by_id(session, feed_id)
        far = catch_up_edits.how_far(session, feed, now=at(now))
    return [(str(one.post.seq), f"{one.due:%m-%d %H:%M}") for one in far.shown]


def test_history_is_caught_up_with_and_then_the_live_run(primer: Store):
    feed_id = a_feed(primer)
    release_due(primer, now=at("2026-03-08 07:00"), rules=RULES)

    given = told(primer, feed_id, "2026-03-09 00:00")

    assert given == [
        ("1", "03-02 07:00"),
        ("2", "03-03 07:00"),
        ("3", "03-04 07:00"),
        ("4", "03-05 07:00"),
        ("5", "03-06 07:00"),
        ("6", "03-08 07:00"),
    ]


def test_a_pause_and_its_end_a_pace_and_a_step_now(primer: Store):
    feed_id = a_feed(primer)
    ask(primer, catch_up_edits.pause, feed_id, "2026-03-02 08:00")
    ask(primer, catch_up_edits.next_now, feed_id, "2026-03-03 15:00")
    ask(primer, catch_up_edits.resume, feed_id, "2026-03-04 08:00")
    pace = parse_words("every day at 9:00 and 21:00", start=date(2026, 3, 5))
    ask(primer, catch_up_edits.change_pace, feed_id, "2026-03-05 08:00", pace=pace, posts=None)

    given = told(primer, feed_id, "2026-03-07 00:00")

    assert given == [
        ("1", "03-02 07:00"),
        ("2", "03-03 15:00"),
        ("3", "03-05 07:00"),
        ("4", "03-05 09:00"),
        ("5", "03-05 21:00"),
    ]


def test_another_pace_in_a_pause_waits_for_its_end(primer: Store):
    feed_id = a_feed(primer)
    ask(primer, catch_up_edits.pause, feed_id, "2026-03-02 08:00")
    ask(primer, catch_up_edits.change_pace, feed_id, "2026-03-02 09:00", pace=None, posts=2)
    paused = told(primer, feed_id, "2026-03-06 00:00")
    ask(primer, catch_up_edits.resume, feed_id, "2026-03-06 00:00")

    assert paused == [("1", "03-02 07:00")]
    assert told(primer, feed_id, "2026-03-06 07:00")[1:] == [("2", "03-06 07:00"), ("3", "03-06 07:00")]


def test_a_chapter_restored_after_its_turn_moves_no_other(primer: Store):
    feed_id = a_feed(primer)
    with primer.writing() as session:
        correct.withdraw(session, the_series(primer), "chapter-2", actor="alice", now=NOON)
    before = told(primer, feed_id, "2026-03-04 00:00")
    with primer.writing() as session:
        correct.restore(session, the_series(primer), "chapter-2", actor="alice", now=at("2026-03-04 00:00"))

    after = told(primer, feed_id, "2026-03-04 00:00")

    assert before == [("1", "03-02 07:00"), ("3", "03-03 07:00")]
    assert after == [("1", "03-02 07:00"), ("2", "03-03 07:00"), ("3", "03-03 07:00")]


def test_a_series_that_was_retired_for_a_while_leaves_the_dates_as_they_were(primer: Store):
    feed_id = a_feed(primer)
    with primer.writing() as session:
        correct.retire(session, the_series(primer), actor="alice", now=at("2026-03-02 08:00"))
    with primer.writing() as session:
        correct.reopen(session, the_series(primer), actor="alice", now=at("2026-03-03 08:00"))

    assert told(primer, feed_id, "2026-03-04 07:00") == [
        ("1", "03-02 07:00"),
        ("2", "03-03 07:00"),
        ("3", "03-04 07:00"),
    ]


@pytest.mark.parametrize("what", [catch_up_edits.pause, catch_up_edits.resume, catch_up_edits.next_now])
def test_of_a_feed_that_has_caught_up_nothing_more_is_asked(primer: Store, what):
    feed_id = a_feed(primer, after=4)

    with pytest.raises(BadValue, match="has caught up with primer on 2026-03-02"):
        ask(primer, what, feed_id, "2026-03-03 00:00")


def test_pausing_twice_and_resuming_what_goes_on_are_refused(primer: Store):
    feed_id = a_feed(primer)
    with pytest.raises(BadValue, match="is not paused"):
        ask(primer, catch_up_edits.resume, feed_id, "2026-03-02 08:00")
    ask(primer, catch_up_edits.pause, feed_id, "2026-03-02 08:00")

    with pytest.raises(BadValue, match="is paused already"):
        ask(primer, catch_up_edits.pause, feed_id, "2026-03-02 09:00")


def test_nothing_is_asked_before_what_was_asked_last(primer: Store):
    feed_id = a_feed(primer)
    ask(primer, catch_up_edits.next_now, feed_id, "2026-03-02 08:00")

    with pytest.raises(BadValue, match="was changed at 2026-03-02 08:00:00Z"):
        ask(primer, catch_up_edits.pause, feed_id, "2026-03-02 07:59")


def test_revoking_ends_a_feed_and_all_its_tokens(primer: Store):
    feed_id = a_feed(primer)
    ask(primer, catch_up_edits.revoke, feed_id, "2026-03-02 08:00", renew=True)
    ask(primer, catch_up_edits.revoke, feed_id, "2026-03-02 09:00", renew=False)

    with primer.reading() as session:
        assert tokens.counter(session, CATCH_UP, feed_id) == 2
        assert catch_up_feeds.every(session) == []
    with pytest.raises(BadValue, match="was revoked on 2026-03-02"):
        ask(primer, catch_up_edits.pause, feed_id, "2026-03-03 00:00")


def test_who_asked_for_what_is_on_record(primer: Store):
    feed_id = a_feed(primer)
    ask(primer, catch_up_edits.pause, feed_id, "2026-03-02 08:00")

    with primer.reading() as session:
        rows = session.query(Audit).filter_by(subject=f"catch-up:{feed_id}").order_by(Audit.id).all()

    assert [(row.actor, row.action) for row in rows] == [("alice", "catch-up start"), ("alice", "catch-up pause")]


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"zone": "Riga"}, "is not a zone"),
        ({"posts": 0}, "from 1 to 50 go into one step"),
        ({"posts": 51}, "from 1 to 50 go into one step"),
        ({"pace": parse_words("dates of its own, also on 3 March 2026")}, "goes on and on"),
        ({"pace": parse_words("every day from 1 March 2026, closed from 5 March 2026")}, "goes on and on"),
    ],
)
def test_a_feed_that_could_not_go_on_is_refused(primer: Store, values, problem: str):
    with pytest.raises(BadValue, match=problem):
        a_feed(primer, **values)


def test_a_retired_series_has_no_new_feeds(primer: Store):
    with primer.writing() as session:
        correct.retire(session, the_series(primer), actor="alice", now=NOON)

    with pytest.raises(BadValue, match="is retired"):
        a_feed(primer)


def test_of_the_feeds_of_a_retired_series_nothing_is_asked(primer: Store):
    feed_id = a_feed(primer)
    with primer.writing() as session:
        correct.retire(session, the_series(primer), actor="alice", now=NOON)

    with pytest.raises(BadValue, match="primer is retired, and its catch-up feeds with it"):
        ask(primer, catch_up_edits.next_now, feed_id, "2026-03-02 08:00")


def test_a_feed_that_is_not_there_is_named(primer: Store):
    with pytest.raises(CatchUpFeedNotFound, match="no catch-up feed 7"):
        ask(primer, catch_up_edits.pause, 7, "2026-03-02 08:00")


@pytest.mark.parametrize(("text", "after"), [("1", 0), ("4", 3), ("04", 3), ("chapter-3", 2)])
def test_the_first_chapter_is_named_by_number_or_slug(primer: Store, text: str, after: int):
    with primer.reading() as session:
        assert catch_up_edits.before_chapter(session, the_series(primer), text) == after


@pytest.mark.parametrize("text", ["6", "chapter-6", "0", "", "1.1"])
def test_a_chapter_that_is_not_out_cannot_be_the_first(primer: Store, text: str):
    with primer.reading() as session, pytest.raises(BadValue, match=f"no chapter '{text}' of primer is out"):
        catch_up_edits.before_chapter(session, the_series(primer), text)


def test_where_no_chapter_has_a_number_its_place_counts(store: Store):
    a_house(store)
    with store.writing() as session:
        series = a_series(session)
        walls = [datetime(2025, 1, day, 7) for day in (1, 2, 3)]
        sources = [a_source(slug=f"day-{wall.day}", wall=wall) for wall in walls]
        take_in(session, sources, slug="primer", defaults=NewSeries("UTC", "en"), now=NOON)
        correct.withdraw(session, series, "day-1", actor="alice", now=NOON)

        places = [catch_up_edits.before_chapter(session, series, text) for text in ("1", "2")]

    assert places == [1, 2]


def test_words_without_a_first_day_begin_on_the_day_that_is_given():
    assert parse_words("every day at 07:00", start=date(2026, 3, 1)) == daily(time(7), date(2026, 3, 1))
    assert parse_words("sundays at 07:00 from 8 March 2026", start=date(2026, 3, 1)) == weekly(
        time(7), date(2026, 3, 8)
    )
