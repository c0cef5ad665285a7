"""The right to send: a lease that a heartbeat keeps alive, looked at just before each dot."""

import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from db import batches, deliveries
from db.states import PRIORITIES, EditionKind, EditionState
from db.tables import Batch, Edition
from mail.ledger import Ended, Intend, Ledger, recover
from mail.replies import Outcome, OutcomeKind
from scheduler import steer
from scheduler.heartbeat import LEASE, MARGIN, Heartbeat
from tests.mail.faulty import SILENCE, FaultyRelay
from tests.making import a_reader, a_series, at
from tests.sending.office import Office, WatchedRelay, letters_in, running

MORNING = at("2026-03-02 07:00")
LATER = MORNING + timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def morning(office: Office) -> Office:
    """A post came out at 06:00, and it is the hour of Alice's digest."""
    office.plan("one", at("2026-03-02 06:00"))
    return office


@pytest.fixture
def planned(morning: Office, nobody_listens: int) -> Office:
    """The digest's letter is in the ledger, and the relay was down."""
    morning.run(MORNING, nobody_listens)
    return morning


def a_claim(office: Office, now: datetime, *, owner: str = "node") -> batches.Lease | None:
    with office.store.writing() as session:
        lease = batches.claim(session, owner=owner, now=now, until=now + LEASE)
        if lease:
            recover(session, lease, now=now)
        return lease


def a_heartbeat(office: Office) -> tuple[batches.Lease, Heartbeat]:
    office.machine = LATER
    lease = a_claim(office, LATER)
    assert lease is not None
    return lease, Heartbeat(office.store, lease, lambda: office.machine)


def one_step(office: Office, port: int) -> None:
    office.machine = LATER
    with office.worker(port) as passes:
        passes.letters.do_one()


def test_a_heartbeat_prolongs_the_lease(planned: Office):
    _, heartbeat = a_heartbeat(planned)
    planned.machine = LATER + LEASE - SECOND

    heartbeat.beat()

    assert heartbeat.in_time()
    assert a_claim(planned, LATER + LEASE + SECOND, owner="other") is None
    assert a_claim(planned, planned.machine + LEASE + SECOND, owner="other") is not None


def test_a_lease_that_another_worker_took_over_is_not_prolonged(planned: Office):
    lease, heartbeat = a_heartbeat(planned)
    taken = a_claim(planned, LATER + LEASE + SECOND, owner="other")

    heartbeat.beat()

    assert not heartbeat.in_time()
    assert taken is not None
    assert (planned.batch().fence, planned.batch().lease_until) == (lease.fence + 1, taken.until)


def test_a_lease_whose_right_an_operator_took_sends_nothing_but_is_kept_until_all_is_told(planned: Office):
    _, heartbeat = a_heartbeat(planned)
    steer.pause(planned.store, planned.editions()[0], steer.By("olga", LATER))
    planned.machine = LATER + LEASE - SECOND

    heartbeat.beat()

    assert not heartbeat.in_time()
    assert a_claim(planned, LATER + LEASE + SECOND, owner="other") is None


def test_the_heart_beats_while_a_worker_works(planned: Office):
    lease = a_claim(planned, LATER)
    assert lease is not None
    beats = threading.Semaphore(0)

    def machine() -> datetime:
        beats.release()
        return LATER + SECOND

    with Heartbeat(planned.store, lease, machine).beating(every=0.001):
        assert beats.acquire(timeout=120)
        assert beats.acquire(timeout=120)

    assert planned.batch().lease_until == LATER + SECOND + LEASE


@pytest.mark.parametrize(("early", "in_time"), [(MARGIN, True), (MARGIN - SECOND, False)])
def test_the_end_of_a_lease_is_seen_a_margin_before_it(planned: Office, early: timedelta, in_time: bool):
    lease, heartbeat = a_heartbeat(planned)

    planned.machine = lease.until - early

    assert heartbeat.in_time() == in_time


def test_a_worker_that_slept_past_its_lease_in_the_middle_of_a_message_sends_no_dot(planned: Office):
    def sleep() -> None:
        planned.machine += LEASE

    asleep = WatchedRelay({}, sleep, stage="DATA")
    with running(asleep) as port:
        one_step(planned, port)

    [row] = planned.deliveries()
    assert asleep.messages == []
    assert (row.state, row.attempts, planned.watermarks()) == ("pending", 0, [0])


def test_a_letter_released_at_the_end_of_a_lease_is_sent_later(planned: Office, relay: int, outbox: Path):
    def sleep() -> None:
        planned.machine += LEASE

    with running(WatchedRelay({}, sleep, stage="DATA")) as port:
        one_step(planned, port)
    planned.deliver(LATER + LEASE, relay)

    assert planned.states() == ["sent"]
    assert len(letters_in(outbox)) == 1


