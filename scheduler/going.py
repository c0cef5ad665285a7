"""How it goes, day by day of the site's zone: readers, letters, what came back, feeds, how late releases were."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median

from sqlalchemy.orm import Session

from db import figures, finding
from db.figures import Counted
from db.states import SubscriberState
from timing.wall import to_instant, to_wall

READING = (SubscriberState.active, SubscriberState.paused)


@dataclass(frozen=True)
class Span:
    """Days that lie behind us, today the last, of a zone."""

    days: tuple[date, ...]
    zone: str

    @property
    def begin(self) -> datetime:
        return to_instant(datetime.combine(self.days[0], time()), self.zone)

    def day_of(self, at: datetime) -> date:
        return to_wall(at, self.zone).date()

    def summed(self, counted: Iterable[Counted]) -> Mapping[date, Counter[str]]:
        """Per day, how many of each kind; a day without any has none."""
        found = {day: Counter[str]() for day in self.days}
        for at, kind, many in counted:
            if (day := self.day_of(at)) in found:
                found[day][kind] += many
        return found


@dataclass(frozen=True)
class Growth:
    """Of one day: who came, who went, and how many readers there were at its end."""

    day: date
    joined: int
    left: int
    suppressed: int
    readers: int


@dataclass(frozen=True)
class Late:
    """Of one day: how many releases, and by how many milliseconds they were late."""

    day: date
    releases: int
    median: int
    worst: int


def last_days(now: datetime, zone: str, *, count: int) -> Span:
    today = to_wall(now, zone).date()
    return Span(tuple(today - timedelta(days=back) for back in range(count - 1, -1, -1)), zone)


def growth(session: Session, span: Span) -> list[Growth]:
    """From how many there are now backwards, so that the last line is what is true now."""
    moved = span.summed(figures.joined(session, span.begin) + figures.left(session, span.begin))
    states = finding.count_by_state(session)
    return _growth(span.days, moved, sum(states.get(state, 0) for state in READING))


def _growth(days: Sequence[date], moved: Mapping[date, Counter[str]], readers: int) -> list[Growth]:
    found: list[Growth] = []
    for day in reversed(days):
        joined, left, suppressed = (moved[day][kind] for kind in ("joined", "left", "suppressed"))
        found.append(Growth(day, joined, left, suppressed, readers))
        readers -= joined - left - suppressed
    return found[::-1]


def letters(session: Session, span: Span) -> Mapping[date, Counter[str]]:
    """Letters by their states, on the day of their edition."""
    return span.summed(figures.letters(session, span.begin))


def bounces(session: Session, span: Span) -> Mapping[date, Counter[str]]:
    """What came back, by why."""
    return span.summed(figures.bounces(session, span.begin))


def feed_requests(session: Session, span: Span) -> Mapping[date, Counter[str]]:
    """How often feeds were asked for, by what was answered."""
    return span.summed(figures.feed_requests(session, span.begin))


def lateness(session: Session, span: Span) -> list[Late]:
    by_day: dict[date, list[int]] = {day: [] for day in span.days}
    for at, late in figures.lateness(session, span.begin):
        if (day := span.day_of(at)) in by_day:
            by_day[day].append(late)
    return [
        Late(day, len(found), round(median(found)) if found else 0, max(found, default=0))
        for day, found in by_day.items()
    ]
