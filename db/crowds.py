"""How many readers are alike: counted by hour of a zone and by what they follow, and kept as they were counted."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, String, cast, delete, func, insert, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.statements import rows_met
from db.states import EditionKind, SubscriberState, SubscriptionState
from db.tables import CatchUp, Crowd, CrowdCount, Edition, Subscriber, Subscription
from db.upsert import insert_missing

Place = tuple[str, int]
"""A zone, and an hour of it."""
Crowds = Mapping[Place, Mapping[str, int]]
"""Per place, how many readers follow what: a text that `follows` reads."""
_THE_COUNT = 1


class Steps(NamedTuple):
    """A catch-up: so many posts on the first digest at or after a date, then on the next days of its pace."""

    next_on: date
    posts: int
    pace: str


class Follows(NamedTuple):
    """A subscription, as far as what it will be sent depends on it."""

    series_id: int
    frequency: str
    weekday: int
    watermark: int
    steps: Steps | None = None


def follows(text: str) -> tuple[Follows, ...]:
    """What a text of `Crowds` says that its readers follow, in the order of the series."""
    said = json.loads(text)
    return tuple(Follows(series_id, how, day, mark, _steps(steps)) for series_id, how, day, mark, steps in said)


def text_of(followed: tuple[Follows, ...]) -> str:
    """The same text for all who follow the same."""
    said = [(*one[:4], one.steps and (one.steps.next_on.isoformat(), *one.steps[1:])) for one in sorted(followed)]
    return json.dumps(said, separators=(",", ":"))


def _steps(said: tuple[str, int, str] | None) -> Steps | None:
    return said and Steps(date.fromisoformat(said[0]), *said[1:])


def counted(session: Session) -> Crowds:
    """All who get letters, counted now: the database goes through them all, which takes seconds for a million."""
    walks = _catch_ups(session)
    found: dict[Place, Counter[str]] = {}
    known: dict[str, str] = {}
    for zone, hour, said, many in session.execute(_alike()):
        if said not in known:
            known[said] = text_of(tuple(_read(one, walks) for one in said.split(",")))
        found.setdefault((zone, hour), Counter())[known[said]] += many
    return found


def _alike() -> Select[str, int, str, int]:
    """Readers by zone, hour, and a list of what they follow, which may name the same in several orders."""
    mine = (
        select(Subscriber.zone, Subscriber.hour, func.aggregate_strings(_SAID, ",").label("said"))
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .outerjoin(CatchUp, CatchUp.subscription_id == Subscription.id)
        .where(Subscriber.state == SubscriberState.active, Subscription.state == SubscriptionState.active)
        .group_by(Subscriber.id)
        .subquery()
    )
    alike = (mine.c.zone, mine.c.hour, mine.c.said)
    return select(*alike, func.count()).group_by(*alike)


def _text(column: InstrumentedAttribute[int]) -> ColumnElement[str]:
    return cast(column, String)


_SAID = (
    _text(Subscription.series_id) + " " + Subscription.frequency + " " + _text(Subscription.weekday)
    + " " + _text(Subscription.watermark) + " " + func.coalesce(_text(CatchUp.subscription_id), "0")
)  # fmt: skip


def _read(said: str, walks: Mapping[int, Steps]) -> Follows:
    series_id, frequency, weekday, watermark, catch_up = said.split(" ")
    return Follows(int(series_id), frequency, int(weekday), int(watermark), walks.get(int(catch_up)))


def _catch_ups(session: Session) -> dict[int, Steps]:
    """The steps to come of each catch-up; one that stands still has none in sight."""
    rows = session.execute(
        select(CatchUp.subscription_id, CatchUp.next_on, CatchUp.paused_at, CatchUp.posts, CatchUp.pace)
    )
    return {
        key: Steps(date.max if paused_at or not next_on else next_on, posts, json.dumps(pace))
        for key, next_on, paused_at, posts, pace in rows
    }


def more_than(session: Session, many: int) -> bool:
    """Whether there are more readers than so many; asked of no more than these."""
    some = select(Subscriber.id).limit(many + 1).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) > many


def kept(session: Session) -> Crowds:
    """As they were counted last."""
    texts = session.scalar(select(CrowdCount.texts)) or []
    rows = session.execute(select(Crowd.zone, Crowd.hour, Crowd.alike))
    return {
        (zone, hour): dict(zip(map(texts.__getitem__, which), many, strict=True)) for zone, hour, (which, many) in rows
    }


def counted_at(session: Session) -> datetime | None:
    """As of when the kept ones were counted; None when they never were."""
    return session.scalar(select(CrowdCount.counted_at))


def begin(session: Session, *, now: datetime, dead: datetime) -> bool:
    """Claim the counting, unless somebody began it after `dead` and has not ended; both are machine time."""
    insert_missing(session, CrowdCount, {"id": _THE_COUNT, "texts": []})
    free = or_(CrowdCount.begun_at.is_(None), CrowdCount.begun_at <= dead)
    return rows_met(session, update(CrowdCount).where(free).values(begun_at=now)) == 1


def keep(session: Session, crowds: Crowds, *, counted_at: datetime) -> None:
    """Put these in place of those that were kept."""
    session.execute(delete(Crowd))
    texts = sorted(set().union(*crowds.values()))
    places = {text: place for place, text in enumerate(texts)}
    rows = [
        {"zone": zone, "hour": hour, "alike": [[places[text] for text in readers], list(readers.values())]}
        for (zone, hour), readers in crowds.items()
    ]
    if rows:
        session.execute(insert(Crowd), rows)
    session.execute(update(CrowdCount).values(counted_at=counted_at, texts=texts, begun_at=None))


def sent_after(session: Session, instant: datetime) -> bool:
    """Whether an edition came due after an instant: it may have moved many readers on."""
    later = (Edition.moment > instant, Edition.kind != EditionKind.single)
    return session.scalar(select(Edition.id).where(*later).limit(1)) is not None
