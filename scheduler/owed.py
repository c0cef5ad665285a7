"""What each reader of a stretch of subscribers is owed: a pure rule, and the two queries that feed it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from db import audience, releases
from db.releases import Owable
from db.states import SubscriptionState
from db.tables import DeliveryMark, Edition, Subscription


class Held(NamedTuple):
    """A subscription as the rule sees it."""

    subscription_id: int
    subscriber_id: int
    series_id: int
    watermark: int


@dataclass(frozen=True)
class Mark:
    subscription_id: int
    after: int
    upto: int


@dataclass(frozen=True)
class Owed:
    """One reader's letter: its posts as (post id, revision id), and how far it moves each subscription."""

    subscriber_id: int
    posts: tuple[tuple[int, int], ...]
    marks: tuple[Mark, ...]


def owed(held: Iterable[Held], cuts: Mapping[int, int], owable: Sequence[Owable]) -> list[Owed]:
    """Per reader all posts in (watermark, cut], series by series in order of seq; who is owed nothing has no entry."""
    by_series: dict[int, list[Owable]] = {}
    for post in owable:
        by_series.setdefault(post.series_id, []).append(post)
    readers: dict[int, list[Held]] = {}
    for one in held:
        readers.setdefault(one.subscriber_id, []).append(one)
    letters = (_letter(reader, mine, cuts, by_series) for reader, mine in sorted(readers.items()))
    return [letter for letter in letters if letter.posts]


def _letter(
    reader: int, mine: Sequence[Held], cuts: Mapping[int, int], by_series: Mapping[int, Sequence[Owable]]
) -> Owed:
    posts: list[tuple[int, int]] = []
    marks: list[Mark] = []
    for one in sorted(mine, key=lambda held: held.series_id):
        cut = cuts.get(one.series_id, 0)
        carried = [post for post in by_series.get(one.series_id, ()) if one.watermark < post.seq <= cut]
        if carried:
            posts += [(post.post_id, post.revision_id) for post in carried]
            marks.append(Mark(one.subscription_id, one.watermark, cut))
    return Owed(reader, tuple(posts), tuple(marks))


def owed_to(
    session: Session,
    edition: Edition,
    subscriber_ids: Sequence[int],
    *,
    cuts: Mapping[int, int],
    reopened: Sequence[DeliveryMark] = (),
) -> list[Owed]:
    """What an edition owes these readers.

    `reopened` are marks of letters that the new ones shall supersede: their subscriptions join whatever their
    frequency, and at least as far as before, so that the new letter carries all that the old one did.
    """
    also = [mark.subscription_id for mark in reopened]
    statement = select(
        Subscription.id, Subscription.subscriber_id, Subscription.series_id, Subscription.watermark
    ).where(
        Subscription.subscriber_id.in_(subscriber_ids),
        Subscription.state == SubscriptionState.active,
        or_(audience.subscriptions_of(edition), Subscription.id.in_(also)),
    )
    held = [Held(*row) for row in session.execute(statement)]
    reach = _reach(held, cuts, reopened)
    after = min((one.watermark for one in held), default=0)
    return owed(held, reach, releases.owable(session, reach, after=after))


def _reach(held: Iterable[Held], cuts: Mapping[int, int], reopened: Iterable[DeliveryMark]) -> dict[int, int]:
    series_of = {one.subscription_id: one.series_id for one in held}
    reach = dict(cuts)
    for mark in reopened:
        if mark.subscription_id in series_of:
            series_id = series_of[mark.subscription_id]
            reach[series_id] = max(reach.get(series_id, 0), mark.upto)
    return reach
