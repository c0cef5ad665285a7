"""A plan without faults is met with silence, however long it is."""

from datetime import date, datetime, time, timedelta
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from db.states import PostState
from scheduler.cadence import Blackout, Cadence, Rhythm, Unit, slots
from scheduler.lint import Book
from tests.lint.making import a_book, a_chapter, a_long_plan, found
from timing.wall import to_instant

ZONES = st.sampled_from(["UTC", "Europe/Riga", "America/New_York", "Asia/Kolkata", "Pacific/Apia"])
UNITS = st.builds(Rhythm, st.sampled_from(Unit), interval=st.integers(1, 5))


@st.composite
def cadences(draw: st.DrawFn) -> Cadence:
    # Clocks change at night, so no time by day is odd anywhere.
    times = draw(
        st.sets(st.times(time(5), time(21)).map(lambda at: at.replace(second=0, microsecond=0)), min_size=1, max_size=3)
    )
    first = draw(st.dates(date(2026, 1, 1), date(2027, 1, 1)))
    shut = draw(st.dates(date(2026, 1, 1), date(2027, 12, 31)))
    closed = (Blackout(shut, shut + timedelta(days=draw(st.integers(0, 40)))),)
    holidays = draw(st.sampled_from([(), ("LV",), ("DE-BE",)]))
    return Cadence(draw(UNITS), tuple(times), first, holidays=holidays, blackouts=closed)


@st.composite
def clean_plans(draw: st.DrawFn) -> tuple[Book, datetime]:
    """Chapters in order on the slots of a cadence, some of them out, and the moment this is looked at."""
    cadence, zone = draw(cadences()), draw(ZONES)
    count = draw(st.integers(0, 40))
    released = draw(st.integers(0, count))
    has_numbers, links_back, announces = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    walls = list(islice(slots(cadence), count))
    chapters = [
        a_chapter(
            str(number) if has_numbers else None,
            slug=f"post-{number}",
            title=f"Chapter {number} — Rain" if has_numbers else "Rain",
            state=PostState.released if number <= released else PostState.planned,
            body=f"See [before](../post-{max(1, number - 1)}/)." if links_back else "It rained.",
            wall=wall,
            due_at=to_instant(wall, zone),
            released_at=to_instant(wall, zone) if number <= released else None,
        )
        for number, wall in enumerate(walls, 1)
    ]
    book = a_book(*chapters, zone=zone, cadence=cadence, announced_count=count if announces else None)
    return book, to_instant(walls[released - 1], zone) if released else datetime(2025, 1, 1).astimezone()


@given(clean_plans())
def test_a_clean_plan_yields_nothing(plan: tuple[Book, datetime]):
    book, now = plan

    assert found(book, now=now) == []


def test_a_clean_plan_of_a_thousand_posts_yields_nothing():
    assert found(a_long_plan(1000)) == []
