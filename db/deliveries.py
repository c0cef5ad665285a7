"""The ledger's questions: which letters of a batch are open, and how did they end."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from db import audience, catch_ups
from db.batches import Lease
from db.many_rows import Inserting, Updating
from db.prepared import Asked, Prepared, among_ids
from db.statements import rows_met
from db.states import (
    OPEN_DELIVERIES,
    STOPPED_EDITIONS,
    DeliveryState,
    EditionKind,
    PostState,
    SubscriptionState,
)
from db.tables import (
    Batch,
    CatchUp,
    Delivery,
    DeliveryMark,
    Edition,
    Post,
    Release,
    Subscriber,
    Subscription,
    Variant,
)
from db.upsert import upserting


class Waiting(NamedTuple):
    """A row of the ledger as it was when it was read, under the names that it has there: light, as there are many."""

    id: int
    subscriber_id: int | None
    variant_id: int
    address: str
    name: str
    date: datetime
    state: str
    attempts: int
    retry_at: datetime | None
    asked_at: datetime | None
    purpose: str | None
    fingerprint: str | None
    wish_id: int | None


class Letter(NamedTuple):
    """One row of the ledger with what is needed to make its bytes."""

    delivery: Delivery | Waiting
    variant: Variant
    edition_key: str

    @property
    def kind(self) -> str:
        """That of its edition, with which each key begins."""
        return self.edition_key.partition(":")[0]


def to_try(session: Session, batch_id: int, *, now: datetime, resend: bool, limit: int) -> list[Letter]:
    """Letters of a batch that can be tried at machine time `now`; none of an edition that is paused or cancelled.

    Those in doubt only under the policy `resend`, or when an operator asked for it.
    """
    untried = Delivery.state.in_([DeliveryState.pending, DeliveryState.soft])
    ready = or_(Delivery.retry_at.is_(None), Delivery.retry_at <= now)
    statement = (
        select(Edition.key, *(getattr(Delivery, name) for name in Waiting._fields))
        .join(Edition, Edition.id == Delivery.edition_id)
        .where(Delivery.batch_id == batch_id, untried | _to_resend(resend), ready)
        .where(Edition.state.not_in(STOPPED_EDITIONS))
        .order_by(Delivery.subscriber_id)
        .limit(limit)
    )
    rows = [(row[0], Waiting._make(row[1:])) for row in session.execute(statement)]
    # Not joined: a skeleton is many times larger than the row, and nearly all rows have the same one.
    wanted = {row.variant_id for _, row in rows}
    variants = {variant.id: variant for variant in session.scalars(select(Variant).where(Variant.id.in_(wanted)))}
    return [Letter(row, variants[row.variant_id], key) for key, row in rows]


def next_retry_at(session: Session, batch_id: int, *, resend: bool) -> datetime | None:
    """When the next open letter of a batch is to be tried; None when no letter of it is open."""
    still = Delivery.state.in_(OPEN_DELIVERIES) | _to_resend(resend)
    return session.scalar(select(func.min(Delivery.retry_at)).where(Delivery.batch_id == batch_id, still))


def any_open(session: Session, batch_id: int, *, resend: bool) -> bool:
    still = Delivery.state.in_(OPEN_DELIVERIES) | _to_resend(resend)
    return session.scalar(select(Delivery.id).where(Delivery.batch_id == batch_id, still).limit(1)) is not None


def _to_resend(resend: bool) -> ColumnElement[bool]:
    """Letters in doubt that may be sent again: one that is settled stays in doubt for good."""
    unsettled = and_(Delivery.state == DeliveryState.in_doubt, Delivery.settled_at.is_(None))
    return unsettled if resend else and_(unsettled, Delivery.asked_at.is_not(None))


class Locked(NamedTuple):
    """A letter whose row nobody else changes before the transaction ends; whether it is a step of a catch-up."""

    state: DeliveryState
    catches_up: bool


def lock(session: Session, ids: Collection[int]) -> Asked:
    """Ask for these letters; `locked` says what came."""
    return _locked().ask(session, ids=ids)


def locked(asked: Asked) -> dict[int, Locked]:
    """The letters that are there, by their ids."""
    return {key: Locked(_STATES[state], bool(catches_up)) for key, state, catches_up in asked.rows()}


_STATES: Final = {state.value: state for state in DeliveryState}


@cache
def _locked() -> Prepared:
    step = (DeliveryMark.delivery_id == Delivery.id, CatchUp.subscription_id == DeliveryMark.subscription_id)
    catches_up = exists().where(*step).correlate(Delivery)
    statement = select(Delivery.id, Delivery.state, catches_up).where(among_ids(Delivery.id)).order_by(Delivery.id)
    return Prepared(statement.with_for_update(of=Delivery))


def settle(
    session: Session, delivery_id: int, state: DeliveryState, *, was: Sequence[str], values: dict[str, Any]
) -> bool:
    """Write how a letter ended, if it is still in one of the states `was`."""
    statement = update(Delivery).where(Delivery.id == delivery_id, Delivery.state.in_(was))
    return rows_met(session, statement.values(state=state, **values)) == 1


def write(
    session: Session, lease: Lease, readers: Collection[int], *, variant_id: int, paced_on: date | None, now: datetime
) -> dict[int, int]:
    """Rows of the ledger for letters of one content, to the readers as they are now.

    Gives the new ids by reader; who has a row of this edition, or another open letter, gets none.
    """
    same = {
        "edition_id": lease.edition_id,
        "batch_id": lease.batch_id,
        "variant_id": variant_id,
        "date": now,
        "paced_on": paced_on,
    }
    theirs = {"subscriber_id": Subscriber.id, "address": Subscriber.address, "name": Subscriber.name}
    columns = {name: bindparam(name, type_=getattr(Delivery, name).type) for name in same} | theirs
    new = upserting(session, Delivery).from_select(
        list(columns), select(*columns.values()).where(among_ids(Subscriber.id)).order_by(Subscriber.id)
    )
    statement = new.on_conflict_do_nothing().returning(Delivery.subscriber_id, Delivery.id)
    rows = session.connection().execute(statement, {"ids": readers, **same})
    return {reader: delivery_id for reader, delivery_id in rows if reader is not None}


def mark(session: Session, marks: Sequence[tuple[int, int, int, int]]) -> None:
    """Note what letters carry: each one's id, a subscription, and the stretch of it after one seq up to another."""
    _marking().run(session, [dict(zip(_MARK, one, strict=True)) for one in marks])


