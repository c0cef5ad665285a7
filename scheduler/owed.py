"""What each reader of a stretch of subscribers is owed: a pure rule, and the two queries that feed it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from db import audience, releases
from db.prepared import among_ids
from db.releases import Owable
from db.states import SubscriptionState
from db.tables import CatchUp, DeliveryMark, Edition, Subscription


class Held(NamedTuple):
    """A subscription as the rule sees it.

    `step` is how many posts one that catches up is sent now, history among them; None in the live run, which has no
    history and no bound. `least` is a seq up to which the letter must reach in any case.
    """

    subscription_id: int
    subscriber_id: int
    series_id: int
    watermark: int
    step: int | None = None
    least: int = 0


class Mark(NamedTuple):
    subscription_id: int
    after: int
    upto: int


class Owed(NamedTuple):
    """One reader's letter: its posts as (post id, revision id), and how far it moves each subscription."""

    subscriber_id: int
    posts: tuple[tuple[int, int], ...]
    marks: tuple[Mark, ...]


def owed(held: Iterable[Held], cuts: Mapping[int, int], owable: Sequence[Owable]) -> list[Owed]:
    """Per reader the posts in (watermark, cut], series by series in order of seq: all, or a step of who catches up.

    Who is owed nothing has no entry.
    """
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
        carried, upto = _stretch(one, by_series.get(one.series_id, ()), cuts.get(one.series_id, 0))
        if carried:
            posts += [(post.post_id, post.revision_id) for post in carried]
            marks.append(Mark(one.subscription_id, one.watermark, upto))
    return Owed(reader, tuple(posts), tuple(marks))


def _stretch(one: Held, posts: Sequence[Owable], cut: int) -> tuple[Sequence[Owable], int]:
    """What a subscription is sent of a series, and the watermark that this brings it to."""
    ahead = [post for post in posts if one.watermark < post.seq <= cut]
    if one.step is None:
        return [post for post in ahead if not post.silent], cut
    carried = ahead[: max(one.step, sum(post.seq <= one.least for post in ahead))]
    # The last step reaches over the holes behind it too, so that it ends in the live run.
    return carried, cut if len(carried) == len(ahead) else carried[-1].seq if carried else one.watermark


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
    least = {mark.subscription_id: mark.upto for mark in reopened}
    joins = audience.subscriptions_of(edition)
    statement = (
        select(
            Subscription.id,
            Subscription.subscriber_id,
            Subscription.series_id,
            Subscription.watermark,
            # Who is here only because a letter is replaced takes no step of the catch-up beyond that letter.
            case((joins, CatchUp.posts), (CatchUp.posts.is_not(None), 0)),
        )
        .outerjoin(CatchUp, CatchUp.subscription_id == Subscription.id)
        .where(
            among_ids(Subscription.subscriber_id),
            Subscription.state == SubscriptionState.active,
            or_(joins, Subscription.id.in_(least)),
        )
    )
    rows = session.execute(statement, {"ids": subscriber_ids})
    held = [Held._make([*row, least.get(row[0], 0)]) for row in rows]
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