def test_a_letter_that_another_worker_took_over_is_not_released(planned: Office):
    def sleep_and_lose() -> None:
        planned.machine += LEASE + SECOND
        assert a_claim(planned, planned.machine, owner="other") is not None

    asleep = WatchedRelay({}, sleep_and_lose, stage="DATA")
    with running(asleep) as port:
        one_step(planned, port)

    [row] = planned.deliveries()
    assert asleep.messages == []
    # In doubt where its intent was committed by then, as the other worker could not know that no dot went out.
    assert row.state in ("in_doubt", "pending")
    assert planned.watermarks() == ([1] if row.state == "in_doubt" else [0])


def test_what_a_worker_gives_back_late_leaves_the_word_of_its_successor(planned: Office):
    old = a_claim(planned, LATER)
    assert old is not None
    with planned.store.reading() as session:
        [letter] = deliveries.to_try(session, old.batch_id, now=LATER, resend=True, limit=10)
    ledger = Ledger(planned.store, old, lambda: LATER)
    ledger.write([Intend(letter)])
    a_claim(planned, LATER + LEASE + SECOND, owner="other")

    ledger.write([Ended(letter, Outcome(OutcomeKind.not_begun, None, "past the deadline"))])

    [row] = planned.deliveries()
    assert (row.state, row.ever_in_doubt) == ("in_doubt", True)


def test_giving_back_again_does_not_undo_the_intent_of_a_successor(planned: Office):
    old = a_claim(planned, LATER)
    assert old is not None
    with planned.store.reading() as session:
        [letter] = deliveries.to_try(session, old.batch_id, now=LATER, resend=True, limit=10)
    ledger = Ledger(planned.store, old, lambda: LATER)
    given_back = [Ended(letter, Outcome(OutcomeKind.not_begun, None, "past the deadline"))]
    ledger.write([Intend(letter)])
    ledger.write(given_back)
    new = a_claim(planned, LATER + LEASE + SECOND, owner="other")
    assert new is not None
    Ledger(planned.store, new, lambda: LATER).write([Intend(letter)])

    ledger.write(given_back, again=True)

    assert planned.states() == ["intent"]


def test_an_answer_that_comes_after_the_lease_is_recorded_all_the_same(planned: Office):
    def lose() -> None:
        assert a_claim(planned, LATER + LEASE + SECOND, owner="other") is not None

    with running(WatchedRelay({}, lose)) as port:
        one_step(planned, port)

    [row] = planned.deliveries()
    assert (row.state, row.ever_in_doubt, planned.watermarks()) == ("sent", True, [1])


class Stopper(FaultyRelay):
    """Stops the worker at one stage, and answers that by its script."""

    office: Office
    stage: str

    async def _answer(self, writer, stage):
        if stage == self.stage:
            self.office.stopping.set()
        return await super()._answer(writer, stage)


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_stopping_before_the_dot_does_not_wait_for_a_silent_relay(planned: Office, stage: str):
    stopper = Stopper({stage: SILENCE})
    stopper.office, stopper.stage = planned, stage

    with running(stopper) as port:
        one_step(planned, port)

    [row] = planned.deliveries()
    assert stopper.messages == []
    assert (row.state, row.attempts, planned.watermarks()) == ("pending", 0, [0])


def test_stopping_after_the_dot_waits_for_its_answer(planned: Office):
    stopper = Stopper({})
    stopper.office, stopper.stage = planned, "dot"

    with running(stopper) as port:
        one_step(planned, port)

    assert planned.states() == ["sent"]


def test_of_two_editions_the_one_with_the_higher_priority_goes_first(planned: Office):
    kind = EditionKind.instant
    with planned.store.writing() as session:
        older = Edition(key="instant:1:9", kind=kind, moment=MORNING - LEASE, created_at=MORNING)
        older.priority, older.state = PRIORITIES[kind], EditionState.sending
        session.add(older)
        session.flush()
        session.add(Batch(edition_id=older.id, first=1, last=1, cursor=0))

    first = a_claim(planned, LATER)

    assert first is not None
    assert first.edition_id == older.id


def test_an_instant_edition_goes_before_digests(office: Office, nobody_listens: int):
    with office.store.writing() as session:
        a_series(session, "news")
        a_reader(session, series=("news",), frequency="instant")
    office.plan("one", at("2026-03-02 06:00"))
    office.plan("flash", at("2026-03-02 06:30"), series="news")

    office.run(MORNING, nobody_listens)

    with office.store.reading() as session:
        priorities = {row.kind: row.priority for row in session.query(Edition)}
    assert priorities == {EditionKind.digest: 0, EditionKind.instant: 10}
