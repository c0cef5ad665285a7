"""Taking in subscribers, from the command line or a file, many at a time: nobody who left is revived."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from db import series as all_series
from db import subscribers
from db.states import Frequency, SubscriberState, SubscriptionState
from db.tables import Subscriber, Subscription
from db.upsert import insert_all_missing
from importers.values import ImportRefused, Problem, SubscriberSource
from scheduler.editions import ensure_digest_hours
from scheduler.personal import send_owed
from scheduler.readers import ReaderDefaults, heed, parse_frequency


class Joined(StrEnum):
    """What became of one source; who is on two of them is new by the first, and changed by the second."""

    new = "new"
    changed = "changed"
    left_before = "left before"
    suppressed = "suppressed"


_GONE = {SubscriberState.left: Joined.left_before, SubscriberState.suppressed: Joined.suppressed}


@dataclass(frozen=True)
class _Entry:
    source: SubscriberSource
    key: str
    mark: str


def take_in_readers(
    session: Session,
    sources: Sequence[SubscriberSource],
    *,
    defaults: ReaderDefaults,
    fingerprint: Callable[[str], str],
    now: datetime,
) -> list[tuple[str, Joined]]:
    """Subscribe each source to its series (all series if it names none); gives what became of each address.

    As if they came one after the other, in a number of statements that does not grow with theirs. Raises ImportRefused,
    with every problem, when one names a series that is not there; the caller rolls back.
    """
    series = _series_of(session, sources)
    keys = [subscribers.address_key(source.email) for source in sources]
    entries = [_Entry(source, key, fingerprint(key)) for source, key in zip(sources, keys, strict=True)]
    suppressed = subscribers.suppressed_among(session, {entry.mark for entry in entries})
    known = subscribers.keys_among(session, keys)
    allowed = [entry for entry in entries if entry.mark not in suppressed]
    _add_new(session, [entry for entry in allowed if entry.key not in known], defaults, now=now)
    readers = subscribers.hold_all(session, {entry.key for entry in allowed})
    joined = [_join(entry, readers.get(entry.key), known, defaults) for entry in entries]
    session.flush()
    taken = [(readers[entry.key], entry.source) for entry, kind in zip(entries, joined, strict=True) if _is_in(kind)]
    _subscribe(session, taken, series, now=now)
    ensure_digest_hours(session, {(reader.zone, reader.hour) for reader, _ in taken}, now=now)
    return [(source.email, kind) for source, kind in zip(sources, joined, strict=True)]


def _series_of(session: Session, sources: Sequence[SubscriberSource]) -> Mapping[str, tuple[int, int]]:
    named = {slug for source in sources for slug in source.series}
    everything = any(source.follows and not source.series for source in sources)
    there = all_series.ends_of(session, None if everything else named)
    problems = [
        Problem(source.place, f"series {slug!r} is not there; `fascicle series list` shows those that are")
        for source in sources
        for slug in source.series
        if slug not in there
    ]
    if problems:
        raise ImportRefused(tuple(problems))
    return there


def _add_new(session: Session, entries: Sequence[_Entry], defaults: ReaderDefaults, *, now: datetime) -> None:
    """One row for each address, by its first source; who comes by another way at this moment stays as they are."""
    first: dict[str, _Entry] = {}
    for entry in entries:
        first.setdefault(entry.key, entry)
    insert_all_missing(session, Subscriber, [_row(entry, defaults, now=now) for entry in first.values()])


def _row(entry: _Entry, defaults: ReaderDefaults, *, now: datetime) -> dict[str, Any]:
    source = entry.source
    reader = Subscriber(state=source.state)
    heed(reader, source, defaults)
    return {
        "address": source.email,
        "address_key": entry.key,
        "fingerprint": entry.mark,
        "name": reader.name,
        "zone": reader.zone,
        "hour": reader.hour,
        "language": reader.language,
        "format": reader.format,
        "state": source.state or reader.state,
        "paused_until": source.paused_until if source.state == SubscriberState.paused else None,
        "created_at": now,
    }


def _join(entry: _Entry, reader: Subscriber | None, known: set[str], defaults: ReaderDefaults) -> Joined:
    """What becomes of one source; `known` grows by those who came with an earlier one."""
    if reader is None:
        return Joined.suppressed
    new = entry.key not in known
    known.add(entry.key)
    state = SubscriberState(reader.state)
    if state in _GONE and not (new and entry.source.state == state):
        return _GONE[state]
    if state not in _GONE:
        heed(reader, entry.source, defaults)
    return Joined.new if new else Joined.changed


def _is_in(kind: Joined) -> bool:
    return kind in (Joined.new, Joined.changed)


def _subscribe(
    session: Session,
    taken: Sequence[tuple[Subscriber, SubscriberSource]],
    series: Mapping[str, tuple[int, int]],
    *,
    now: datetime,
) -> None:
    """From the next post on. Who subscribes already keeps the watermark; who left a series stays away."""
    held = subscribers.held_by(session, {reader.id for reader, _ in taken})
    new: dict[tuple[int, int], dict[str, Any]] = {}
    for reader, source in taken:
        if not source.follows or reader.state in _GONE:
            continue
        kind = {} if source.frequency is None else _frequency(source.frequency)
        for slug in source.series or series:
            series_id, last_seq = series[slug]
            place = reader.id, series_id
            if row := held.get(place):
                _change(row, kind)
            elif place in new:
                new[place] |= kind
            else:
                new[place] = _subscription(*place, last_seq, now=now) | kind
    insert_all_missing(session, Subscription, list(new.values()))
    session.flush()
    _send_at_once(session, taken, held, now=now)


def _frequency(text: str) -> dict[str, Any]:
    kind, weekday = parse_frequency(text)
    return {"frequency": kind, "weekday": weekday}


def _change(row: Subscription, kind: Mapping[str, Any]) -> None:
    if kind and row.state == SubscriptionState.active:
        row.frequency, row.weekday = kind["frequency"], kind["weekday"]


def _subscription(subscriber_id: int, series_id: int, last_seq: int, *, now: datetime) -> dict[str, Any]:
    return {
        "subscriber_id": subscriber_id,
        "series_id": series_id,
        "frequency": Frequency.daily,
        "weekday": 0,
        "state": SubscriptionState.active,
        "watermark": last_seq,
        "created_at": now,
    }


def _send_at_once(
    session: Session,
    taken: Sequence[tuple[Subscriber, SubscriberSource]],
    held: Mapping[tuple[int, int], Subscription],
    *,
    now: datetime,
) -> None:
    """What came out while somebody heard of it by digest would else wait for the next release."""
    active = {reader.id for reader, _ in taken if reader.state == SubscriberState.active}
    instant = {row.id: row.subscriber_id for row in held.values() if row.frequency == Frequency.instant}
    if mine := active & set(instant.values()):
        owed = subscribers.owed_instantly(session, sorted(mine))
        send_owed(session, [row for row in owed if row.id in instant], now=now)
