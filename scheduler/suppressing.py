"""The list of addresses that get nothing, as operators keep it. Nothing here brings anybody back unasked."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from sqlalchemy.orm import Session

from db import bounces, ledger, subscribers, suppressions
from db.engine import Store
from db.errors import FascicleError
from db.said import say, worded
from db.states import SubscriberState, SubscriptionState, SuppressionKind
from db.subscribers import address_key
from db.tables import Audit, Subscriber, Suppression
from importers.suppressions import SuppressionSource
from importers.values import Problem
from scheduler.steer import By

AT_ONCE = 200
"""Lines of a file in one transaction."""

Fingerprint = Callable[[str], str]


class SuppressionNotFound(FascicleError):
    def __init__(self, address: str) -> None:
        none = say("%(address)s is not suppressed", address=address)
        super().__init__(worded(f"{none}; `fascicle suppressions list` shows who is", none))


class ResumeRefused(FascicleError):
    """Who ended their letters themselves can only come back themselves."""


@dataclass(frozen=True)
class Line:
    """What became of one line of a file: suppressed, known before, or what is wrong with it."""

    source: SuppressionSource | Problem
    new: bool = False


def mark_of(address: str, fingerprint: Fingerprint) -> str:
    """By which an address is on the list."""
    return fingerprint(address_key(address))


def add(session: Session, address: str, fingerprint: Fingerprint, by: By) -> bool:
    """Write to an address no more; False when it was suppressed before."""
    mark = mark_of(address, fingerprint)
    kind = SuppressionKind.operator
    new = suppressions.suppress(session, mark, address=address, kind=kind, reason=by.reason, now=by.at)
    if new:
        _note(session, "suppress", mark, by)
    return new


def lift(session: Session, address: str, fingerprint: Fingerprint, by: By, *, resume: bool) -> None:
    """Take an address off the list: its owner may subscribe again. Raises SuppressionNotFound.

    Letters go on by themselves only with `resume`, for a reader whose server was at fault; ResumeRefused for one who
    left or complained.
    """
    mark = mark_of(address, fingerprint)
    row = suppressions.find(session, mark)
    if row is None:
        raise SuppressionNotFound(address)
    reader = suppressions.hold_reader(session, mark)
    if resume:
        _refuse_to_resume(session, address, row, reader)
    suppressions.remove(session, mark)
    _note(session, "lift suppression", mark, by)
    if reader is None:
        return
    bounces.forgive(session, reader.id, now=by.at)
    reader.state = SubscriberState.active
    session.flush()
    if not resume:
        subscribers.leave(session, reader.id, now=by.at)


def _refuse_to_resume(session: Session, address: str, row: Suppression, reader: Subscriber | None) -> None:
    if row.kind == SuppressionKind.complaint:
        raise _without_resuming(say("%(address)s complained: only they can come back, by subscribing", address=address))
    if reader is None or not ledger.had_a_post(session, reader.id):
        raise _without_resuming(say("%(address)s was never sent a letter that could go on", address=address))
    held = subscribers.subscriptions_of(session, [reader.id])[reader.id]
    if not any(one.state == SubscriptionState.active for one, _ in held):
        raise _without_resuming(say("%(address)s follows nothing that could go on", address=address))


def _without_resuming(why: str) -> ResumeRefused:
    return ResumeRefused(
        worded(f"{why}. Leave out --resume", say("%(why)s. Lift it without letting letters go on", why=why))
    )


def take_in(
    store: Store, lines: Iterable[SuppressionSource | Problem], fingerprint: Fingerprint, by: By
) -> Iterator[Line]:
    """Suppress what a file lists, a stretch of lines at a time; tells of each line once it is written.

    May be repeated after an interruption: what is there already stays as it is.
    """
    waiting = iter(lines)
    while stretch := list(islice(waiting, AT_ONCE)):
        with store.writing() as session:
            taken = [_take_in(session, source, fingerprint, by) for source in stretch]
        yield from taken


def _take_in(session: Session, source: SuppressionSource | Problem, fingerprint: Fingerprint, by: By) -> Line:
    if isinstance(source, Problem):
        return Line(source)
    mark = fingerprint(address_key(source.email)) if source.email else source.fingerprint
    assert mark is not None
    new = suppressions.suppress(
        session, mark, address=source.email, kind=source.kind, reason=source.reason, now=source.since or by.at
    )
    return Line(source, new)


def _note(session: Session, action: str, mark: str, by: By) -> None:
    # By its fingerprint: the record outlives an erasure.
    session.add(Audit(at=by.at, actor=by.who, action=action, subject=f"address:{mark}", detail={"reason": by.reason}))
