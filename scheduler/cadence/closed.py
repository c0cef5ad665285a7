"""Blackouts: stretches of days on which a series is closed."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from db.errors import BadValue
from db.said import say

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Blackout:
    """Nothing comes out from `first` to `last`, both included; without `last` it is a pause that nobody has ended yet.

    Spaces in the reason are made single. Raises BadValue for an end before the beginning.
    """

    first: date
    last: date | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", " ".join(self.reason.split()))
        if self.last is not None and self.last < self.first:
            raise BadValue(
                say(
                    "a blackout cannot end on %(last)s, before it begins on %(first)s", last=self.last, first=self.first
                )
            )
        # Control characters and halves of surrogate pairs: databases refuse some, pages show none.
        if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in self.reason):
            raise BadValue(say("the reason of a blackout has a character that cannot be shown"))

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)

    @property
    def order(self) -> tuple[date, date, str]:
        """Sorts blackouts by beginning, then end."""
        return self.first, self.last or date.max, self.reason

    def __str__(self) -> str:
        return self.said

    @property
    def said(self) -> str:
        return say("blackout: %(reason)s", reason=reason_said(self.reason)) if self.reason else say("blackout")


def reason_said(reason: str) -> str:
    """The reasons that stand where nobody gave one, in words that can be translated; others as they are."""
    return {"pause": say("pause"), "closed": say("closed")}.get(reason, reason)


def blackout_on(blackouts: Iterable[Blackout], day: date) -> Blackout | None:
    return next((one for one in blackouts if one.covers(day)), None)


def open_stretches(blackouts: Sequence[Blackout], *, since: date) -> Iterator[tuple[date, date]]:
    """First and last day of each stretch between blackouts, which come sorted; the last may reach the end of 9999."""
    begin = since
    for one in blackouts:
        if one.first > begin:
            yield begin, one.first - _DAY
        if one.last is None or one.last == date.max:
            return
        begin = max(begin, one.last + _DAY)
    yield begin, date.max
