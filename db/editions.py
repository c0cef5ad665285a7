"""Questions about editions, as operators ask them: which there are, what one contains, how far it is."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db import tasks
from db.errors import BadValue
from db.statements import rows_met
from db.states import DeliveryState, EditionKind, EditionState
from db.tables import Audit, Delivery, DigestHour, Edition, EditionCut, Post, Release, Series, Subscriber, Variant

_CONTENTS = 500
"""Most contents of one edition that are looked through for its posts."""


class Contained(NamedTuple):
    """One series of an edition: its cut, and the slugs of the posts that letters of it carry so far, in order."""

    series: str
    cut: int
    posts: list[str]


def by_key(session: Session, key: str) -> Edition:
    """Raises BadValue for a key that is not there."""
    edition = session.scalar(select(Edition).where(Edition.key == key))
    if edition is None:
        raise BadValue(f"no edition {key!r}; `fascicle editions list` shows those there are")
    return edition


def by_id(session: Session, edition_id: int) -> Edition | None:
    return session.get(Edition, edition_id)


def is_there(session: Session, key: str) -> bool:
    return session.scalar(select(Edition.id).where(Edition.key == key)) is not None


def count_of(session: Session, beginning: str) -> int:
    """How many editions have keys that begin so."""
    return session.scalar(select(func.count()).where(Edition.key.startswith(beginning, autoescape=True))) or 0


def page(session: Session, *, state: EditionState | None, limit: int, singles: bool = False) -> Sequence[Edition]:
    """The newest editions, those in one state or all; single letters, of which there may be many, only if asked for."""
    statement = select(Edition).order_by(Edition.moment.desc(), Edition.id.desc()).limit(limit)
    if not singles:
        statement = statement.where(Edition.kind != EditionKind.single)
    return session.scalars(statement if state is None else statement.where(Edition.state == state)).all()


def move_state(session: Session, edition_id: int, to: EditionState, *, was: Collection[EditionState]) -> bool:
    """Bring an edition into another state, if it is still in one of those it `was` in."""
    statement = update(Edition).where(Edition.id == edition_id, Edition.state.in_(was))
    tasks.note(session, [tasks.edition(edition_id)])
    return rows_met(session, statement.values(state=to, finished_at=None, tally=None)) == 1


def personal_waiting(session: Session, subscription_ids: Collection[int]) -> set[int]:
    """Those of these subscriptions for which a personal edition is due or going out."""
    statement = select(Edition.subscription_id).where(
        Edition.subscription_id.in_(subscription_ids), Edition.state.in_([EditionState.due, EditionState.sending])
    )
    return {found for found in session.scalars(statement) if found is not None}


def personal_count(session: Session, subscription_id: int) -> int:
    """How many personal editions a subscription has had."""
    return session.scalar(select(func.count()).where(Edition.subscription_id == subscription_id)) or 0


def subject(edition_id: int) -> str:
    """How the record of who did what names an edition."""
    return f"edition:{edition_id}"


def last_steered(session: Session, edition_id: int) -> Audit | None:
    """What an operator did last with an edition."""
    mine = select(Audit).where(Audit.subject == subject(edition_id))
    return session.scalar(mine.order_by(Audit.id.desc()).limit(1))


def steered(session: Session, edition_id: int, *, limit: int) -> Sequence[Audit]:
    """What operators did with an edition and its letters, the newest first."""
    mine = select(Audit).where(Audit.subject == subject(edition_id))
    return session.scalars(mine.order_by(Audit.id.desc()).limit(limit)).all()


def contained(session: Session, edition_id: int) -> list[Contained]:
    """The cuts of an edition, series by series."""
    carried = _carried(session, edition_id)
    statement = (
        select(Series.slug, Series.id, EditionCut.cut)
        .join(Series, Series.id == EditionCut.series_id)
        .where(EditionCut.edition_id == edition_id)
        .order_by(Series.slug)
    )
    return [Contained(slug, cut, carried.get(series_id, [])) for slug, series_id, cut in session.execute(statement)]


def _carried(session: Session, edition_id: int) -> dict[int, list[str]]:
    statement = select(Variant.posts).where(Variant.edition_id == edition_id).limit(_CONTENTS)
    ids = {post for posts in session.scalars(statement) for post, _ in posts}
    slugs = select(Post.series_id, Post.slug).join(Release, Release.post_id == Post.id).where(Post.id.in_(ids))
    found: dict[int, list[str]] = {}
    for series_id, slug in session.execute(slugs.order_by(Release.series_id, Release.seq)):
        found.setdefault(series_id, []).append(slug)
    return found


def next_hours(session: Session, *, limit: int) -> Sequence[DigestHour]:
    """The hours at which digests are due next, the first first."""
    order = (DigestHour.next_due_at, DigestHour.zone, DigestHour.hour)
    return session.scalars(select(DigestHour).order_by(*order).limit(limit)).all()


def readers_at(session: Session, zone: str, hour: int) -> int:
    """How many readers chose an hour of a zone, those who get no letters now among them: asked of an index alone."""
    there = (Subscriber.zone == zone, Subscriber.hour == hour)
    return session.scalar(select(func.count()).select_from(Subscriber).where(*there)) or 0


def sent_since(session: Session, edition_id: int, since: datetime) -> int:
    """How many letters of an edition relays took after an instant of machine time."""
    taken = (Delivery.edition_id == edition_id, Delivery.state == DeliveryState.sent, Delivery.settled_at > since)
    return session.scalar(select(func.count()).select_from(Delivery).where(*taken)) or 0


def first_and_last(session: Session, edition_id: int) -> tuple[datetime | None, datetime | None]:
    """When the first and the last letter so far came to their end."""
    settled = (Delivery.edition_id == edition_id, Delivery.settled_at.is_not(None))
    moments = select(Delivery.settled_at).where(*settled).limit(1)
    first = session.scalar(moments.order_by(Delivery.settled_at))
    return first, session.scalar(moments.order_by(Delivery.settled_at.desc()))
