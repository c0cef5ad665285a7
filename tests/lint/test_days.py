"""Alice plans a serial, a chapter every morning, and looks whether a day was forgotten or taken twice."""

from datetime import date, datetime, time

from db.states import PostState
from scheduler.cadence import Blackout, Cadence, Rhythm, Unit, weekdays, weekly
from tests.lint.making import a_book, a_chapter, a_draft, every_day, found, out, told, wall

TWICE_A_DAY = Cadence(Rhythm(Unit.day), (time(7), time(19)), date(2026, 3, 1))


def test_two_chapters_at_one_moment_are_double_booked():
    book = a_book(a_chapter("1", "03-02"), a_chapter("2", "03-02"))

    [finding] = found(book)

    assert (finding.rule, finding.severity, finding.place) == ("double-booked-slot", "error", "2026-03-02 07:00")
    assert finding.message == "chapter-1 and chapter-2 stand on 2026-03-02 07:00"


def test_the_mend_moves_the_later_one_to_the_next_free_slot():
    book = a_book(
        a_chapter("1", "03-02"), a_chapter("2", "03-02"), a_chapter("3", "03-03"), cadence=every_day("2026-03-02")
    )

    [finding] = found(book)

    assert finding.mend == '`fascicle plan pin harbour chapter-2 "2026-03-04 07:00"`'


def test_of_a_released_and_a_planned_chapter_the_planned_one_should_move():
    book = a_book(a_chapter("1", "03-02"), out("2", "03-02"))

    assert [one.post for one in found(book) if one.rule == "double-booked-slot"] == ["chapter-1"]


def test_two_chapters_that_are_out_stay_where_they_are():
    book = a_book(out("1", "01-02"), out("2", "01-02"))

    [finding] = found(book)

    assert finding.mend == (
        "none, they are out; `fascicle series set harbour --lint-off double-booked-slot` if that was meant"
    )


def test_two_chapters_on_one_day_of_a_daily_serial_are_double_booked():
    book = a_book(a_chapter("1", "03-02"), a_chapter("2", "03-02 19:00"), cadence=every_day())

    assert told(book) == [("double-booked-day", "2026-03-02")]


def test_without_a_rhythm_there_is_room_for_one_a_day():
    book = a_book(a_chapter("1", "03-02"), a_chapter("2", "03-02 19:00"))

    assert told(book) == [("double-booked-day", "2026-03-02")]


def test_a_day_with_two_slots_has_room_for_two():
    book = a_book(a_chapter("1", "03-02"), a_chapter("2", "03-02 19:00"), cadence=TWICE_A_DAY)

    assert told(book) == []


def test_three_on_a_day_with_two_slots_are_too_many():
    hours = ("03-02", "03-02 19:00", "03-02 21:00")
    book = a_book(*(a_chapter(str(number), hour) for number, hour in enumerate(hours, 1)), cadence=TWICE_A_DAY)

    assert told(book) == [("double-booked-day", "2026-03-02")]


def test_one_chapter_on_a_saturday_of_a_weekday_serial_is_no_fault():
    book = a_book(
        a_chapter("1", "03-06"),
        a_chapter("2", "03-07 19:00"),
        a_chapter("3", "03-09"),
        cadence=weekdays(time(7), date(2026, 3, 2)),
    )

    assert told(book) == []


def test_two_series_may_share_a_day():
    books = a_book(a_chapter("1", "03-02")), a_book(a_chapter("1", "03-02"), series="island", title="The Island")

    assert told(*books) == []


def test_an_empty_slot_between_two_chapters_is_a_gap():
    book = a_book(a_chapter("1", "03-02"), a_chapter("2", "03-04"), cadence=every_day())

    [finding] = found(book)

    assert (finding.rule, finding.severity, finding.place) == ("gap", "warning", "2026-03-03")
    assert finding.mend.startswith('`fascicle plan pin harbour chapter-2 "2026-03-03 07:00"`')


def test_a_gap_in_the_past_is_filled_by_an_import():
    book = a_book(out("1", "01-02"), out("2", "01-04"), cadence=every_day("2026-01-01"))

    [finding] = found(book)

    assert finding.mend == "`fascicle import FOLDER --series harbour` with a post for `date: 2026-01-03`"


def test_empty_slots_in_a_row_are_one_gap():
    book = a_book(a_chapter("1", "03-02"), a_chapter("2", "03-06"), a_chapter("3", "03-08"), cadence=every_day())

    assert told(book) == [("gap", "2026-03-03 … 2026-03-05"), ("gap", "2026-03-07")]


def test_nothing_lacks_before_the_first_chapter_or_after_the_last():
    book = a_book(a_chapter("1", "03-05"), a_chapter("2", "03-06"), cadence=every_day())

    assert told(book) == []


def test_a_serial_without_a_rhythm_has_no_gaps():
    book = a_book(a_chapter("1", "03-02"), a_chapter("2", "03-20"))

    assert told(book) == []


def test_a_weekly_serial_lacks_only_its_own_day():
    book = a_book(a_chapter("1", "03-02"), a_chapter("2", "03-16"), cadence=weekly(time(7), date(2026, 3, 2)))

    assert told(book) == [("gap", "2026-03-09")]


def test_a_blackout_is_no_gap():
    closed = Cadence(
        Rhythm(Unit.day), (time(7),), date(2026, 3, 1), blackouts=(Blackout(date(2026, 3, 3), date(2026, 3, 4)),)
    )
    book = a_book(a_chapter("1", "03-02"), a_chapter("2", "03-05"), cadence=closed)

    assert told(book) == []


def test_a_holiday_is_no_gap():
    closed = Cadence(Rhythm(Unit.day), (time(7),), date(2026, 5, 1), holidays=("LV",))
    book = a_book(a_chapter("1", "05-03"), a_chapter("2", "05-05"), cadence=closed)

    assert [place for rule, place in told(book) if rule == "gap"] == []


def test_a_chapter_at_another_hour_fills_its_day():
    book = a_book(a_chapter("1", "03-02"), a_chapter("2", "03-03 21:15"), a_chapter("3", "03-04"), cadence=every_day())

    assert told(book) == []


def test_the_evening_slot_may_lack_alone():
    book = a_book(a_chapter("1", "03-02"), a_chapter("2", "03-03"), cadence=TWICE_A_DAY)

    assert told(book) == [("gap", "2026-03-02 19:00")]


def test_drafts_and_withdrawn_posts_take_no_day():
    withdrawn = a_chapter("3", "03-02", slug="gone", state=PostState.withdrawn)
    book = a_book(a_chapter("1", "03-02"), a_draft("2", wall=wall("03-02")), withdrawn)

    assert told(book) == []


def test_days_before_the_cadence_began_are_no_gaps():
    book = a_book(out("1", "01-05"), out("2", "01-20"), a_chapter("3", "03-01"), cadence=every_day())

    assert told(book) == []


def test_a_gap_of_centuries_is_one_finding():
    far = datetime(2126, 3, 1, 7)
    book = a_book(a_chapter("1", "03-02"), a_chapter("2", wall=far), cadence=every_day())

    assert told(book) == [("gap", "2026-03-03 … 2126-02-28")]
