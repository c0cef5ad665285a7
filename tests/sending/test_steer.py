from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from db import batches
from db.states import PostState
from db.tables import Audit, Batch, Delivery, Post, Series
from scheduler import editions, steer
from scheduler.steer import SteeringRefused
from tests.mail.faulty import FaultyRelay
from tests.making import a_reader, a_series, at
from tests.sending.office import Office, letters_in, running
from tests.sending.steering import (
    KEY,
    ME,
    MORNING,
    NEXT_MORNING,
    READERS,
    at_the_first_dot,
    carried_by_all,
    posts_of_all,
    state_of,
    with_readers,
)

CONNECTIONS = 2


@pytest.fixture
def morning(office: Office) -> Office:
    return with_readers(office)


def test_a_pause_in_mid_sending_lets_at_most_one_letter_per_connection_go(morning: Office):
    relay = at_the_first_dot(lambda: steer.pause(morning.store, KEY, ME))

    with running(relay) as port:
        morning.run(MORNING, port)

    assert 1 <= len(relay.messages) <= CONNECTIONS
    assert morning.states().count("sent") == len(relay.messages)
    assert morning.states().count("pending") == 1 + len(READERS) - len(relay.messages)
    assert state_of(morning.store) == "paused"


def test_after_a_pause_each_letter_goes_out_once(morning: Office):
    relay = at_the_first_dot(lambda: steer.pause(morning.store, KEY, ME))

    with running(relay) as port:
        morning.run(MORNING, port)
        steer.resume(morning.store, KEY, ME)
        morning.run(MORNING + timedelta(minutes=1), port)

    assert len(relay.messages) == 1 + len(READERS)
    assert carried_by_all(morning) == [[["one"]]] * (1 + len(READERS))
    assert state_of(morning.store) == "finished"


def test_nothing_of_a_paused_edition_is_sent(morning: Office, nobody_listens: int, relay: int, outbox: Path):
    morning.run(MORNING, nobody_listens)
    steer.pause(morning.store, KEY, ME)

    morning.run(MORNING + timedelta(hours=3), relay)

    assert letters_in(outbox) == []
    assert set(morning.states()) == {"pending"}


def test_an_edition_paused_before_it_was_cut_begins_when_it_is_resumed(morning: Office, relay: int):
    with morning.worker(relay) as passes:
        passes.clockwork.release(MORNING)
        editions.plan_due_digest(morning.store, now=MORNING)
    steer.pause(morning.store, KEY, ME)
    morning.run(MORNING, relay)
    waiting = morning.deliveries()

    steer.resume(morning.store, KEY, ME)
    morning.run(MORNING, relay)

    assert waiting == []
    assert carried_by_all(morning) == [[["one"]]] * (1 + len(READERS))


def test_the_next_digest_carries_what_a_paused_one_holds_back(morning: Office, nobody_listens: int, relay: int):
    morning.run(MORNING, nobody_listens)
    steer.pause(morning.store, KEY, ME)
    morning.plan("two", at("2026-03-03 06:00"))

    morning.run(NEXT_MORNING, relay)
    steer.resume(morning.store, KEY, ME)
    morning.run(NEXT_MORNING + timedelta(hours=1), relay)

    assert carried_by_all(morning) == [[["one", "two"]]] * (1 + len(READERS))
    assert state_of(morning.store) == "finished"


def test_a_letter_held_back_does_not_keep_its_reader_from_others_when_its_post_is_withdrawn(
    morning: Office, nobody_listens: int, relay: int
):
    with morning.store.writing() as session:
        a_series(session, "other")
        a_reader(session)
    morning.run(MORNING, nobody_listens)
    steer.pause(morning.store, KEY, ME)
    with morning.store.writing() as session:
        session.execute(update(Post).where(Post.slug == "one").values(state=PostState.withdrawn))
    morning.plan("uno", at("2026-03-03 06:00"), series="other")

    morning.run(NEXT_MORNING, relay)

    assert morning.carried() == [["uno"]]


def test_letters_that_a_dead_worker_left_in_a_paused_edition_become_in_doubt(
    morning: Office, nobody_listens: int, relay: int
):
    morning.run(MORNING, nobody_listens)
    with morning.store.writing() as session:
        first = select(Delivery.id).order_by(Delivery.id).limit(1).scalar_subquery()
        session.execute(update(Delivery).where(Delivery.id == first).values(state="intent"))
        session.execute(update(Batch).values(lease_owner="dead", lease_until=MORNING + timedelta(minutes=15)))
    steer.pause(morning.store, KEY, ME)

    morning.deliver(MORNING + timedelta(minutes=14), relay)
    early = morning.states()[0]
    morning.deliver(MORNING + timedelta(minutes=16), relay)

    assert (early, morning.states()[0]) == ("intent", "in_doubt")
    assert morning.batch().lease_until is None


def test_a_worker_that_lost_its_lease_to_a_pause_closes_no_letter(morning: Office, nobody_listens: int):
    morning.run(MORNING, nobody_listens)
    later = MORNING + timedelta(minutes=1)
    with morning.store.writing() as session:
        lease = batches.claim(session, owner="slow", now=later, until=later + timedelta(minutes=15))
    assert lease is not None
    steer.pause(morning.store, KEY, ME)

    with morning.store.writing() as session:
        moved = batches.move_cursor(session, lease, 99)
        next_one = batches.claim(session, owner="other", now=later, until=later + timedelta(minutes=15))

    assert (moved, next_one) == (False, None)
    assert set(morning.states()) == {"pending"}


