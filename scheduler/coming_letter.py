"""A letter of an edition to come, as a link of a look ahead names it: no reader is looked at to show it."""

import re
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from db.errors import BadValue
from db.said import say
from db.states import EditionKind, LetterFormat
from db.tables import Edition
from scheduler.ahead import bounds
from scheduler.foresight import coming_posts, would_be_held
from scheduler.known import KnownPosts, known_posts
from scheduler.letters import House, render
from scheduler.outlook import Stretches
from scheduler.prepare import Content
from scheduler.preview import Preview, inert
from scheduler.release import Rules
from timing.wall import is_zone, moment_of

_STRETCH = re.compile(r"([0-9]{1,15}):([0-9]{1,15})-([0-9]{1,15})", re.ASCII)
_DIGEST = re.compile(r"digest:(.+):([01][0-9]|2[0-3]):([0-9]{4}-[0-9]{2}-[0-9]{2})", re.ASCII)
_INSTANT = re.compile(r"instant:([0-9]{1,15}):([0-9]{1,15})", re.ASCII)


class Wanted(NamedTuple):
    """The letter of an edition, by its key, of a day to come that carries these stretches."""

    day: date
    key: str
    stretches: Stretches


def said(stretches: Stretches) -> str:
    """For an address: 3:10-12,5:1-2 is what comes after seq 10 of series 3 up to 12, and of series 5."""
    return ",".join(f"{series_id}:{after}-{upto}" for series_id, after, upto in stretches)


def read(text: str) -> Stretches:
    """What `said` says; nothing of what is written otherwise."""
    found = (_STRETCH.fullmatch(one) for one in text.split(","))
    return tuple((int(one[1]), int(one[2]), int(one[3])) for one in found if one)


def letter_of(
    house: House, session: Session, wanted: Wanted, *, now: datetime, zone: str, rules: Rules, language: str
) -> Preview:
    """The letter with the words of now. Raises BadValue where there is none."""
    _, until = bounds(wanted.day, now, zone)
    coming = coming_posts(session, now, until, would_be_held(session, now, rules).keys())
    known = known_posts(session, coming, wanted.stretches)
    posts = tuple((one.post_id, one.revision_id) for one in known.carried(wanted.stretches))
    edition = _digest(wanted.key) or _instant(wanted.key, known)
    if edition is None or not posts:
        raise BadValue(say("no such letter goes out on %(day)s any more; look again at what does", day=wanted.day))
    return Preview(render(house, session, edition, Content(posts, language, LetterFormat.html)), inert(house, name=""))


def _digest(key: str) -> Edition | None:
    """As it will be; it is in no store."""
    found = _DIGEST.fullmatch(key)
    day = _date(found[3]) if found else None
    if found is None or day is None or not is_zone(found[1]):
        return None
    hour = int(found[2])
    moment = moment_of(day, hour=hour, zone=found[1])
    if moment is None:
        return None
    return Edition(kind=EditionKind.digest, zone=found[1], hour=hour, local_date=day, moment=moment)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _instant(key: str, known: KnownPosts) -> Edition | None:
    found = _INSTANT.fullmatch(key)
    moment = known.due_at(int(found[1]), int(found[2])) if found else None
    return Edition(kind=EditionKind.instant, moment=moment) if moment else None
