"""A cadence as series files and the store have it: a mapping of texts, lists of texts, and mappings of texts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from db.errors import BadValue
from db.said import say
from scheduler.cadence.calendars import holiday_code
from scheduler.cadence.closed import Blackout
from scheduler.cadence.dates import parse_date, parse_day_or_slot, parse_time, say_time
from scheduler.cadence.reading_rhythm import parse_rhythm
from scheduler.cadence.rhythm import Rhythm
from scheduler.cadence.saying import rhythm_text

if TYPE_CHECKING:
    from scheduler.cadence.rule import Cadence

KEYS = ("every", "at", "start", "except", "also", "holidays", "blackouts")
BLACKOUT_KEYS = ("from", "until", "reason")
Value = TypeVar("Value")


class Fields(TypedDict):
    """The fields of a Cadence."""

    rhythm: Rhythm | None
    times: tuple[time, ...]
    start: date | None
    without_days: frozenset[date]
    without_slots: frozenset[datetime]
    also: tuple[datetime, ...]
    holidays: tuple[str, ...]
    blackouts: tuple[Blackout, ...]


def to_mapping(cadence: "Cadence") -> dict[str, Any]:
    """Keys that would be empty are left out; one time alone is a text, as in the first version of the store."""
    at = [say_time(one) for one in cadence.times]
    left_out = [day.isoformat() for day in cadence.without_days] + [_moment(one) for one in cadence.without_slots]
    values = {
        "every": rhythm_text(cadence.rhythm) if cadence.rhythm else None,
        "at": at[0] if len(at) == 1 else at,
        "start": cadence.start.isoformat() if cadence.start else None,
        "except": sorted(left_out),
        "also": [_moment(one) for one in cadence.also],
        "holidays": list(cadence.holidays),
        "blackouts": [_blackout_mapping(one) for one in cadence.blackouts],
    }
    return {key: value for key, value in values.items() if value}


def fields_of(values: Mapping[str, Any]) -> Fields:
    """Raises BadValue that begins with the path of the key: `blackouts[0].until: …`."""
    _check_keys(values, KEYS)
    times = _each(values, "at", parse_time) if "at" in values else [time(7)]
    left_out = _each(values, "except", parse_day_or_slot)
    return Fields(
        rhythm=_one("every", parse_rhythm, _every(values["every"])) if "every" in values else None,
        times=tuple(times),
        start=_one("start", parse_date, values["start"]) if "start" in values else None,
        without_days=frozenset(one for one in left_out if not isinstance(one, datetime)),
        without_slots=frozenset(one for one in left_out if isinstance(one, datetime)),
        also=tuple(_also(_each(values, "also", parse_day_or_slot), times)),
        holidays=tuple(_each(values, "holidays", holiday_code)),
        blackouts=tuple(_blackouts(values.get("blackouts") or [])),
    )


def _moment(at: datetime) -> str:
    return f"{at.date().isoformat()} {say_time(at.time())}"


def _blackout_mapping(blackout: Blackout) -> dict[str, str]:
    until = blackout.last.isoformat() if blackout.last else ""
    values = {"from": blackout.first.isoformat(), "until": until, "reason": blackout.reason}
    return {key: value for key, value in values.items() if value}


def _check_keys(values: Mapping[str, Any], known: Sequence[str], above: str = "") -> None:
    for key in values:
        if key not in known:
            close = get_close_matches(str(key), known, n=1)
            hint = f"did you mean `{close[0]}`?" if close else f"there are {', '.join(known)}"
            raise BadValue(say("%(above)s`%(key)s` is not a key we know; %(hint)s", above=above, key=key, hint=hint))


def _one(path: str, read: Callable[[str], Value], value: Any) -> Value:  # noqa: ANN401 - read from a file
    if isinstance(value, (list, Mapping)):
        raise BadValue(say("%(path)s: one text is expected here", path=path))
    try:
        return read(str(value).strip())
    except BadValue as error:
        raise BadValue(say("%(path)s: %(error)s", path=path, error=error)) from None


def _each(values: Mapping[str, Any], key: str, read: Callable[[str], Value]) -> list[Value]:
    """A list of texts, or a text alone; nothing when the key is missing."""
    value = values.get(key, [])
    if not isinstance(value, list):
        return [_one(key, read, value)]
    return [_one(f"{key}[{place}]", read, one) for place, one in enumerate(value)]


def _every(value: Any) -> Any:  # noqa: ANN401 - read from a file
    """Weekdays may come as a list, [monday, thursday]."""
    return ", ".join(str(one) for one in value) if isinstance(value, list) else value


def _also(found: list[date | datetime], times: list[time]) -> Iterator[datetime]:
    """A date without a time means all times of the cadence."""
    for one in found:
        yield from [one] if isinstance(one, datetime) else [datetime.combine(one, at) for at in times]


def _blackouts(values: Any) -> Iterator[Blackout]:  # noqa: ANN401 - read from a file
    if not isinstance(values, list) or not all(isinstance(one, Mapping) for one in values):
        raise BadValue(
            say("blackouts: a list of mappings is expected, such as [{from: 2026-07-01, until: 2026-07-31}]")
        )
    for place, one in enumerate(values):
        yield _blackout(f"blackouts[{place}]", one)


def _blackout(path: str, values: Mapping[str, Any]) -> Blackout:
    _check_keys(values, BLACKOUT_KEYS, f"{path}: ")
    if not values.get("from"):
        raise BadValue(say("%(path)s.from: needed; give the first day, such as 2026-07-01", path=path))
    until = values.get("until")
    last = _one(f"{path}.until", parse_date, until) if until else None
    first = _one(f"{path}.from", parse_date, values["from"])
    try:
        return Blackout(first, last, _one(f"{path}.reason", str, values.get("reason") or ""))
    except BadValue as error:
        raise BadValue(say("%(path)s: %(error)s", path=path, error=error)) from None
