"""Sending letters: one stretch of one batch at a time, under a lease that a heartbeat keeps alive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from db import batches, deliveries, tokens
from db.batches import Lease
from db.deliveries import Letter
from db.engine import Store
from db.states import NEVER_OPENED, InDoubtPolicy
from db.tables import Edition
from mail.courier import Courier, Round
from mail.ledger import Ledger, recover
from mail.letter import TemplateBroken
from mail.skeleton import Skeleton
from mail.tokens import PREFERENCES, UNSUBSCRIBE
from mail.verdict import Patience
from scheduler import copies, steer
from scheduler.copies import Note
from scheduler.heartbeat import LEASE, Heartbeat
from scheduler.letters import House, bytes_of, render
from scheduler.patience import Verdicts
from scheduler.prepare import Content, prepare
from scheduler.steer import BREAKER, By, SteeringRefused
from scheduler.stretches import Stretches
from timing.clocks import Clock

log = structlog.get_logger()

RELAY_PAUSES = [timedelta(seconds=seconds) for seconds in (15, 60, 300, 900)]
IN_FLIGHT_PAUSE = timedelta(seconds=5)


@dataclass(frozen=True)
class LetterSender:
    """Sends one stretch of one batch. `note` is this node's own."""

    store: Store
    courier: Courier
    house: House
    owner: str
    machine: Clock
    calendar: Clock
    policy: InDoubtPolicy
    note: Path
    patience: Patience = Patience()  # noqa: RUF009 - it is frozen
    stretches: Stretches = field(default_factory=Stretches)

    def do_one(self, batch_id: int | None = None) -> bool:
        """Send a stretch of the next batch, or of the one that is named if it is to be had."""
        lease = self._claim(batch_id)
        if lease is None:
            return False
        heartbeat = Heartbeat(self.store, lease, self.machine)
        with heartbeat.beating():
            try:
                self._work_on(lease, heartbeat)
            except TemplateBroken as broken:
                self._wait(lease, "template broken", str(broken))
        return True

    def _claim(self, batch_id: int | None) -> Lease | None:
        now = self.machine()
        with self.store.writing() as session:
            lease = batches.claim(session, owner=self.owner, now=now, until=now + LEASE, batch_id=batch_id)
            if lease is None:
                return None
            doubts = recover(session, lease, now=now)
            noted = self._epoch(session, lease)
        copies.keep(self.note, noted)
        if doubts:
            log.warning("letters in doubt", batch=lease.batch_id, letters=doubts)
        return lease

    def _epoch(self, session: Session, lease: Lease) -> Note:
        """What this node must know of its store before the first letter of the batch.

        Nobody opens an edition that is written with its letters in it: its batches raise the epoch when they begin.
        """
        first = lease.fence == 1 and session.get_one(Edition, lease.edition_id).kind in NEVER_OPENED
        return copies.raised(session) if first else copies.as_it_is(session)

    def _work_on(self, lease: Lease, heartbeat: Heartbeat) -> None:
        letters = self._letters(lease)
        if not letters and self._prepare(lease):
            letters = self._letters(lease)
            if not letters:  # nobody in this stretch is owed anything; the next one may be
                self._give_back(lease)
                return
        if not letters:
            self._close_or_wait(lease)
            return
        begin = self.machine()
        result = self._deliver(lease, letters, heartbeat)
        self.stretches.took((self.machine() - begin).total_seconds(), letters=result.tried)
        self._after(lease, result)

    def _prepare(self, lease: Lease) -> bool:
        verdicts = Verdicts(self.patience, self.machine())
        return prepare(self.store, lease, self._render, verdicts=verdicts, now=self.calendar())

    def _deliver(self, lease: Lease, letters: Sequence[Letter], heartbeat: Heartbeat) -> Round:
        ledger = Ledger(self.store, lease, self.machine)
        counters = self._counters(letters)

        def build(letter: Letter) -> bytes:
            return bytes_of(self.house, lambda purpose, reader: counters[purpose][reader], letter)

        def in_time() -> bool:
            return heartbeat.in_time() and not ledger.stopped.is_set()

        return self.courier.deliver(letters, ledger, build, in_time=in_time)

    def _counters(self, letters: Sequence[Letter]) -> Mapping[str, Mapping[int, int]]:
        readers = {reader for letter in letters if (reader := letter.delivery.subscriber_id) is not None}
        with self.store.reading() as session:
            return {purpose: tokens.counters(session, purpose, readers) for purpose in (UNSUBSCRIBE, PREFERENCES)}

    def _render(self, session: Session, edition: Edition, content: Content) -> Skeleton:
        return render(self.house, session, edition, content)

    def _letters(self, lease: Lease) -> list[Letter]:
        with self.store.reading() as session:
            resend = self.policy is InDoubtPolicy.resend
            limit = self.stretches.letters
            return deliveries.to_try(session, lease.batch_id, now=self.machine(), resend=resend, limit=limit)

    def _after(self, lease: Lease, result: Round) -> None:
        if result.put_off:
            self._put_off(lease, result.put_off)
        if result.refused:
            self._stop(lease, result.refused)
        if result.trouble is None or result.refused:
            self._give_back(lease)
            return
        self._wait(lease, "relay down", result.trouble)

    def _wait(self, lease: Lease, event: str, problem: str) -> None:
        """Try the batch again after a while, and ever more rarely."""
        log.error(event, problem=problem)
        with self.store.writing() as session:
            tries = batches.attempts(session, lease)
            pause = RELAY_PAUSES[min(tries, len(RELAY_PAUSES) - 1)]
            batches.give_back(session, lease, retry_at=self.machine() + pause, problem=problem)

    def _put_off(self, lease: Lease, seconds: Mapping[int, float]) -> None:
        """Letters that would go too fast now; others of this batch go meanwhile."""
        now = self.machine()
        until = {delivery_id: now + timedelta(seconds=one) for delivery_id, one in seconds.items()}
        with self.store.writing() as session:
            deliveries.put_off(session, lease.batch_id, until)

    def _stop(self, lease: Lease, reason: str) -> None:
        """Pause the edition: its other letters would fare no better, and harm our name. An operator must look."""
        with self.store.reading() as session:
            key = session.get_one(Edition, lease.edition_id).key
        log.error("edition paused", edition=key, problem=reason)
        try:
            steer.pause(self.store, key, By(BREAKER, self.machine(), reason))
        except SteeringRefused:
            return  # an operator was faster

    def _give_back(self, lease: Lease) -> None:
        with self.store.writing() as session:
            batches.give_back(session, lease)

    def _close_or_wait(self, lease: Lease) -> None:
        """Nothing can be tried now: the batch is finished, or waits for its next open letter."""
        resend = self.policy is InDoubtPolicy.resend
        with self.store.writing() as session:
            waiting = not batches.looked_at_all(session, lease)
            if not waiting and not deliveries.any_open(session, lease.batch_id, resend=resend):
                batches.finish(session, lease)
                return
            retry_at = deliveries.next_retry_at(session, lease.batch_id, resend=resend)
            batches.give_back(session, lease, retry_at=retry_at or self.machine() + IN_FLIGHT_PAUSE)
