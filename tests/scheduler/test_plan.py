from datetime import date, datetime, time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from importers.values import number_key
from scheduler.cadence import Cadence, Every
from scheduler.plan import Planned, assign, in_order

DAILY = Cadence(Every.day, time(7), date(2026, 3, 1))
FLOOR = datetime(2026, 3, 1, 12)


def day(number: int, hour: int = 7) -> datetime:
    return datetime(2026, 3, number, hour)


def test_posts_take_the_coming_slots_one_after_the_other():
    order = [Planned(1), Planned(2), Planned(3)]

    times = assign(order, DAILY, floor=FLOOR)

    assert times == {1: day(2), 2: day(3), 3: day(4)}


def test_a_pinned_post_keeps_its_pin_and_the_others_flow_around_it():
    order = [Planned(1), Planned(2, pin=day(5, 18)), Planned(3)]

    times = assign(order, DAILY, floor=FLOOR)

    assert times == {1: day(2), 2: day(5, 18), 3: day(6)}


def test_a_pinned_slot_is_taken_for_the_posts_before_it_too():
    order = [Planned(1), Planned(2), Planned(3, pin=day(3))]

    times = assign(order, DAILY, floor=FLOOR)

    assert times == {1: day(2), 2: day(4), 3: day(3)}


def test_a_released_post_gets_no_time_and_nothing_comes_before_it():
    order = [Planned(1, fixed=day(10)), Planned(2)]

    times = assign(order, DAILY, floor=FLOOR)

    assert times == {2: day(11)}


def test_without_a_cadence_only_pins_have_a_time():
    order = [Planned(1), Planned(2, pin=day(5))]

    times = assign(order, None, floor=FLOOR)

    assert times == {1: None, 2: day(5)}


def test_a_pin_in_the_past_stays():
    order = [Planned(1, pin=datetime(2020, 1, 1)), Planned(2)]

    times = assign(order, DAILY, floor=FLOOR)

    assert times == {1: datetime(2020, 1, 1), 2: day(2)}


@given(
    pins=st.lists(st.none() | st.integers(1, 28).map(day), max_size=12),
    every=st.sampled_from(Every),
)
def test_posts_without_a_pin_get_strictly_increasing_free_slots_and_pins_are_kept(
    pins: list[datetime | None], every: Every
):
    order = [Planned(number, pin=pin) for number, pin in enumerate(pins)]

    times = assign(order, Cadence(every, time(7), date(2026, 3, 1)), floor=FLOOR)

    free = [times[number] for number, pin in enumerate(pins) if pin is None]
    assert all(earlier < later for earlier, later in pairwise([FLOOR, *free]))
    assert not set(free) & set(pins) - {None}
    assert {times[number] for number, pin in enumerate(pins) if pin} == set(pins) - {None}


def ordered(*posts: tuple[str, datetime | None]) -> list[str]:
    found = in_order(posts, date=lambda post: post[1], label=lambda post: number_key(post[0]))
    return [number for number, _ in found]


def test_dated_posts_are_ordered_by_date_whatever_their_number():
    assert ordered(("1", day(9)), ("2", day(3))) == ["2", "1"]


def test_undated_posts_are_ordered_by_number():
    assert ordered(("1.10", None), ("1.9", None), ("2", None), ("1.1", None)) == ["1.1", "1.9", "1.10", "2"]


def test_an_undated_post_goes_after_the_last_one_that_its_number_follows():
    assert ordered(("2", None), ("3", day(9)), ("1", day(3))) == ["1", "2", "3"]


def test_an_undated_post_with_the_lowest_number_goes_first():
    assert ordered(("1", None), ("2", day(3)), ("3", day(4))) == ["1", "2", "3"]


def test_posts_of_one_moment_are_ordered_by_number():
    assert ordered(("1.10", day(3)), ("1.9", day(3))) == ["1.9", "1.10"]


@given(st.lists(st.tuples(st.sampled_from(["1", "1.9", "1.10", "2", "A"]), st.none() | st.integers(1, 28).map(day))))
def test_no_post_is_lost_and_dates_never_decrease(posts: list[tuple[str, datetime | None]]):
    found = in_order(posts, date=lambda post: post[1], label=lambda post: number_key(post[0]))

    dates = [date for _, date in found if date]
    assert sorted(found, key=str) == sorted(posts, key=str)
    assert dates == sorted(dates)
