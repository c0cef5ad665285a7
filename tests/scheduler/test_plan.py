from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from importers.values import number_key
from scheduler.cadence import Blackout, Cadence, daily, weekdays, weekly
from scheduler.plan import woven
from tests.making import at
from tests.scheduler.planning import DAILY, a_plan, a_post, day, moments, out


def _itself(pin: datetime | None) -> object:
    """Pins differ, posts without one need not."""
    return pin or object()


CADENCES = st.sampled_from([make(time(7), date(2026, 3, 1)) for make in (daily, weekdays, weekly)])


def test_posts_take_the_coming_slots_one_after_the_other():
    plan = a_plan(a_post(1), a_post(2), a_post(3))

    assert moments(plan) == {"c1": day(2), "c2": day(3), "c3": day(4)}


def test_a_pinned_post_keeps_its_pin_and_those_after_it_come_after_it():
    plan = a_plan(a_post(1), a_post(2, pin=day(5, 18)), a_post(3))

    assert moments(plan) == {"c1": day(2), "c2": day(5, 18), "c3": day(6)}


def test_a_post_whose_slot_would_come_after_a_later_pin_lets_the_pinned_one_go_first():
    plan = a_plan(a_post(1), a_post(2), a_post(3, pin=day(3)))

    assert list(moments(plan).items()) == [("c1", day(2)), ("c3", day(3)), ("c2", day(4))]


def test_pins_are_ordered_by_their_moments():
    plan = a_plan(a_post(1, pin=day(9)), a_post(2, pin=day(4)))

    assert list(moments(plan)) == ["c2", "c1"]


def test_nothing_comes_before_what_is_out():
    plan = a_plan(out(1, day(10)), a_post(2))

    assert moments(plan) == {"c2": day(11)}


def test_without_a_cadence_only_pins_have_a_moment():
    plan = a_plan(a_post(1), a_post(2, pin=day(5)), cadence=Cadence())

    assert moments(plan) == {"c1": None, "c2": day(5)}


def test_a_post_that_is_due_already_keeps_its_moment():
    plan = a_plan(a_post(1, wall=day(1, 7)), a_post(2, pin=datetime(2020, 1, 1)), a_post(3))

    assert list(moments(plan).items()) == [("c2", datetime(2020, 1, 1)), ("c1", day(1, 7)), ("c3", day(2))]
    assert [post.pin for post in plan.waiting] == [datetime(2020, 1, 1), None, None]


def test_a_post_takes_no_slot_before_its_earliest_moment_and_the_rest_follows():
    plan = a_plan(a_post(1), a_post(2, earliest=day(10)), a_post(3))

    assert moments(plan) == {"c1": day(2), "c2": day(10), "c3": day(11)}


def test_when_slots_run_out_posts_have_no_moment():
    paused = replace(DAILY, blackouts=(Blackout(date(2026, 3, 3), None, "a rest"),))

    plan = a_plan(a_post(1), a_post(2), a_post(3), cadence=paused)

    assert moments(plan) == {"c1": day(2), "c2": None, "c3": None}


def test_drafts_and_the_withdrawn_stand_aside_without_a_moment():
    plan = a_plan(a_post(1, state="draft"), a_post(2), a_post(3, state="withdrawn"))

    assert moments(plan) == {"c2": day(2)}
    assert [post.slug for post in plan.aside] == ["c1", "c3"]


def test_due_instants_are_those_of_the_zone():
    plan = a_plan(a_post(1), zone="Europe/Riga")

    assert plan.waiting[0].due_at == at("2026-03-02 05:00")


def test_the_order_holds_over_a_gap_of_the_zone():
    # 02:30 is read as 03:30 of that night, after 03:00.
    twice = Cadence(DAILY.rhythm, times=(time(2, 30), time(3)), start=date(2026, 3, 29))

    plan = a_plan(a_post(1), a_post(2), cadence=twice, zone="Europe/Berlin", floor=day(28, 12))

    assert moments(plan) == {"c1": day(29, 2, 30), "c2": day(29, 3)}
    assert [post.due_at for post in plan.waiting] == [at("2026-03-29 01:30")] * 2


@given(pins=st.lists(st.none() | st.integers(2, 28).map(day), max_size=12, unique_by=_itself), cadence=CADENCES)
def test_moments_increase_strictly_and_pins_are_kept(pins: list[datetime | None], cadence: Cadence):
    plan = a_plan(*(a_post(number, pin=pin) for number, pin in enumerate(pins, 1)), cadence=cadence)

    walls = [wall for wall in moments(plan).values() if wall]
    assert all(earlier < later for earlier, later in pairwise(walls))
    assert {post.slug: post.wall for post in plan.waiting if post.pin} == {
        f"c{number}": pin for number, pin in enumerate(pins, 1) if pin
    }


@given(pins=st.lists(st.none() | st.integers(2, 28).map(day), max_size=12, unique_by=_itself))
def test_posts_without_a_pin_stay_in_their_order(pins: list[datetime | None]):
    plan = a_plan(*(a_post(number, pin=pin) for number, pin in enumerate(pins, 1)))

    free = [post.key for post in plan.waiting if post.pin is None]
    assert free == sorted(free)


@given(count=st.integers(0, 40))
def test_settling_again_changes_nothing(count: int):
    plan = a_plan(*(a_post(number, pin=day(number) if number in (5, 9) else None) for number in range(1, count)))

    assert a_plan(*plan.posts) == plan


def put(old: list[tuple[str, datetime | None]], *new: tuple[str, datetime | None]) -> list[str]:
    found = woven(old, new, date=lambda post: post[1], label=lambda post: number_key(post[0]))
    return [number for number, _ in found]


def test_dated_posts_are_ordered_by_date_whatever_their_number():
    assert put([], ("1", day(9)), ("2", day(3))) == ["2", "1"]


def test_undated_posts_are_ordered_by_number():
    assert put([], ("1.10", None), ("1.9", None), ("2", None), ("1.1", None)) == ["1.1", "1.9", "1.10", "2"]


def test_an_undated_post_goes_after_the_last_one_that_its_number_follows():
    assert put([], ("2", None), ("3", day(9)), ("1", day(3))) == ["1", "2", "3"]


def test_an_undated_post_with_the_lowest_number_goes_first():
    assert put([], ("1", None), ("2", day(3)), ("3", day(4))) == ["1", "2", "3"]


def test_posts_of_one_moment_are_ordered_by_number():
    assert put([], ("1.10", day(3)), ("1.9", day(3))) == ["1.9", "1.10"]


def test_posts_that_were_there_keep_the_order_an_operator_gave_them():
    assert put([("3", None), ("1", None)], ("2", None)) == ["3", "1", "2"]


@given(st.lists(st.tuples(st.sampled_from(["1", "1.9", "1.10", "2", "A"]), st.none() | st.integers(1, 28).map(day))))
def test_no_post_is_lost_and_dates_never_decrease(posts: list[tuple[str, datetime | None]]):
    found = woven([], posts, date=lambda post: post[1], label=lambda post: number_key(post[0]))

    dates = [date for _, date in found if date]
    assert sorted(found, key=str) == sorted(posts, key=str)
    assert dates == sorted(dates)


def test_a_thousand_posts_span_a_thousand_slots():
    plan = a_plan(*(a_post(number) for number in range(1, 1001)))

    assert plan.waiting[-1].wall == day(2) + timedelta(days=999)
