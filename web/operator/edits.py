"""From the fields of a form to an edit of a plan."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from db.errors import BadValue
from db.said import say
from scheduler.cadence import parse_date, parse_words
from scheduler.edit import (
    AddBlackout,
    Edit,
    HoldNow,
    Insert,
    Keep,
    LetGo,
    MoveAlone,
    MoveBeside,
    MoveWithRest,
    NewCadence,
    NewZone,
    Pause,
    Pin,
    Reflow,
    Relabel,
    Remove,
    RemoveBlackout,
    Renumber,
    Resume,
    ShiftDays,
    ShiftSlots,
    StartAll,
    Swap,
    Unpin,
    read_moment,
)

FIELDS = (
    "what", "post", "other", "date", "time", "by", "rest", "first", "last", "reason", "count", "words", "zone", "keep",
    "place", "number", "onwards",
)  # fmt: skip
"""What a preview hands on to the applying of it."""
_MOST_DAYS = 100_000


@dataclass(frozen=True)
class Asked:
    """The fields of a form; `hour` is that of the series, `now` what its clocks show."""

    form: Mapping[str, str]
    hour: str
    now: datetime

    def text(self, name: str) -> str:
        return self.form.get(name, "").strip()

    def day(self, name: str) -> date | None:
        return parse_date(self.text(name)) if self.text(name) else None

    @property
    def moment(self) -> datetime:
        """The moment that was asked for, so many days (`by`) later."""
        if not self.text("date"):
            raise BadValue(say("say when: a date is needed, such as 2026-03-05"))
        return read_moment(f"{self.text('date')} {self.text('time')}", self.hour) + timedelta(days=self.number("by"))

    def number(self, name: str) -> int:
        """A whole number; nothing is 0."""
        try:
            found = int(self.text(name) or "0") if self.text(name).isascii() else _MOST_DAYS + 1
        except ValueError:
            found = _MOST_DAYS + 1
        if abs(found) > _MOST_DAYS:
            raise BadValue(say("%(value)r is not a number that can be counted by", value=self.text(name)[:20]))
        return found


def edit_of(asked: Asked) -> Edit:
    """Raises BadValue for what is no edit."""
    make = _MAKERS.get(asked.text("what"))
    if make is None:
        raise BadValue(say("say what to do"))
    return make(asked)


def _move(asked: Asked) -> Edit:
    kind = MoveWithRest if asked.text("rest") else MoveAlone
    return kind(asked.text("post"), asked.moment)


def _beside(asked: Asked) -> Edit:
    after = asked.text("place") != "before"
    other = asked.text("other")
    return MoveBeside(asked.text("post"), other if after else None, None if after else other)


def _insert(asked: Asked) -> Edit:
    other = asked.text("other") or None
    before = asked.text("place") == "before"
    return Insert(asked.text("post"), after=None if before else other, before=other if before else None)


def _shift(asked: Asked) -> Edit:
    kind = ShiftSlots if asked.text("place") == "slots" else ShiftDays
    return kind(asked.text("post"), asked.number("count"))


def _pause(asked: Asked) -> Edit:
    return Pause(asked.day("first") or asked.now.date(), asked.day("last"), asked.text("reason") or "pause")


def _blackout(asked: Asked) -> Edit:
    first = asked.day("first")
    if first is None:
        raise BadValue(say("say which days: the first is needed, such as 2026-12-24"))
    return AddBlackout(first, asked.day("last") or first, asked.text("reason") or "closed")


def _open(asked: Asked) -> Edit:
    return RemoveBlackout(asked.day("first") or asked.now.date())


def _start(asked: Asked) -> Edit:
    first = asked.day("first")
    if first is None:
        raise BadValue(say("say on which day all begins, such as 2026-03-05"))
    return StartAll(first)


def _relabel(asked: Asked) -> Edit:
    if asked.text("onwards"):
        return Renumber(asked.text("post"), asked.number("number"))
    return Relabel(asked.text("post"), asked.text("number") or None)


def _zone(asked: Asked) -> Edit:
    return NewZone(asked.text("zone"), Keep.instant if asked.text("keep") == Keep.instant else Keep.wall)


_MAKERS: Mapping[str, Callable[[Asked], Edit]] = {
    "move": _move,
    "beside": _beside,
    "pin": lambda asked: Pin(asked.text("post"), asked.moment),
    "unpin": lambda asked: Unpin(asked.text("post")),
    "swap": lambda asked: Swap(asked.text("post"), asked.text("other")),
    "insert": _insert,
    "remove": lambda asked: Remove(asked.text("post")),
    "shift": _shift,
    "reflow": lambda _: Reflow(),
    "pause": _pause,
    "resume": lambda asked: Resume(asked.day("first") or asked.now.date()),
    "blackout": _blackout,
    "open": _open,
    "start": _start,
    "hold": lambda asked: HoldNow(asked.text("reason")),
    "unhold": lambda _: LetGo(),
    "relabel": _relabel,
    "cadence": lambda asked: NewCadence(parse_words(asked.text("words"))),
    "zone": _zone,
}
