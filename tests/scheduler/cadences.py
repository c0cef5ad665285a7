"""Cadences of every kind for property tests, and the plainest way to find their slots: look at each day."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from hypothesis import strategies as st

from scheduler.cadence import Blackout, Cadence, Rhythm, Unit
from scheduler.cadence.calendars import holiday_on

FIRST_DAY = date(2026, 1, 1)
"""Where the oracle begins for a cadence without a start."""

SPAN = timedelta(days=500)
"""How far the oracle looks from the start of a cadence."""

CODES = ("AT", "DE", "DE-BE", "FR-Zone_A", "GB-ENG", "NO", "US-NY")
minutes = st.times().map(lambda at: at.replace(second=0, microsecond=0))
weekdays = st.integers(0, 6)
intervals = st.integers(1, 4) | st.integers(1, 999)
month_days = st.integers(1, 31) | st.just(-1)
rhythms = st.one_of(
    st.builds(Rhythm, st.just(Unit.day), intervals),
    st.builds(Rhythm, st.just(Unit.week), intervals, st.lists(weekdays).map(tuple)),
    st.builds(Rhythm, st.just(Unit.month), intervals, month_day=st.none() | month_days),
    st.builds(Rhythm, st.just(Unit.month), intervals, st.tuples(weekdays), nth=st.sampled_from((1, 2, 3, 4, 5, -1))),
)
reasons = st.text(st.characters(exclude_categories=["Cc", "Cs"])) | st.text("ab ()\\,")


@st.composite
def blackouts(draw: st.DrawFn, days: st.SearchStrategy[date]) -> Blackout:
    first, last = sorted((draw(days), draw(days)))
    return Blackout(first, draw(st.sampled_from((first, last, None))), draw(reasons))


@st.composite
def cadences(draw: st.DrawFn, days: st.SearchStrategy[date]) -> Cadence:
    """With dates from `days`, and starts that the rhythm can be counted from."""
    moments = st.builds(datetime.combine, days, minutes)
    rhythm = draw(st.none() | rhythms)
    return Cadence(
        rhythm,
        tuple(draw(st.lists(minutes, min_size=1, max_size=3))),
        draw(days.filter(lambda day: day.day <= 28)) if rhythm else draw(st.none() | days),
        draw(st.frozensets(days, max_size=3)),
        draw(st.frozensets(moments, max_size=3)),
        tuple(draw(st.lists(moments, max_size=3))),
        tuple(draw(st.lists(st.sampled_from(CODES), max_size=3))),
        tuple(draw(st.lists(blackouts(days), max_size=3))),
    )


def any_cadence() -> st.SearchStrategy[Cadence]:
    """From all of the calendar, but for rhythms that never meet a day."""
    return cadences(st.dates(max_value=date(9000, 1, 1)))


@st.composite
def busy_cadences(draw: st.DrawFn) -> Cadence:
    """With all that it says within two years, often on its own slots, and a rhythm that gives many."""
    cadence = draw(cadences(st.dates(FIRST_DAY, date(2027, 12, 31))))
    own = list(plain_slots(Cadence(cadence.rhythm, cadence.times, cadence.start)))
    if not own:
        return cadence
    some = st.lists(st.sampled_from(own), max_size=3)
    return Cadence(
        cadence.rhythm,
        cadence.times,
        cadence.start,
        cadence.without_days | {at.date() for at in draw(some)},
        cadence.without_slots | set(draw(some)),
        (*cadence.also, *draw(some)),
        cadence.holidays,
        cadence.blackouts,
    )


def horizon(cadence: Cadence) -> datetime:
    """The moment up to which `plain_slots` has looked."""
    return datetime.combine((cadence.start or FIRST_DAY) + SPAN, time.max)


def plain_slots(cadence: Cadence) -> Iterator[datetime]:
    """All slots before the horizon, found by looking at every day."""
    end = horizon(cadence)
    moments = {at for at in _rule(cadence, end.date()) if holiday_on(cadence.holidays, at.date()) is None}
    for at in sorted(moments | {at for at in cadence.also if at <= end}):
        left_out = at.date() in cadence.without_days or at in cadence.without_slots
        closed = [one for one in cadence.blackouts if one.first <= at.date() <= (one.last or date.max)]
        if not left_out and not closed:
            yield at


def _rule(cadence: Cadence, end: date) -> Iterator[datetime]:
    if cadence.rhythm is None or cadence.start is None:
        return
    day = cadence.start
    while day <= end:
        if _meets(cadence.rhythm, cadence.start, day):
            yield from (datetime.combine(day, at) for at in cadence.times)
        day += timedelta(days=1)


def _meets(rhythm: Rhythm, start: date, day: date) -> bool:
    if rhythm.unit is Unit.day:
        return (day - start).days % rhythm.interval == 0
    if rhythm.unit is Unit.week:
        weeks = (_monday(day) - _monday(start)).days // 7
        return weeks % rhythm.interval == 0 and day.weekday() in (rhythm.weekdays or (start.weekday(),))
    months = (day.year - start.year) * 12 + day.month - start.month
    return months % rhythm.interval == 0 and _meets_in_month(rhythm, start, day)


def _meets_in_month(rhythm: Rhythm, start: date, day: date) -> bool:
    if rhythm.nth == -1:
        return day.weekday() == rhythm.weekdays[0] and (day + timedelta(days=7)).month != day.month
    if rhythm.nth is not None:
        return day.weekday() == rhythm.weekdays[0] and (day.day - 1) // 7 + 1 == rhythm.nth
    if rhythm.month_day == -1:
        return (day + timedelta(days=1)).month != day.month
    return day.day == (rhythm.month_day or start.day)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
