"""What readers choose by themselves: hour, zone, language, format, name, and how often they hear of each series."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from db import series as all_series
from db import subscribers
from db.errors import BadValue
from db.said import say
from db.states import LetterFormat, SubscriptionState
from db.tables import Consent, Subscriber
from mail.headers import one_line
from scheduler import joining, readers
from scheduler.editions import ensure_digest_hour
from timing.clocks import Moment
from timing.wall import is_zone

LONGEST_NAME = 100


def choose(
    session: Session,
    reader: Subscriber,
    *,
    name: str,
    zone: str,
    hour: int,
    language: str,
    letter_format: str,
    now: datetime,
) -> None:
    """Have letters come at this hour, in this form. Raises BadValue."""
    name = one_line(name)
    if len(name) > LONGEST_NAME:
        raise BadValue(
            say("A name of at most %(longest_name)s characters fits into a letter.", longest_name=LONGEST_NAME)
        )
    if not is_zone(zone):
        raise BadValue(say("%(zone)r is not a time zone; write it as Europe/Riga.", zone=zone))
    if letter_format not in list(LetterFormat):
        raise BadValue(
            say("%(letter_format)r is no form of letters; choose html or text.", letter_format=letter_format)
        )
    reader.name, reader.zone, reader.hour = name, zone, hour
    reader.language, reader.format = language, letter_format
    ensure_digest_hour(session, zone=zone, hour=hour, now=now)


def follow_these(
    session: Session, reader: Subscriber, wanted: Mapping[str, str | None], at: Moment, *, consent: str
) -> None:
    """For each series by its slug: how often to hear of it, or None for not at all. Raises BadValue."""
    held = {slug: row for row, slug in subscribers.subscriptions_of(session, [reader.id])[reader.id]}
    begun = []
    for slug, frequency in wanted.items():
        mine = held.get(slug)
        active = mine is not None and mine.state == SubscriptionState.active
        if frequency is None and mine is not None and active:
            subscribers.leave_series(session, mine, now=at.calendar)
            joining.note(session, reader.id, "leave", at, by="preferences", series=[slug])
        elif frequency is not None:
            one = all_series.find(session, slug)
            if one is None or one.retired_at is not None:
                raise BadValue(say("The series %(slug)r is not here any more.", slug=slug))
            if active:
                readers.follow(session, reader, one, frequency=frequency, now=at.calendar)
            else:
                joining.follow(session, reader, one, frequency=frequency, pace=None, at=at)
                begun.append(slug)
    if begun:
        _record(session, reader, begun, at, consent=consent)


def _record(session: Session, reader: Subscriber, slugs: list[str], at: Moment, *, consent: str) -> None:
    now = at.calendar
    how = "page of preferences"
    session.add(Consent(subscriber_id=reader.id, series=slugs, how=how, text=consent, asked_at=now, confirmed_at=now))
    joining.note(session, reader.id, "join", at, series=slugs)
