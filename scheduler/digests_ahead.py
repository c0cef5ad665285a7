"""The digests to come of one hour of a zone: when they are, whom each serves, and when it served them before."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from db.audience import weekdays
from scheduler.foresight import Course
from timing.wall import to_instant, to_wall

_DAY = timedelta(days=1)


class Sight(NamedTuple):
    """A digest as those see it whom it serves: it lies after so many moments of release.

    `daily` is the step of the digest before it, `weekly` that of the last one for the readers of each weekday that it
    serves; None where there is none to come before it.
    """

    step: int
    daily: int | None
    weekly: tuple[tuple[int, int | None], ...]


class Digests:
    """Those after an instant `since`. `held_on` is the last date that has had its digest.

    `exists` says whether a zone has a date; it may remember it for all hours of the zone.
    """

    def __init__(
        self, zone: str, hour: int, *, held_on: date, since: datetime, exists: Callable[[date, str], bool]
    ) -> None:
        self.zone, self.hour = zone, hour
        self._held_on, self._since = held_on, since
        self._exists = exists
        # Else its rules would be read from their file again and again: zoneinfo itself keeps no more than eight.
        self._rules = ZoneInfo(zone)
        self._moments: dict[date, datetime | None] = {}

    def moment(self, day: date) -> datetime | None:
        """None for a date that does not exist."""
        if day not in self._moments:
            wall = datetime.combine(day, time(self.hour))
            self._moments[day] = to_instant(wall, self.zone) if self._exists(day, self.zone) else None
        return self._moments[day]

    def between(self, begin: datetime, end: datetime) -> list[tuple[date, datetime]]:
        """The dates and moments of those in (begin, end]."""
        # From the day before: an hour that the clocks skip there may come on the next.
        day, last = to_wall(begin, self.zone).date() - _DAY, to_wall(end, self.zone).date()
        days = (day + _DAY * number for number in range((last - day).days + 1))
        found = ((one, self.moment(one)) for one in days)
        return [(one, at) for one, at in found if at is not None and max(begin, self._since) < at <= end]

    def before(self, day: date) -> date | None:
        """The date of the digest before that of a day; None where that is the first."""
        day -= _DAY
        while (moment := self.moment(day)) is None:
            day -= _DAY
        return day if moment > self._since else None

    def serves(self, day: date) -> set[int]:
        """The weekdays whose readers join the digest of a day."""
        return weekdays(day, self.before(day) or self._held_on)

    def seen(self, day: date, course: Course) -> Sight:
        weekly = tuple(
            (weekday, self._step(self._joined(day, weekday), course)) for weekday in sorted(self.serves(day))
        )
        step = self._step(day, course)
        assert step is not None
        return Sight(step, self._step(self.before(day), course), weekly)

    def _joined(self, day: date, weekday: int) -> date | None:
        """The date of the last digest before that of a day that readers of a weekday join."""
        found = self.before(day)
        if found is not None:
            # Its own date in most cases; else the digest that came instead.
            named = found - _DAY * ((found.weekday() - weekday) % 7)
            moment = self.moment(named)
            if moment is not None and moment > self._since:
                return named
        while found is not None and weekday not in self.serves(found):
            found = self.before(found)
        return found

    def _step(self, day: date | None, course: Course) -> int | None:
        moment = self.moment(day) if day else None
        return course.step(moment) if moment else None
