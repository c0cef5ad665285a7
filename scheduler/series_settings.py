"""What an operator says of a series, by command, file or page, and putting it into the store."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from db import feed_work, tags
from db import series as all_series
from db.errors import BadValue
from db.said import say, worded
from db.states import MissedPolicy
from db.tables import Series
from scheduler.cadence import Cadence, parse_date, parse_time
from scheduler.edit.apply import apply_at_once, cadence_of
from scheduler.edit.rules import NewCadence, with_kept_blackouts
from scheduler.intake import create_series
from scheduler.lint import check_rule_ids
from timing.wall import is_zone

MOST_ANNOUNCED = 100_000


@dataclass(frozen=True)
class Settings:
    """The settings named; those left out stay as they are. A `partial` cadence changes only the parts it names."""

    slug: str
    values: dict[str, Any] = field(default_factory=dict)
    cadence: dict[str, Any] = field(default_factory=dict)
    partial: bool = False

    @classmethod
    def of(cls, *, slug: str, every: str | None, start: str | None, **values: object) -> "Settings":
        """From the command line, where `at` is the cadence's time and that of dates without one."""
        cadence = {"every": every, "start": start, "at": values.get("at") if every or start else None}
        return cls(slug, _present(values), _present(cadence), partial=True)


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None and value != []}


def apply(
    session: Session, settings: Settings, *, zone: str, language: str, actor: str, now: datetime, create: bool | None
) -> int:
    """Make (`create` True), change (False), or whichever is needed (None); gives how many posts another cadence moves.

    Raises BadValue; the caller rolls back.
    """
    series = all_series.find(session, settings.slug)
    if create or (create is None and series is None):
        series = create_series(
            session,
            slug=settings.slug,
            title=str(settings.values.get("title") or settings.slug),
            zone=_zone(settings.values.get("zone", zone)),
            language=str(settings.values.get("language", language)),
            now=now,
        )
    assert series is not None
    # Locked before anything of it is read: what another operator has just changed is not to be lost.
    series = all_series.lock(session, series.id)
    if "zone" in settings.values and settings.values["zone"] != series.zone:
        words = say(
            "series %(series)s: its zone is %(zone)s; its plan changes it", series=series.slug, zone=series.zone
        )
        english = f"series {series.slug}: its zone is {series.zone}; `fascicle plan zone` changes it"
        raise BadValue(worded(english, words))
    _set_words(session, series, settings.values)
    _set_announced(series, settings.values)
    _set_lint(series, settings.values)
    if settings.cadence:
        before = (series.cadence or {}) if settings.partial else {}
        given = Cadence.from_json({"at": series.hour, **before, **settings.cadence})
        cadence = with_kept_blackouts(given, cadence_of(series))
        if cadence.rhythm is None and "start" in settings.cadence:
            raise BadValue("a start needs a rhythm: --every day, or whichever it is")
        if cadence != cadence_of(series):
            return apply_at_once(session, series, NewCadence(cadence), actor=actor, now=now).diff.moves
    session.flush()
    return 0


def _zone(name: Any) -> str:  # noqa: ANN401 - read from a file
    if not is_zone(str(name)):
        raise BadValue(say("%(name)r is not an IANA zone; one such is Europe/Riga", name=name))
    return str(name)


def _set_words(session: Session, series: Series, values: dict[str, Any]) -> None:
    named = {
        name: str(values[name]) for name in ("title", "subtitle", "summary", "author", "language") if name in values
    }
    told = {name: value or None if name == "author" else value for name, value in named.items()}
    changed = [name for name, value in told.items() if getattr(series, name) != value]
    for name in changed:
        setattr(series, name, told[name])
    if changed:
        _want_feeds(session, series)
    if "at" in values:
        series.hour = f"{parse_time(str(values['at'])):%H:%M}"
    if "missed" in values:
        if values["missed"] not in MissedPolicy.__members__:
            raise BadValue(
                say(
                    "missed: %(value)r: use %(policies)s",
                    value=values["missed"],
                    policies=[f"`{one}`" for one in MissedPolicy],
                )
            )
        series.missed = values["missed"]


def _want_feeds(session: Session, series: Series) -> None:
    """Every feed that names the series."""
    topics = [feed_work.topic_of(series.id), feed_work.ALL, feed_work.OPML]
    feed_work.want(session, [*topics, *(feed_work.tag(tag) for tag in tags.of_series(session, series.id))])


def _set_announced(series: Series, values: dict[str, Any]) -> None:
    """What is said of a count has a series announce, unless `announces` says otherwise; "" takes a value away."""
    if "announced_count" in values:
        series.announced_count = _count(values["announced_count"])
        series.announces = True
    if "announces" in values:
        series.announces = bool(values["announces"])
    if "announced_from" in values:
        series.announced_from = _date(values["announced_from"])
    if "announced_until" in values:
        series.announced_until = _date(values["announced_until"])
    if series.announced_from and series.announced_until and series.announced_until < series.announced_from:
        days = {"until": series.announced_until, "first": series.announced_from}
        raise BadValue(say("announced: %(until)s comes before %(first)s; exchange the two", **days))


def _count(value: Any) -> int | None:  # noqa: ANN401 - read from a file
    text = str(value).strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= MOST_ANNOUNCED):
        raise BadValue(
            say("announced_count: %(value)r is not a whole number from 1 to %(most)s", value=value, most=MOST_ANNOUNCED)
        )
    return int(text)


def _date(value: Any) -> date | None:  # noqa: ANN401 - read from a file
    return parse_date(str(value)) if str(value).strip() else None


def _set_lint(series: Series, values: dict[str, Any]) -> None:
    """`lint` names rules that are `off` and the `buffer`; `lint_off` and `lint_on` change single rules."""
    if not {"lint", "lint_off", "lint_on", "buffer"} & set(values):
        return
    lint = dict(values.get("lint", series.lint) or {})
    if unknown := sorted(set(lint) - {"off", "buffer"}):
        raise BadValue(f"lint: {unknown[0]!r} is not a key we know; it has off and buffer")
    off = {*lint.get("off", ()), *values.get("lint_off", ())} - set(values.get("lint_on", ()))
    check_rule_ids([*off, *values.get("lint_on", ())])
    buffer = str(values.get("buffer", lint.get("buffer", 0)))
    if not (buffer.isascii() and buffer.isdecimal() and len(buffer) < 7):
        raise BadValue(say("buffer: %(value)r is not a whole number", value=buffer))
    series.lint = {"off": sorted(off), "buffer": int(buffer)}
