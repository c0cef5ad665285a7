"""What an operator says of a series, on the command line or in a file, and putting it into the store."""

from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.orm import Session

from db import series as all_series
from db.errors import BadValue
from db.states import MissedPolicy
from db.tables import Series
from scheduler.cadence import Cadence, parse_date, parse_time
from scheduler.intake import create_series, plan
from timing.wall import is_zone

KEYS = (
    "slug", "title", "subtitle", "summary", "author", "language", "zone", "cadence", "at", "missed",
    "announced_count", "announced_from", "announced_until",
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """The settings named; those left out stay as they are."""

    slug: str
    values: dict[str, Any] = field(default_factory=dict)
    cadence: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, *, slug: str, every: str | None, start: str | None, **values: str | None) -> "Settings":
        """From the command line, where `at` is the cadence's time and that of dates without one."""
        cadence = {"every": every, "start": start, "at": values.get("at") if every or start else None}
        return cls(slug, _present(values), _present(cadence))


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def read_series_file(path: Path) -> list[Settings]:
    """Raises BadValue, naming the file and the series."""
    try:
        entries = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - plain text only
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadValue(f"{path}: cannot be read: {error}") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadValue(f"{path.name}: a list of series is expected, each beginning with `- slug: …`")
    return [_settings(path.name, place, entry) for place, entry in enumerate(entries)]


def _settings(name: str, place: int, entry: dict[str, Any]) -> Settings:
    for key in entry:
        if key not in KEYS:
            close = get_close_matches(key, KEYS, n=1)
            hint = f" Did you mean `{close[0]}`?" if close else ""
            raise BadValue(f"{name}: series[{place}]: `{key}` is not a key we know.{hint}")
    if not entry.get("slug") or not isinstance(entry.get("cadence", {}), dict):
        raise BadValue(f"{name}: series[{place}]: a slug is needed, and a cadence is a mapping")
    values = {key: value for key, value in entry.items() if key not in ("slug", "cadence")}
    return Settings(entry["slug"], values, entry.get("cadence", {}))


def apply(
    session: Session, settings: Settings, *, zone: str, language: str, now: datetime, create: bool | None
) -> Series:
    """Make (`create` True), change (False), or whichever is needed (None). Raises BadValue; the caller rolls back."""
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
    if "zone" in settings.values and settings.values["zone"] != series.zone:
        raise BadValue(f"series {series.slug}: its zone is {series.zone} and cannot be changed yet")
    _set_words(series, settings.values)
    _set_announced(series, settings.values)
    if settings.cadence:
        merged = {"at": series.hour, **(series.cadence or {}), **settings.cadence}
        series.cadence = Cadence.from_json(merged).to_json()
    series.version += 1
    session.flush()
    plan(session, series, now=now)
    return series


def _zone(name: Any) -> str:  # noqa: ANN401 - read from a file
    if not is_zone(str(name)):
        raise BadValue(f"{name!r} is not an IANA zone; one such is Europe/Riga")
    return str(name)


def _set_words(series: Series, values: dict[str, Any]) -> None:
    for name in ("title", "subtitle", "summary", "author", "language"):
        if name in values:
            setattr(series, name, str(values[name]))
    if "at" in values:
        series.hour = f"{parse_time(str(values['at'])):%H:%M}"
    if "missed" in values:
        if values["missed"] not in MissedPolicy.__members__:
            raise BadValue(f"missed: {values['missed']!r}: use release or hold")
        series.missed = values["missed"]


def _set_announced(series: Series, values: dict[str, Any]) -> None:
    if "announced_count" in values:
        try:
            series.announced_count = int(values["announced_count"])
        except ValueError:
            raise BadValue(f"announced_count: {values['announced_count']!r} is not a whole number") from None
        series.announces = True
    if "announced_from" in values:
        series.announced_from = _date(values["announced_from"])
    if "announced_until" in values:
        series.announced_until = _date(values["announced_until"])


def _date(value: Any) -> date:  # noqa: ANN401 - read from a file
    return parse_date(str(value))