def test_looking_after_a_dead_worker_in_a_paused_edition_writes_no_new_letters(morning: Office, relay: int):
    with morning.worker(relay) as passes:
        passes.clockwork.wake(MORNING)
    with morning.store.writing() as session:
        session.execute(update(Batch).values(lease_owner="dead", lease_until=MORNING - timedelta(minutes=1)))
    steer.pause(morning.store, KEY, ME)

    morning.run(MORNING, relay)

    assert morning.deliveries() == []
    assert morning.batch().lease_until is None


def test_a_worker_that_is_just_closing_a_batch_does_not_close_it_over_a_letter_asked_for(morning: Office, relay: int):
    with morning.worker(relay) as passes:
        passes.clockwork.wake(MORNING)
    with morning.store.writing() as session:
        lease = batches.claim(session, owner="node", now=MORNING, until=MORNING + timedelta(minutes=15))
        assert lease is not None
        batches.wake(session, [lease.batch_id])
        batches.finish(session, lease)

    assert morning.batch().state == "ready"


def test_cancelled_letters_say_so_and_the_next_digest_carries_their_posts_once(
    morning: Office, nobody_listens: int, relay: int, outbox: Path
):
    morning.run(MORNING, nobody_listens)
    waiting = steer.cancel(morning.store, KEY, ME)
    morning.plan("two", at("2026-03-03 06:00"))
    [*cancelled] = morning.deliveries()

    morning.run(NEXT_MORNING, relay)
    morning.run(NEXT_MORNING + timedelta(days=1), relay)

    assert waiting == 1 + len(READERS)
    assert {(row.state, row.reply) for row in cancelled} == {("superseded", steer.CANCELLED)}
    assert carried_by_all(morning) == [[["one", "two"]]] * (1 + len(READERS))
    assert len(letters_in(outbox)) == 1 + len(READERS)


def test_cancelling_in_mid_sending_doubles_nothing(morning: Office, relay: int):
    cancelling = at_the_first_dot(lambda: steer.cancel(morning.store, KEY, ME))

    with running(cancelling) as port:
        morning.run(MORNING, port)
    morning.plan("two", at("2026-03-03 06:00"))
    morning.run(NEXT_MORNING, relay)

    assert 1 <= len(cancelling.messages) <= CONNECTIONS
    assert posts_of_all(morning) == [["one", "two"]] * (1 + len(READERS))


def test_a_letter_refused_for_now_after_its_edition_was_cancelled_is_carried_by_the_next(morning: Office, relay: int):
    busy = at_the_first_dot(lambda: steer.cancel(morning.store, KEY, ME), {"dot": "451 4.3.0 later"})
    with running(busy) as port:
        morning.run(MORNING, port)
    morning.plan("two", at("2026-03-03 06:00"))

    morning.run(NEXT_MORNING, relay)

    assert carried_by_all(morning) == [[["one", "two"]]] * (1 + len(READERS))
    assert "soft" not in morning.states()


def test_cancelling_again_brings_an_interrupted_cancelling_to_its_end(morning: Office, nobody_listens: int):
    morning.run(MORNING, nobody_listens)
    steer.cancel(morning.store, KEY, ME)
    with morning.store.writing() as session:
        session.execute(update(Delivery).values(state="pending", reply=None))

    closed = steer.cancel(morning.store, KEY, ME)

    assert closed == 1 + len(READERS)
    assert set(morning.states()) == {"superseded"}


def test_soft_letters_are_tried_at_once_when_an_operator_says_so(morning: Office, relay: int, outbox: Path):
    with running(FaultyRelay({"RCPT": "450 4.2.1 later"})) as port:
        morning.run(MORNING, port)

    tried = steer.retry(morning.store, KEY, ME)
    morning.deliver(MORNING + timedelta(seconds=1), relay)

    assert tried == 1 + len(READERS)
    assert len(letters_in(outbox)) == 1 + len(READERS)
    assert set(morning.states()) == {"sent"}


@pytest.fixture
def finished(morning: Office, relay: int) -> Office:
    morning.run(MORNING, relay)
    return morning


@pytest.mark.parametrize("step", [steer.pause, steer.resume, steer.cancel, steer.retry])
def test_a_finished_edition_is_not_steered_and_the_refusal_says_what_now(finished: Office, step):
    with pytest.raises(SteeringRefused, match=r"finished.*`fascicle deliveries list --edition`"):
        step(finished.store, KEY, ME)


def test_a_cancelled_edition_never_goes_on(morning: Office, nobody_listens: int):
    morning.run(MORNING, nobody_listens)
    steer.cancel(morning.store, KEY, ME)

    with pytest.raises(SteeringRefused, match="later editions carry"):
        steer.resume(morning.store, KEY, ME)


def test_who_steered_when_and_why_is_kept(morning: Office, nobody_listens: int):
    morning.run(MORNING, nobody_listens)

    steer.pause(morning.store, KEY, ME)

    with morning.store.reading() as session:
        record = session.scalars(select(Audit).where(Audit.subject.like("edition:%"))).one()
        assert session.query(Series).count() == 1
    assert (record.action, record.actor, record.at) == ("pause", "olga", MORNING)
    assert record.detail == {"reason": "a wrong picture"}
