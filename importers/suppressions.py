"""A list of addresses that get nothing, as other programs write it out: line by line, however long it is."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from email_validator import EmailNotValidError, validate_email

from db.states import SuppressionKind
from importers.findings import did_you_mean, shown
from importers.values import ImportRefused, Place, Problem

COLUMNS = ("email", "fingerprint", "kind", "reason", "since")
_FINGERPRINT = re.compile("[0-9a-f]{64}")
_NEVER = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class SuppressionSource:
    """An address, or where it was erased its fingerprint alone."""

    place: Place
    email: str | None
    fingerprint: str | None
    kind: SuppressionKind
    reason: str
    since: datetime | None


def read_suppressions(path: Path) -> Iterator[SuppressionSource | Problem]:
    """Each line, or what is wrong with it. A file without a header is a list of addresses.

    Raises ImportRefused when the file cannot be read, or its header names columns that we do not know.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            yield from _read(csv.reader(file, strict=True), path.name)
    except OSError as error:
        problem = Problem(Place(path.name, None), f"cannot be read: {error.strerror}.")
        raise ImportRefused((problem,)) from None


class _Rows(Protocol):
    """What csv gives."""

    line_num: int

    def __next__(self) -> list[str]: ...


def _read(rows: _Rows, file: str) -> Iterator[SuppressionSource | Problem]:
    names: list[str] | None = None
    begins = 1
    while True:
        place = Place(file, begins)
        try:
            values = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Problem(place, f"is not CSV from here on: {error}.")
            return
        begins = rows.line_num + 1
        if not any(value.strip() for value in values):
            continue
        if names is None:
            names, is_header = _header(values, place)
            if is_header:
                continue
        yield _line(dict(zip(names, values, strict=False)), place, spare=len(values) - len(names))


def _header(values: list[str], place: Place) -> tuple[list[str], bool]:
    """The names of the columns, and whether this line is the one that names them."""
    if len(values) == 1 and "@" in values[0]:
        return ["email"], False
    names = [value.strip().casefold() for value in values]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown or len(set(names)) < len(names) or not {"email", "fingerprint"} & set(names):
        word = unknown[0] if unknown else ",".join(names)
        near = did_you_mean(word, COLUMNS)
        message = (
            f"{shown(word)} is no header we know; name columns of {','.join(COLUMNS)}, or only list addresses.{near}"
        )
        raise ImportRefused((Problem(place, message),))
    return names, True


def _line(values: dict[str, str], place: Place, *, spare: int) -> SuppressionSource | Problem:
    told = {name: value.strip() for name, value in values.items()}
    if spare > 0:
        return Problem(place, f"has {len(values) + spare} values for {len(values)} columns.")
    if any(_NEVER.search(value) for value in told.values()):
        return Problem(place, "has bytes that are not UTF-8, or control characters.")
    fingerprint = told.get("fingerprint", "").casefold()
    email = told.get("email", "")
    if not email and not _FINGERPRINT.fullmatch(fingerprint):
        return Problem(place, "`email` is missing, and `fingerprint` is none.")
    try:
        return SuppressionSource(
            place=place,
            email=_address(email) if email else None,
            fingerprint=None if email else fingerprint,
            kind=_kind(told.get("kind", "")),
            reason=told.get("reason", "")[:1_000],
            since=_since(told.get("since", "")),
        )
    except ValueError as error:
        return Problem(place, str(error))


def _address(text: str) -> str:
    """As subscribers' addresses are kept, so that the two are found to be the same."""
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise ValueError(f"`email` {shown(text)}: {error}") from None


def _kind(text: str) -> SuppressionKind:
    try:
        return SuppressionKind(text) if text else SuppressionKind.imported
    except ValueError:
        known = ", ".join(SuppressionKind)
        raise ValueError(f"`kind` {shown(text)}: write one of {known}, or nothing.") from None


def _since(text: str) -> datetime | None:
    if not text:
        return None
    try:
        since = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"`since` {shown(text)}: write an instant such as 2026-03-05T08:00:00Z.") from None
    return since if since.tzinfo else since.replace(tzinfo=UTC)
