"""Bob pins chapters to moments of their own, some of which do not suit."""

from datetime import date, datetime, time

from scheduler.cadence import Blackout, Cadence, Rhythm, Unit
from tests.lint.making import a_book, a_chapter, found, out, told
from tests.making import at

SUMMER = Blackout(date(2026, 7, 1), date(2026, 7, 31), "summer")
CLOSED_IN_JULY = Cadence(Rhythm(Unit.day), (time(7),), date(2026, 6, 30), blackouts=(SUMMER,))


def test_a_chapter_on_a_blackout_day_is_told_with_the_reason():
    [finding] = found(a_book(a_chapter("1", "07-04"), cadence=CLOSED_IN_JULY))

    assert (finding.rule, finding.severity, finding.place) == ("blackout", "error", "2026-07-04")
    assert "blackout: summer" in finding.message


def test_the_next_open_slot_is_proposed():
    [finding] = found(a_book(a_chapter("1", "07-04"), a_chapter("2", "08-01"), cadence=CLOSED_IN_JULY))

    assert finding.mend == '`fascicle plan pin harbour chapter-1 "2026-08-02 07:00"`'


def test_without_a_rhythm_the_same_hour_of_the_next_open_day_is_proposed():
    [finding] = found(a_book(a_chapter("1", "07-04 18:30"), cadence=Cadence(blackouts=(SUMMER,))))

    assert finding.mend == '`fascicle plan pin harbour chapter-1 "2026-08-01 18:30"`'


def test_where_no_day_opens_again_the_mend_says_so_in_words():
    for_good = Cadence(blackouts=(Blackout(date(2026, 7, 1)),))

    [finding] = found(a_book(a_chapter("1", "07-04"), cadence=for_good))

    assert finding.mend == "give chapter-1 a day of its own with `fascicle plan pin`"


def test_a_holiday_counts_as_closed():
    cadence = Cadence(Rhythm(Unit.day), (time(7),), date(2026, 11, 1), holidays=("LV",))

    [finding] = found(a_book(a_chapter("1", "11-18"), cadence=cadence))

    assert finding.rule == "blackout"
    assert "holiday in LV" in finding.message


def test_a_chapter_that_came_out_on_a_closed_day_does_not_move():
    [finding] = found(a_book(out("1", "07-04"), cadence=CLOSED_IN_JULY), now=at("2026-09-01 12:00"))

    assert finding.message == "chapter-1 came out on 2026-07-04, a closed day (blackout: summer)"
    assert "`fascicle series set harbour --lint-off blackout`" in finding.mend


def test_a_planned_chapter_whose_date_is_past_is_told():
    [finding] = found(a_book(a_chapter("1", "03-02")), now=at("2026-03-03 12:00"))

    assert (finding.rule, finding.severity, finding.place) == ("past-planned", "error", "2026-03-02")
    assert finding.mend.startswith("`fascicle release` brings it out late")


def test_the_new_moment_proposed_for_it_is_not_past():
    [finding] = found(a_book(a_chapter("1", "03-02"), cadence=CLOSED_IN_JULY), now=at("2026-06-29 12:00"))

    assert '"2026-06-30 07:00"' in finding.mend


def test_a_chapter_that_is_due_this_moment_is_not_late():
    assert told(a_book(a_chapter("1", "03-02")), now=at("2026-03-02 07:00")) == []


def test_a_held_series_says_why_its_chapters_are_not_out():
    [finding] = found(a_book(a_chapter("1", "03-02"), held="the proofs are missing"), now=at("2026-03-03 12:00"))

    assert finding.message.endswith("; the series is held: the proofs are missing")
    assert "`fascicle series unhold harbour`" in finding.mend
    assert "`fascicle plan reflow harbour`" in finding.mend


def test_an_hour_that_clocks_skip_is_told_with_what_they_show_then():
    book = a_book(a_chapter("1", "03-29 03:30", zone="Europe/Riga"), zone="Europe/Riga")

    [finding] = found(book)

    assert (finding.rule, finding.severity) == ("dst-gap", "warning")
    assert "comes out at 2026-03-29 04:30" in finding.message
    assert finding.mend == '`fascicle plan pin harbour chapter-1 "2026-03-29 04:30"`'


def test_an_hour_that_clocks_show_twice_is_noted():
    book = a_book(a_chapter("1", "10-25 03:30", zone="Europe/Riga"), zone="Europe/Riga")

    [finding] = found(book)

    assert (finding.rule, finding.severity) == ("dst-fold", "note")
    assert '"2026-10-25 04:30"' in finding.mend


def test_clocks_that_changed_in_the_past_concern_nobody():
    book = a_book(out("1", "03-29 03:30", zone="Europe/Riga"), zone="Europe/Riga")

    assert told(book, now=at("2026-09-01 12:00")) == []


def test_a_whole_day_that_was_skipped_is_a_gap_of_the_clocks():
    book = a_book(a_chapter("1", wall=datetime(2011, 12, 30, 7)), zone="Pacific/Apia")

    [finding] = found(book)

    assert "comes out at 2011-12-31 07:00" in finding.message


def test_seven_in_the_morning_is_never_odd_in_riga():
    book = a_book(a_chapter("1", "03-29", zone="Europe/Riga"), a_chapter("2", "10-25"), zone="Europe/Riga")

    assert told(book) == []
