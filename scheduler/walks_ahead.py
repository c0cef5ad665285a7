"""How one who catches up will come on: step by step on the days of a pace, and then in the live run."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from db.crowds import Follows, Steps
from db.states import Frequency
from scheduler.cadence import Cadence
from scheduler.catchup import next_date


class Call(NamedTuple):
    """A moment at which one may be sent something of a series that is at `seq`: a digest of a day, or a release.

    A digest serves the readers of some `weekdays`.
    """

    at: datetime
    day: date | None
    seq: int
    weekdays: frozenset[int] = frozenset()


def walk(one: Follows, calls: Iterable[Call]) -> dict[Call, tuple[int, int]]:
    """What is sent at which of these calls, which are in order: what comes after one seq, up to another."""
    found: dict[Call, tuple[int, int]] = {}
    mark, steps = one.watermark, one.steps
    for call in calls:
        upto = _upto(one, mark, steps, call)
        if upto > mark:
            steps = _stepped(steps, call, met=steps is not None and mark + steps.posts >= call.seq)
            found[call] = (mark, upto)
            mark = upto
    return found


def _upto(one: Follows, mark: int, steps: Steps | None, call: Call) -> int:
    if steps is not None:
        due = call.day is not None and steps.next_on <= call.day
        return min(mark + steps.posts, call.seq) if due else mark
    return call.seq if _joins(one, call) else mark


def _joins(one: Follows, call: Call) -> bool:
    if call.day is None:
        return one.frequency == Frequency.instant
    return one.frequency == Frequency.daily or (one.frequency == Frequency.weekly and one.weekday in call.weekdays)


def _stepped(steps: Steps | None, call: Call, *, met: bool) -> Steps | None:
    """A step was taken: the next one has its date, or the live run is met."""
    if steps is None or met or call.day is None:
        return None
    return steps._replace(next_on=next_date(Cadence.from_json(json.loads(steps.pace)), call.day))
