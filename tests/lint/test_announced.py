"""Alice told her readers how many chapters there will be, or on which days."""

from datetime import date, time

import pytest

from db.states import PostState
from scheduler.cadence import weekdays
from tests.lint.making import a_book, a_chapter, a_draft, days_from, every_day, found, out, told

TWELVE = {
    "announced_count": 12,
    "announced_from": date(2026, 3, 1),
    "announced_until": date(2026, 3, 12),
    "cadence": every_day(),
}
DAYS = dict(enumerate(days_from("03-01", 12), 1))


def chapters(*numbers: int):
    """Chapters on the days announced for them."""
    return [a_chapter(str(number), DAYS[number]) for number in numbers]


def test_all_twelve_are_there():
    assert told(a_book(*chapters(*DAYS), **TWELVE)) == []


def test_a_missing_chapter_is_told_once_with_its_day():
    [finding] = found(a_book(*chapters(*(DAYS.keys() - {6})), **TWELVE))

    assert (finding.rule, finding.severity, finding.place) == ("announced-missing", "error", "2026-03-06")
    assert finding.message == "no post on 2026-03-06: chapter 6 of the 12 announced"
    assert "`number: 6`, `date: 2026-03-06`" in finding.mend


def test_the_first_and_the_last_may_be_missing():
    assert told(a_book(*chapters(*range(2, 12)), **TWELVE)) == [
        ("announced-missing", "2026-03-01"),
        ("announced-missing", "2026-03-12"),
    ]


def test_missing_chapters_side_by_side_are_told_one_by_one():
    assert [place for _, place in told(a_book(*chapters(1, 2, 5, *range(6, 13)), **TWELVE))] == [
        "2026-03-03",
        "2026-03-04",
    ]


def test_what_is_still_to_come_at_the_end_is_one_finding():
    [finding] = found(a_book(*chapters(1, 2, 3), **TWELVE))

    assert finding.place == "2026-03-04 … 2026-03-12"
    assert finding.message == "no posts from 2026-03-04 to 2026-03-12: chapters 4 to 12 of the 12 announced"


def test_nothing_written_yet_is_one_finding():
    assert told(a_book(**TWELVE)) == [("announced-missing", "2026-03-01 … 2026-03-12")]


def test_an_introduction_before_the_window_is_welcome():
    assert told(a_book(a_chapter(None, "02-28"), *chapters(*DAYS), **TWELVE)) == []


def test_a_draft_of_the_missing_chapter_is_named():
    [finding] = found(a_book(*chapters(*(DAYS.keys() - {6})), a_draft("6", slug="the-lamp"), **TWELVE))

    assert finding.message.endswith("chapter 6 of the 12 announced; the-lamp is a draft")
    assert finding.mend.startswith("`fascicle plan insert harbour the-lamp`, or ")


def test_a_chapter_that_stands_elsewhere_should_move_to_its_day():
    book = a_book(*chapters(*range(1, 12)), a_chapter("12", "03-20", slug="the-end"), **TWELVE)

    [finding] = [one for one in found(book) if one.rule == "announced-missing"]

    assert finding.message == "no post on 2026-03-12, announced for chapter 12 of 12; the-end stands on 2026-03-20"
    assert finding.mend == "`fascicle plan pin harbour the-end 2026-03-12`"


def test_a_day_taken_by_another_post_still_lacks_its_chapter():
    book = a_book(*chapters(*(DAYS.keys() - {6})), a_chapter(None, DAYS[6], slug="an-aside"), **TWELVE)

    [finding] = found(book)

    assert (finding.place, finding.message) == ("6", "no post is chapter 6 of the 12 announced")


def test_a_count_alone_is_compared_with_the_numbers():
    book = a_book(a_chapter("1", "03-01"), a_chapter("3", "03-02"), a_chapter("4", "03-03"), announced_count=4)

    assert told(book) == [("announced-missing", "2")]


def test_a_count_that_does_not_fit_the_days_is_looked_at_singly():
    short = {**TWELVE, "announced_count": 3}
    book = a_book(a_chapter("1", "03-01"), a_chapter("3", "03-03"), **short)

    assert told(book) == [
        ("announced-missing", "2026-03-02"),
        ("announced-missing", "2026-03-04 … 2026-03-12"),
        ("announced-missing", "2"),
    ]


def test_without_numbers_the_days_are_looked_at():
    book = a_book(*(a_chapter(None, DAYS[day]) for day in DAYS if day != 6), **TWELVE)

    [finding] = found(book)

    assert (finding.place, finding.message) == ("2026-03-06", "no post on 2026-03-06, a day announced")


def test_without_numbers_and_days_the_posts_are_counted():
    [finding] = found(a_book(a_chapter(None, "03-01"), a_chapter(None, "03-09"), announced_count=3))

    assert (finding.place, finding.message) == ("3 announced", "2 of the 3 announced posts are there")


def test_sections_are_counted_as_posts():
    assert told(a_book(a_chapter("1.1", "03-01"), a_chapter("1.2", "03-02"), announced_count=2)) == []


def test_a_window_that_does_not_end_holds_as_many_slots_as_are_announced():
    values = {"announced_count": 3, "announced_from": date(2026, 3, 5), "cadence": weekdays(time(7), date(2026, 3, 2))}
    book = a_book(a_chapter("1", "03-05"), a_chapter("3", "03-09"), **values)

    assert told(book) == [("announced-missing", "2026-03-06")]


def test_a_window_without_a_rhythm_wants_at_least_one_post():
    window = {"announced_from": date(2026, 3, 1), "announced_until": date(2026, 3, 31)}

    assert told(a_book(a_chapter(None, "04-01"), **window)) == [("announced-missing", "2026-03-01 … 2026-03-31")]
    assert told(a_book(a_chapter(None, "03-31"), **window)) == []


def test_numbers_beyond_the_count_are_left_to_the_other_rules():
    book = a_book(*chapters(*DAYS), a_chapter("15", "03-13"), **TWELVE)

    assert told(book) == [("number-missing", "13 … 14")]


def test_a_withdrawn_chapter_is_missing():
    gone = out("6", DAYS[6], slug="gone")
    book = a_book(*chapters(*(DAYS.keys() - {6})), a_chapter("6", slug=gone.slug, state=PostState.withdrawn), **TWELVE)

    assert found(book)[0].message.endswith("; gone is withdrawn")


@pytest.mark.parametrize("count", [0, None])
def test_nothing_announced_is_nothing_missing(count: int | None):
    assert told(a_book(announced_count=count)) == []


def test_a_slip_of_the_finger_is_answered_quickly():
    assert told(a_book(*chapters(1), announced_count=10**9)) == [("announced-missing", "2 … 10000")]
