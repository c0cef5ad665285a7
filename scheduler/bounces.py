"""What comes back is proved, written down once, and carried out. Nothing of it is ever answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from db import bounces, ledger, subscribers, suppressions
from db.bounces import Letter
from db.engine import Store
from db.states import BounceKind, SuppressionKind
from db.subscribers import address_key
from db.tables import Delivery, Subscriber
from mail.bounce import Bounce, bounce_of
from mail.dsn import Report
from mail.failures import Says
from mail.leave import Leave, read_leave
from mail.mime import read_message
from mail.verdict import Consequence, Patience, Row, consequence, report_on
from mail.verp import ReturnPaths
from scheduler import copies
from scheduler.leaving import leave_by_mail
from scheduler.letters import House
from timing.clocks import Clock, Moment

log = structlog.get_logger()

AT_ONCE = 500
"""Rows that are forgotten in one transaction."""


class Effect(StrEnum):
    """What a message that came in led to."""

    nothing = "nothing"
    not_ours = "not ours"
    forged = "forged"
    of_another = "of another address"
    known = "known already"
    noted = "noted"
    suppressed = "suppressed"
    left = "left"


_WITHOUT = {
    Effect.not_ours: "no letter of ours is proved by it",
    Effect.of_another: "it speaks of another address than the letter's",
    Effect.forged: "its link to leave by was not made here, or is revoked",
}


@dataclass(frozen=True)
class Taken:
    """What became of one message; the letter is named where one was proved."""

    says: Says
    effect: Effect
    address: str | None = None
    edition: str | None = None
    letter: int | None = None
    status: str | None = None
    words: str = ""

    @property
    def understood(self) -> bool:
        """Whether nobody needs to look at the message any more."""
        return self.says is not Says.unknown and self.effect not in _WITHOUT


@dataclass(frozen=True)
class BounceTaker:
    """Takes what comes back, and who writes to leave. `note` is this node's own; `calendar` dates the goodbye."""

    store: Store
    note: Path
    paths: ReturnPaths
    house: House
    patience: Patience
    calendar: Clock

    def take(self, data: bytes, recipient: str = "", *, now: datetime) -> Taken:
        """Read one message and do what follows; the same message a second time changes nothing.

        `recipient` is whom it was for by its envelope, if that is known. Raises MessageRefused for one that would cost
        too much to read, CopyRefused on a copy of a store: the messages are those of the other one.
        """
        copies.check(self.store, self.note)
        message = read_message(data)
        if asked := read_leave(message, recipient, self.paths.leave):
            return self._let_go(asked, Moment(self.calendar(), now))
        bounce = bounce_of(message, recipient)
        taken = self._without_effect(bounce) if bounce.asks_for_nothing else self._carry_out(bounce, now)
        _tell(taken, bounce.reporter)
        return taken

    def _let_go(self, asked: Leave, at: Moment) -> Taken:
        """Whoever wrote: the token alone proves who leaves, and no program's answer ever does."""
        if asked.automatic:
            taken = Taken(Says.auto_reply, Effect.nothing)
        else:
            with self.store.writing() as session:
                left = leave_by_mail(session, self.house, asked.token, at)
            taken = Taken(Says.leave, Effect.left if left else Effect.forged)
        _tell(taken, "")
        return taken

    def forget(self, *, before: datetime) -> int:
        """Drop what came back before a moment; gives how many rows it was."""
        with self.store.reading() as session:
            if not bounces.any_before(session, before):
                return 0
        with self.store.writing() as session:
            return bounces.forget_before(session, before, limit=AT_ONCE)

    def _without_effect(self, bounce: Bounce) -> Taken:
        first = bounce.reports[0]
        return Taken(first.says, Effect.nothing, status=first.status, words=first.words)

    def _carry_out(self, bounce: Bounce, now: datetime) -> Taken:
        with self.store.writing() as session:
            letter = self._proved(session, bounce)
            if letter is None:
                first = bounce.reports[0]
                return Taken(first.says, Effect.not_ours, status=first.status, words=first.words)
            report = report_on(bounce.reports, letter.delivery.address)
            if report is None:
                return _taken(bounce.reports[0], Effect.of_another, letter)
            return _taken(report, self._effect(session, letter.delivery, report, bounce.reporter, now=now), letter)

    def _proved(self, session: Session, bounce: Bounce) -> Letter | None:
        """The letter that a return path in the message names, and whose address proves it."""
        for tag in bounce.tags:
            letter = bounces.letter(session, tag.letter)
            if letter and self.paths.proves(tag, letter.delivery.address):
                return letter
        return None

    def _effect(self, session: Session, delivery: Delivery, report: Report, reporter: str, *, now: datetime) -> Effect:
        # A letter to an operator belongs to no reader.
        if report.says.value not in list(BounceKind) or delivery.subscriber_id is None:
            return Effect.nothing
        # First: what is said of two letters to one reader at the same time is weighed one after the other.
        reader = ledger.hold_reader(session, delivery.subscriber_id)
        new = bounces.note(
            session,
            {
                "delivery_id": delivery.id,
                "subscriber_id": delivery.subscriber_id,
                "kind": BounceKind(report.says.value),
                "status": report.status,
                "words": report.words,
                "reporter": reporter,
                "at": now,
            },
        )
        if not new:
            return Effect.known
        what = consequence(report.says, _row(session, delivery, report.says), self.patience)
        return self._follow(session, what, delivery, report, reader=reader, now=now)

    def _follow(
        self,
        session: Session,
        what: Consequence,
        delivery: Delivery,
        report: Report,
        *,
        reader: Subscriber,
        now: datetime,
    ) -> Effect:
        if what is Consequence.nothing:
            return Effect.noted
        if what is Consequence.leave:
            subscribers.leave(session, reader.id, now=now)
        # That of the letter: the reader may have another address by now, of which nothing was said.
        mark = self.house.tokens.fingerprint(address_key(delivery.address))
        kind = SuppressionKind(report.says.value)
        suppressions.suppress(session, mark, address=delivery.address, kind=kind, reason=report.words, now=now)
        return Effect.left if what is Consequence.leave else Effect.suppressed


def _row(session: Session, delivery: Delivery, says: Says) -> Row:
    if says is not Says.soft:
        return Row(0, timedelta())
    found = bounces.soft_row(session, delivery)
    return Row(found.letters, found.last - found.first)


def _taken(report: Report, effect: Effect, letter: Letter) -> Taken:
    row = letter.delivery
    return Taken(report.says, effect, row.address, letter.edition_key, row.id, report.status, report.words)


def _tell(taken: Taken, reporter: str) -> None:
    fields = {"says": taken.says.value, "letter": taken.letter, "status": taken.status, "reporter": reporter}
    if taken.effect in _WITHOUT:
        log.warning("bounce without effect", why=_WITHOUT[taken.effect], **fields)
    else:
        log.info("bounce taken", effect=taken.effect.value, **fields)
