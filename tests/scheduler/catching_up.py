"""Posts that are out, one a day, and what a reader asks of a catch-up feed."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from db.catch_up_feeds import Out
from scheduler.cadence import Cadence, daily
from scheduler.catch_up_feed import Course, Reached, Step, Stretch, reached
from tests.making import at

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
FIRST_OUT = at("2026-01-01 12:00")
"""When the first post came out; each other one a day after the one before."""
START = at("2026-03-01 12:00")
SEVEN = daily(time(7), date(2026, 3, 1))
TWICE = Cadence(SEVEN.rhythm, (time(7), time(19)), SEVEN.start)


def out(count: int, *, first: datetime = FIRST_OUT) -> list[Out]:
    """So many posts, seq 1, 2, …"""
    return [Out(seq, f"urn:x:{seq}", seq, first + (seq - 1) * DAY) for seq in range(1, count + 1)]


def a_course(*stretches: Stretch, after: int = 0, asked: Sequence[datetime] = (), zone: str = "UTC") -> Course:
    """From START on, one post at seven each day, unless told otherwise."""
    steps = tuple(Step(moment, 1) for moment in asked)
    return Course(zone=zone, after=after, stretches=stretches or (Stretch(START, SEVEN),), asked=steps)


def had(course: Course, posts: Sequence[Out], now: str) -> list[tuple[int, str]]:
    """What a feed was given by now, withdrawn or not: seq and due."""
    return told(reached(course, posts, now=at(now)))


def told(far: Reached) -> list[tuple[int, str]]:
    return [(one.post.seq, f"{one.due:%m-%d %H:%M}") for one in far.given]
