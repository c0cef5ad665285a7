"""Reading a series from its past by mail, until it meets the live run."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from db import catch_ups, subscribers
from db.errors import BadValue
from db.tables import CatchUp, Edition, Series
from fascicle.sink import sink
from scheduler import catchup, readers, simulate
from scheduler.cadence import Cadence
from scheduler.correct import withdraw
from scheduler.next_letter import next_letter
from tests.mail.faulty import DROP, FaultyRelay
from tests.making import NOON, RULES, a_planned_post, a_reader, a_series, at
from tests.sending.office import Office, letters_in, running

BOB = "bob@example.org"
SLUGS = ("one", "two", "three", "four", "five")


@pytest.fixture
def history(bare: Office) -> Office:
    """Five posts that came out before anybody read: history, which the live run never sends."""
    with bare.store.writing() as session:
        series = a_series(session)
        for day, slug in enumerate(SLUGS, start=1):
            a_planned_post(session, series, at(f"2026-02-{day:02} 07:00"), slug=slug, number=str(day), title=slug)
    return bare


def catch_up(
    office: Office, *, pace: str = "every day", posts: int = 1, begin: str | None = None, frequency: str = "daily"
) -> None:
    """Bob starts to read from the past."""
    with office.store.writing() as session:
        reader = a_reader(session, BOB, frequency=frequency, now=office.calendar)
        series = session.query(Series).one()
        held = subscribers.subscription(session, reader.id, series.id)
        today = catchup.today_of(reader, office.calendar)
        first = catchup.first_seq(session, series, begin)
        catchup.start(session, held, catchup.parse_pace(pace, posts, today=today), first=first, now=office.calendar)


def mornings(office: Office, port: int, *, first: str, days: int) -> None:
    for day in range(days):
        office.run(at(f"{first} 07:00") + timedelta(days=day), port)


def change(office: Office, what: str, **values: object) -> None:
    """Bob does something with his catch-up."""
    with office.store.writing() as session:
        reader, series = subscribers.by_address(session, BOB), session.query(Series).one()
        getattr(catchup, what)(session, subscribers.subscription(session, reader.id, series.id), **values)


def catch_up_of(office: Office) -> CatchUp | None:
    with office.store.reading() as session:
        return session.query(CatchUp).one_or_none()


def test_one_who_catches_up_gets_the_past_in_order_at_their_pace(history: Office, relay: int):
    catch_up(history)

    mornings(history, relay, first="2026-03-02", days=7)

    assert history.carried(address=BOB) == [[slug] for slug in SLUGS]


def test_a_letter_from_the_past_leads_to_the_chapters_before_and_after(history: Office, relay: int, outbox: Path):
    catch_up(history, begin="2", posts=2)

    history.run(at("2026-03-02 07:00"), relay)

    [letter] = letters_in(outbox)
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "← Chapter 1: https://example.org/primer/one/" in text
    assert "Chapter 4 →: https://example.org/primer/four/" in text
    assert text.count("→") == 1


def test_who_does_not_catch_up_gets_no_history(history: Office, relay: int):
    with history.store.writing() as session:
        a_reader(session)
    catch_up(history)

    mornings(history, relay, first="2026-03-02", days=3)

    assert history.carried() == []


def test_a_pace_has_its_own_days(history: Office, relay: int):
    catch_up(history, pace="mondays and thursdays", posts=2)

    mornings(history, relay, first="2026-03-02", days=3)
    monday = history.carried(address=BOB)
    mornings(history, relay, first="2026-03-05", days=5)

    assert monday == [["one", "two"]]
    assert history.carried(address=BOB) == [["one", "two"], ["three", "four"], ["five"]]


def test_a_catch_up_begins_where_it_is_told(history: Office, relay: int):
    catch_up(history, begin="3")

    mornings(history, relay, first="2026-03-02", days=4)

    assert history.carried(address=BOB) == [["three"], ["four"], ["five"]]


def test_a_chapter_that_is_not_out_is_named_with_those_that_are(history: Office):
    with pytest.raises(BadValue, match=r"'9' is no chapter of primer that is out; there are 1, 2, 3, 4, 5"):
        catch_up(history, begin="9")


@pytest.mark.parametrize("frequency", ["daily", "instant", "weekly:tuesday"])
def test_a_catch_up_joins_the_live_run_without_gap_or_repeat(history: Office, relay: int, frequency: str):
    catch_up(history, posts=2, frequency=frequency)
    for day, slug in ((3, "six"), (5, "seven"), (9, "eight"), (10, "nine")):
        history.plan(slug, at(f"2026-03-{day:02} 06:00"))

    for day in range(9):
        for hour in (6, 7):
            history.run(at(f"2026-03-02 {hour:02}:00") + timedelta(days=day), relay)

    read = [slug for letter in history.carried(address=BOB) for slug in letter]
    assert read == [*SLUGS, "six", "seven", "eight", "nine"]
    assert catch_up_of(history) is None


def test_a_live_post_waits_until_the_past_is_read(history: Office, relay: int):
    catch_up(history, frequency="instant")
    history.plan("six", at("2026-03-02 08:00"))

    history.run(at("2026-03-02 08:00"), relay)

    assert history.carried(address=BOB) == [["one"]]


def test_a_late_comer_of_a_finished_series_gets_all_of_it(history: Office, relay: int):
    with history.store.writing() as session:
        session.query(Series).one().ended_at = NOON
    catch_up(history, posts=3)

    mornings(history, relay, first="2026-03-02", days=4)

    assert history.carried(address=BOB) == [["one", "two", "three"], ["four", "five"]]
    assert catch_up_of(history) is None


def test_the_next_one_comes_now_and_the_pace_goes_on_as_it_was(history: Office, relay: int):
    catch_up(history)
    mornings(history, relay, first="2026-03-02", days=1)

    history.calendar = at("2026-03-02 20:00")
    change(history, "next_now", now=history.calendar)
    change(history, "next_now", now=history.calendar)
    history.run(at("2026-03-02 20:00"), relay)
    that_evening = history.carried(address=BOB)
    mornings(history, relay, first="2026-03-03", days=1)

    assert that_evening == [["one"], ["two"]]
    assert history.carried(address=BOB) == [["one"], ["two"], ["three"]]


def test_the_letter_says_why_it_comes_now(history: Office, relay: int, outbox: Path):
    catch_up(history)
    change(history, "next_now", now=NOON)

    history.run(NOON, relay)

    [letter] = letters_in(outbox)
    assert "You get this now because you asked for Primer." in letter.get_body(("plain",)).get_content()


def test_a_paused_catch_up_takes_no_step_and_goes_on_with_its_pace(history: Office, relay: int):
    catch_up(history, pace="mondays")
    mornings(history, relay, first="2026-03-02", days=1)
    change(history, "pause", now=at("2026-03-03 09:00"))
    mornings(history, relay, first="2026-03-09", days=1)
    change(history, "resume", today=date(2026, 3, 11))

    mornings(history, relay, first="2026-03-12", days=4)
    before_monday = history.carried(address=BOB)
    mornings(history, relay, first="2026-03-16", days=1)

    assert before_monday == [["one"]]
    assert history.carried(address=BOB) == [["one"], ["two"]]


def test_a_pace_can_be_made_faster_and_slower(history: Office, relay: int):
    catch_up(history, pace="mondays")
    mornings(history, relay, first="2026-03-02", days=1)

    change(history, "change_pace", pace=catchup.parse_pace("every day", 2, today=date(2026, 3, 2)))
    mornings(history, relay, first="2026-03-03", days=1)
    change(history, "change_pace", pace=catchup.parse_pace("fridays", 1, today=date(2026, 3, 3)))
    mornings(history, relay, first="2026-03-04", days=3)

    assert history.carried(address=BOB) == [["one"], ["two", "three"], ["four"]]


def test_ending_a_catch_up_leaves_the_rest_of_the_past_out(history: Office, relay: int):
    catch_up(history)
    mornings(history, relay, first="2026-03-02", days=1)
    change(history, "end", last_seq=5)
    history.plan("six", at("2026-03-03 06:00"))

    mornings(history, relay, first="2026-03-03", days=3)

    assert history.carried(address=BOB) == [["one"], ["six"]]


def test_what_was_withdrawn_is_a_hole_and_an_insertion_is_read_at_its_seq(history: Office, relay: int):
    catch_up(history)
    with history.store.writing() as session:
        withdraw(session, session.query(Series).one(), "two", actor="olga", now=NOON)
    history.plan("between", at("2026-03-02 06:00"))

    mornings(history, relay, first="2026-03-02", days=7)

    assert history.carried(address=BOB) == [["one"], ["three"], ["four"], ["five"], ["between"]]


def test_a_step_that_met_a_passing_refusal_is_carried_by_the_next_letter_and_takes_no_second(
    history: Office, relay: int
):
    catch_up(history)
    with running(FaultyRelay({"RCPT": "450 4.2.1 later"})) as refusing:
        mornings(history, refusing, first="2026-03-02", days=1)

    mornings(history, relay, first="2026-03-03", days=2)

    assert history.carried(address=BOB) == [["one"], ["two"]]


def test_an_instant_letter_takes_over_a_step_and_with_it_the_day_of_the_step(history: Office, relay: int):
    catch_up(history)
    with history.store.writing() as session:
        a_series(session, "other")
        a_reader(session, BOB, frequency="instant", series=("other",), now=history.calendar)
    with running(FaultyRelay({"RCPT": "450 4.2.1 later"})) as refusing:
        mornings(history, refusing, first="2026-03-02", days=1)

    history.plan("news", at("2026-03-02 09:00"), series="other")
    history.run(at("2026-03-02 09:00"), relay)
    mornings(history, relay, first="2026-03-03", days=1)

    assert history.carried(address=BOB) == [["one", "news"], ["two"]]


def test_both_kinds_of_subscription_share_one_letter(history: Office, relay: int):
    catch_up(history)
    with history.store.writing() as session:
        a_series(session, "other")
        a_reader(session, BOB, series=("other",), now=history.calendar)
    history.plan("news", at("2026-03-02 06:00"), series="other")

    mornings(history, relay, first="2026-03-02", days=1)

    assert history.carried(address=BOB) == [["one", "news"]]


def with_a_letter_that_leaves_history_out(office: Office, answer: str) -> None:
    """Bob follows from before a history that is imported later; a letter carries the one post that is new."""
    with office.store.writing() as session:
        series = a_series(session)
        a_reader(session, BOB, now=NOON)
        for day, slug in enumerate(SLUGS[:2], start=1):
            a_planned_post(session, series, at(f"2026-02-{day:02} 07:00"), slug=slug)
    office.plan("three", at("2026-03-02 06:00"))
    with running(FaultyRelay({"dot": answer})) as port:
        mornings(office, port, first="2026-03-02", days=1)


def test_a_letter_made_before_a_catch_up_began_does_not_end_it(bare: Office, relay: int):
    with_a_letter_that_leaves_history_out(bare, "450 4.2.1 later")
    bare.calendar = at("2026-03-02 08:00")
    catch_up(bare, posts=2)

    bare.deliver(at("2026-03-02 09:00"), relay)
    mornings(bare, relay, first="2026-03-03", days=2)

    assert bare.carried(address=BOB) == [["one", "two"], ["three"]]


def test_a_letter_in_doubt_that_is_sent_again_does_not_end_a_catch_up_begun_since(bare: Office, relay: int):
    with_a_letter_that_leaves_history_out(bare, DROP)
    bare.calendar = at("2026-03-02 08:00")
    catch_up(bare, posts=2)

    bare.deliver(at("2026-03-02 09:00"), relay)
    mornings(bare, relay, first="2026-03-03", days=2)

    assert bare.states()[0] == "sent"
    assert bare.carried(address=BOB) == [["three"], ["one", "two"], ["three"]]


def test_who_leaves_a_series_leaves_the_catch_up_too(history: Office, relay: int):
    catch_up(history)
    with history.store.writing() as session:
        subscribers.leave(session, subscribers.by_address(session, BOB).id, now=NOON)

    mornings(history, relay, first="2026-03-02", days=2)

    assert history.carried(address=BOB) == []
    assert catch_up_of(history) is None


def test_the_next_letter_of_who_catches_up_is_told(history: Office):
    catch_up(history, pace="thursdays", posts=2)

    with history.store.reading() as session:
        reader = subscribers.by_address(session, BOB)
        held = [one for one, _ in subscribers.subscriptions_of(session, [reader.id])[reader.id]]
        coming = next_letter(session, reader, held, now=NOON)

    assert coming is not None
    assert (coming.moment, coming.out) == (at("2026-03-05 07:00"), ("one", "two"))


def test_a_look_ahead_counts_the_letters_of_who_catches_up(history: Office, relay: int):
    catch_up(history, posts=2)

    with history.store.reading() as session:
        until = at("2026-03-08 00:00")
        events = simulate.simulate(session, since=NOON, until=until, rules=RULES)
    foreseen = [event.at for event in events if event.kind == "edition"]
    mornings(history, relay, first="2026-03-02", days=6)

    with history.store.reading() as session:
        happened = [moment for (moment,) in session.query(Edition.moment).order_by(Edition.moment)]
    assert foreseen == happened
    assert len(happened) == 3


@pytest.mark.parametrize(
    ("words", "posts", "said"),
    [
        ("now and then", 1, "now and then"),
        ("every day", 0, "from 1 to 50"),
        ("every day", 51, "from 1 to 50"),
        ("every day from 2026-03-01, closed from 2026-03-02", 1, "no day to come"),
    ],
)
def test_a_pace_that_cannot_be_is_refused(words: str, posts: int, said: str):
    with pytest.raises(BadValue, match=said):
        catchup.parse_pace(words, posts, today=date(2026, 3, 1))


def test_a_pace_that_has_ended_goes_on_daily():
    cadence = Cadence(also=(datetime(2026, 3, 1, 7),))

    assert catchup.next_date(cadence, date(2026, 3, 4)) == date(2026, 3, 5)


def test_one_who_follows_nothing_cannot_catch_up(history: Office):
    with history.store.writing() as session:
        reader = a_reader(session, BOB)
        series = session.query(Series).one()
        held = readers.follow(session, reader, series, frequency=None, now=NOON)
        with pytest.raises(BadValue, match="nothing is caught up with"):
            catchup.the(session, held)
        assert catch_ups.of(session, [held.id]) == {}
    with sink(history.folder / "none") as port:
        history.run(at("2026-03-02 07:00"), port)
    assert history.carried(address=BOB) == []
