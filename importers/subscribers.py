"""A list of readers, one a row, as CSV."""

import functools
import re
import zoneinfo
from collections.abc import Iterable, Mapping
from pathlib import Path

from email_validator import EmailNotValidError, validate_email

from db.errors import BadValue
from importers.files import read_text
from importers.findings import Findings, did_you_mean, shown
from importers.records import Cell, Record
from importers.table import read_table
from importers.values import ImportRefused, Place, Problem, SubscriberSource
from text.addresses import RESERVED_SERIES_SLUGS, check_slug

COLUMNS = ("email", "name", "zone", "hour", "frequency", "series", "language")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FREQUENCIES = ("instant", "daily", *(f"weekly:{day}" for day in WEEKDAYS))
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def read_subscribers(path: Path) -> tuple[SubscriberSource, ...]:
    """The readers in the order of the file. Raises ImportRefused with every problem of every row."""
    findings = Findings()
    text = read_text(path, Place(path.name, None), findings=findings) or ""
    findings.refuse()
    rows = read_table(text, path.name, columns=COLUMNS, findings=findings)
    readers = [_read_row(record, findings) for record in rows]
    _check_once(readers, findings)
    findings.refuse()
    if not readers:
        raise ImportRefused((Problem(Place(path.name, None), "holds no readers."),))
    return tuple(readers)


def subscriber_of(values: Mapping[str, str], place: str) -> SubscriberSource:
    """One reader from values named as the columns are, said at `place`. Raises BadValue with every problem."""
    findings = Findings()
    where = Place(place, None)
    reader = _read_row(Record(where, {name: Cell(text, None) for name, text in values.items()}), findings)
    try:
        findings.refuse()
    except ImportRefused as refused:
        raise BadValue("\n".join(str(problem) for problem in refused.problems)) from None
    return reader


def _read_row(record: Record, findings: Findings) -> SubscriberSource:
    return SubscriberSource(
        email=_email(record, findings),
        name=record.text("name") or "",
        zone=_zone(record, findings),
        hour=_hour(record, findings),
        frequency=_frequency(record, findings),
        series=_series(record, findings),
        language=_language(record, findings),
        place=record.place,
    )


def _email(record: Record, findings: Findings) -> str:
    text = record.text("email")
    if text is None:
        findings.add(record.place, "`email` is missing.")
        return ""
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError as error:
        findings.add(record.place, f"`email` {shown(text)}: {error}")
        return ""


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


def _series(record: Record, findings: Findings) -> tuple[str, ...]:
    slugs = record.listed("series", separators=";")
    for slug in slugs:
        why = check_slug(slug, RESERVED_SERIES_SLUGS)
        if why:
            findings.add(record.place, f"`series` {shown(slug)} {why}.")
    return slugs


def _language(record: Record, findings: Findings) -> str | None:
    text = record.text("language")
    if text is not None and not _LANGUAGE.fullmatch(text):
        findings.add(record.place, f"`language` {shown(text)}: write a language code such as en or pt-BR.")
    return text


def _check_once(readers: Iterable[SubscriberSource], findings: Findings) -> None:
    first: dict[str, SubscriberSource] = {}
    for reader in readers:
        # Mailbox names that differ only in case are one person's in practice, who must not get two letters.
        other = first.setdefault(reader.email.casefold(), reader) if reader.email else reader
        if other is not reader:
            findings.add(reader.place, f"{reader.email} is also on line {other.place.line}; keep one of the two.")


@functools.cache
def _zones() -> frozenset[str]:
    # These two name whatever the machine is set to, or nothing: another machine would read them differently.
    return frozenset(zoneinfo.available_timezones() - {"localtime", "Factory"})
