"""A list of readers, one a row, as CSV."""

import functools
import re
import zoneinfo
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from email_validator import EmailNotValidError, validate_email

from db.errors import BadValue
from importers.findings import Findings, did_you_mean, shown
from importers.long_table import each_record
from importers.records import Cell, Record
from importers.values import ImportRefused, Place, Problem, RefusedRow, SubscriberSource
from text.addresses import RESERVED_SERIES_SLUGS, check_slug

COLUMNS = (
    "email",
    "name",
    "zone",
    "hour",
    "frequency",
    "series",
    "language",
    "format",
    "state",
    "paused_until",
)
NOTHING = "-"
"""In the column `series`: none at all."""
FORMATS = ("html", "text")
STATES = ("active", "paused", "left")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FREQUENCIES = ("instant", "daily", *(f"weekly:{day}" for day in WEEKDAYS))
_ATOM = "[A-Za-z0-9_%+-]+"
_PLAIN = re.compile(rf"(?=.{{1,64}}@)({_ATOM}(?:\.{_ATOM})*)@([A-Za-z0-9.-]{{1,189}})")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def each_subscriber(
    path: Path, *, series: Collection[str] | None = None, after: int = 0
) -> Iterator[SubscriberSource | RefusedRow]:
    """The readers below a line, in the order of the file, however many; what cannot be read comes with what is wrong.

    `series` are those that may be named. Raises ImportRefused, before the first row, for what is no list of readers.
    """
    for record in each_record(path, columns=COLUMNS):
        if (record.place.line or 0) <= after:
            continue
        if isinstance(record, RefusedRow):
            yield record
            continue
        findings = Findings()
        source = _read_row(record, findings, series)
        yield _refused(record, findings) if findings.messages else source


def read_subscribers(path: Path) -> tuple[SubscriberSource, ...]:
    """The readers of a short list. Raises ImportRefused with every problem of every row."""
    rows = list(each_subscriber(path))
    problems = [problem for row in rows if isinstance(row, RefusedRow) for problem in row.problems]
    if problems or not rows:
        raise ImportRefused(tuple(problems) or (no_readers(path),))
    return tuple(row for row in rows if isinstance(row, SubscriberSource))


def no_readers(path: Path) -> Problem:
    return Problem(Place(path.name, None), "holds no readers.")


def subscriber_of(values: Mapping[str, str], place: str) -> SubscriberSource:
    """One reader from values named as the columns are, said at `place`. Raises BadValue with every problem."""
    findings = Findings()
    where = Place(place, None)
    reader = _read_row(Record(where, {name: Cell(text, None) for name, text in values.items()}), findings, None)
    try:
        findings.refuse()
    except ImportRefused as refused:
        raise BadValue("\n".join(str(problem) for problem in refused.problems)) from None
    return reader


def _refused(record: Record, findings: Findings) -> RefusedRow:
    return RefusedRow(place=record.place, address=record.text("email") or "", messages=findings.messages)


def _read_row(record: Record, findings: Findings, series: Collection[str] | None) -> SubscriberSource:
    follows = record.text("series") != NOTHING
    return SubscriberSource(
        email=_email(record, findings),
        name=record.text("name") or "",
        zone=_zone(record, findings),
        hour=_hour(record, findings),
        frequency=_frequency(record, findings),
        series=_series(record, findings, series) if follows else (),
        follows=follows,
        language=_language(record, findings),
        format=_one_of("format", FORMATS, record, findings),
        state=_one_of("state", STATES, record, findings),
        paused_until=_paused_until(record, findings),
        place=record.place,
    )


def _email(record: Record, findings: Findings) -> str:
    text = record.text("email")
    if text is None:
        findings.add(record.place, "`email` is missing.")
        return ""
    try:
        return normalized(text)
    except EmailNotValidError as error:
        findings.add(record.place, f"`email` {shown(text)}: {error}")
        return ""


def normalized(text: str) -> str:
    """The address as the library writes it; raises EmailNotValidError.

    What is plain has nothing in it that could be written in another way but its domain, and the domains of a long list
    are few.
    """
    plain = _PLAIN.fullmatch(text)
    if plain is None or len(text) > 254:
        return validate_email(text, check_deliverability=False).normalized
    return f"{plain[1]}@{_domain(plain[2])}"


@functools.lru_cache(maxsize=10_000)
def _domain(text: str) -> str:
    return validate_email(f"a@{text}", check_deliverability=False).domain


def _zone(record: Record, findings: Findings) -> str | None:
    zone = record.text("zone")
    if zone is not None and zone not in _zones():
        near = did_you_mean(zone, _zones())
        findings.add(record.place, f"`zone` {shown(zone)} is not a time zone, such as Europe/Riga.{near}")
    return zone


def _hour(record: Record, findings: Findings) -> int | None:
    text = record.text("hour")
    if text is None:
        return None
    if not re.fullmatch("[0-9]{1,2}", text) or int(text) > 23:
        findings.add(record.place, f"`hour` {shown(text)}: write a whole hour from 0 to 23.")
        return None
    return int(text)


def _frequency(record: Record, findings: Findings) -> str | None:
    text = record.text("frequency")
    frequency = "weekly:monday" if text == "weekly" else text
    if frequency is not None and frequency not in FREQUENCIES:
        near = did_you_mean(frequency, FREQUENCIES)
        findings.add(record.place, f"`frequency` {shown(frequency)}: write instant, daily or weekly:monday.{near}")
    return frequency


def _series(record: Record, findings: Findings, known: Collection[str] | None) -> tuple[str, ...]:
    slugs = record.listed("series", separators=";")
    for slug in slugs:
        if known is not None and slug in known:
            continue
        if why := check_slug(slug, RESERVED_SERIES_SLUGS):
            findings.add(record.place, f"`series` {shown(slug)} {why}.")
        elif known is not None:
            near = did_you_mean(slug, known)
            findings.add(
                record.place, f"series {slug!r} is not there; `fascicle series list` shows those that are.{near}"
            )
    return slugs


def _language(record: Record, findings: Findings) -> str | None:
    text = record.text("language")
    if text is not None and not _LANGUAGE.fullmatch(text):
        findings.add(record.place, f"`language` {shown(text)}: write a language code such as en or pt-BR.")
    return text


def _one_of(name: str, known: tuple[str, ...], record: Record, findings: Findings) -> str | None:
    text = record.text(name)
    if text is not None and text not in known:
        findings.add(record.place, f"`{name}` {shown(text)}: write {', '.join(known)}.{did_you_mean(text, known)}")
    return text


def _paused_until(record: Record, findings: Findings) -> datetime | None:
    text = record.text("paused_until")
    if text is None:
        return None
    try:
        until = datetime.fromisoformat(text)
    except ValueError:
        until = None
    if until is None or until.tzinfo is None:
        findings.add(record.place, f"`paused_until` {shown(text)}: write an instant such as 2026-08-01T05:00:00Z.")
        return None
    return until.astimezone(UTC)


@functools.cache
def _zones() -> frozenset[str]:
    # These two name whatever the machine is set to, or nothing: another machine would read them differently.
    return frozenset(zoneinfo.available_timezones() - {"localtime", "Factory"})