_MARK: Final = ("delivery_id", "subscription_id", "after", "upto")


@cache
def _marking() -> Inserting:
    return Inserting(DeliveryMark, _MARK)


def put_off(session: Session, batch_id: int, until: Mapping[int, datetime]) -> None:
    """Letters of a batch that were not tried, and are not to be before these instants."""
    waits = (Delivery.batch_id == batch_id, Delivery.state.in_([*OPEN_DELIVERIES, DeliveryState.in_doubt]))
    for delivery_id, instant in until.items():
        session.execute(update(Delivery).where(Delivery.id == delivery_id, *waits).values(retry_at=instant))


def settle_all(session: Session, rows: Mapping[int, dict[str, Any]]) -> None:
    """Write what became of letters whose rows are locked: by letter, the values of the columns that change."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for delivery_id, values in rows.items():
        alike.setdefault(tuple(sorted(values)), []).append({"key": delivery_id, **values})
    for columns, some in alike.items():
        _setting(columns).run(session, some)


@cache
def _setting(columns: tuple[str, ...]) -> Updating:
    return Updating(Delivery, columns)


def advance_watermarks(
    session: Session, ids: Sequence[int], *, catching_up: bool = True, of_digest: bool = True
) -> None:
    """Move the readers' watermarks over what these letters carry, and note the moment of a digest.

    The letters go to different readers. A catch-up that one of them is a step of takes this step, and one that has met
    the live run ends. Who knows that there is no catch-up among them, or no digest, spares the looking.
    """
    if catching_up:
        catch_ups.take_step(session, ids)
    _watermarks().ask(session, ids=ids)
    if catching_up:
        catch_ups.end_at_the_live_run(session, ids)
    if of_digest:
        _moments().ask(session, ids=ids)


@cache
def _watermarks() -> Prepared:
    marks = among_ids(DeliveryMark.delivery_id)
    upto = select(DeliveryMark.upto).where(marks, DeliveryMark.subscription_id == Subscription.id)
    marked = exists().where(
        marks, DeliveryMark.subscription_id == Subscription.id, DeliveryMark.after == Subscription.watermark
    )
    # Named by their keys too: without that, SQLite would look at every subscription there is.
    named = Subscription.id.in_(select(DeliveryMark.subscription_id).where(marks))
    return Prepared(update(Subscription).where(named, marked).values(watermark=upto.scalar_subquery()))


@cache
def _moments() -> Prepared:
    digests = (among_ids(Delivery.id), Edition.id == Delivery.edition_id, Edition.kind == EditionKind.digest)
    of_digest = select(Delivery.subscriber_id).where(*digests)
    moment = select(Edition.moment).where(*digests, Delivery.subscriber_id == Subscriber.id)
    statement = update(Subscriber).where(Subscriber.id.in_(of_digest))
    return Prepared(statement.values(last_moment=moment.scalar_subquery()))


def left_in_intent(session: Session, batch_id: int) -> Sequence[int]:
    """Letters of a batch whose intent a dead worker left behind."""
    statement = select(Delivery.id).where(Delivery.batch_id == batch_id, Delivery.state == DeliveryState.intent)
    return session.scalars(statement.order_by(Delivery.id)).all()


def open_of(session: Session, subscriber_ids: Sequence[int]) -> dict[int, Delivery]:
    """The one open letter of an edition of each of these readers, where there is one."""
    theirs = (among_ids(Delivery.subscriber_id), Delivery.purpose.is_(None))
    statement = select(Delivery).where(*theirs, Delivery.state.in_(OPEN_DELIVERIES))
    rows = session.scalars(statement, {"ids": subscriber_ids})
    return {row.subscriber_id: row for row in rows if row.subscriber_id is not None}


def marks_of(session: Session, delivery_ids: Sequence[int]) -> dict[int, list[DeliveryMark]]:
    """The stretches of open letters that a later letter must carry to take their place.

    Not what the reader left meanwhile, nor what a watermark has passed, nor a stretch of which every post was
    withdrawn: such a letter may wait for ever, in a paused edition, and must not keep the reader from later ones.
    """
    found: dict[int, list[DeliveryMark]] = {delivery_id: [] for delivery_id in delivery_ids}
    statement = (
        select(DeliveryMark)
        .join(Subscription, Subscription.id == DeliveryMark.subscription_id)
        .where(DeliveryMark.delivery_id.in_(delivery_ids), _something_in_it())
        .where(Subscription.state == SubscriptionState.active, Subscription.watermark == DeliveryMark.after)
    )
    for mark in session.scalars(statement):
        found[mark.delivery_id].append(mark)
    return found


def _something_in_it() -> ColumnElement[bool]:
    carried = exists().where(
        Release.series_id == Subscription.series_id,
        Release.seq > DeliveryMark.after,
        Release.seq <= DeliveryMark.upto,
        or_(Release.silent.is_(False), audience.catches_up()),
        Post.id == Release.post_id,
        Post.state == PostState.released,
    )
    return carried.correlate(Subscription, DeliveryMark)


def counts(session: Session) -> dict[str, int]:
    """How many letters are in each state."""
    return dict(session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all())


def counts_of(session: Session, edition_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """For each of these editions, how many of its letters are in each state. Asked of an index alone, by batch."""
    found: dict[int, dict[str, int]] = {edition_id: {} for edition_id in edition_ids}
    statement = (
        select(Batch.edition_id, Delivery.state, func.count())
        .join(Delivery, Delivery.batch_id == Batch.id)
        .where(Batch.edition_id.in_(edition_ids))
        .group_by(Batch.edition_id, Delivery.state)
    )
    for edition_id, state, count in session.execute(statement):
        found[edition_id][state] = count
    return found


def find(session: Session, delivery_id: int) -> Letter | None:
    """One letter, whatever its state."""
    statement = (
        select(Delivery, Variant, Edition.key)
        .join(Variant, Variant.id == Delivery.variant_id)
        .join(Edition, Edition.id == Delivery.edition_id)
    )
    row = session.execute(statement.where(Delivery.id == delivery_id)).one_or_none()
    return None if row is None else Letter(*row)


def carries_withdrawn(session: Session, variant: Variant) -> bool:
    """Whether a post that a letter carries was taken back since."""
    carried = [post_id for post_id, _ in variant.posts]
    withdrawn = (Post.id.in_(carried), Post.state == PostState.withdrawn)
    return session.scalar(select(Post.id).where(*withdrawn).limit(1)) is not None
