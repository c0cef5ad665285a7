from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from db import batches, deliveries, subscribers
from db.engine import open_store
from db.states import InDoubtPolicy
from db.tables import Batch, Delivery, Subscriber, Suppression
from mail.endings import GIVE_UP_AFTER
from mail.ledger import Intend, Ledger, suppress
from tests.mail.faulty import DROP, FaultyRelay
from tests.making import a_reader, a_series, at
from tests.sending.office import MOST_STEPS, Office, WatchedRelay, letters_in, running

MORNING = at("2026-03-02 07:00")


@pytest.fixture
def morning(office: Office) -> Office:
    """A post came out at 06:00, and it is the hour of Alice's digest."""
    office.plan("one", at("2026-03-02 06:00"))
    return office


def test_the_intent_is_committed_before_the_dot(morning: Office, store_url: str):
    seen: list[Sequence[str]] = []

    def look() -> None:
        own = open_store(store_url)
        with own.reading() as session:
            seen.append(session.scalars(select(Delivery.state)).all())
        own.close()

    with running(WatchedRelay({}, look)) as port:
        morning.run(MORNING, port)

    assert seen == [["intent"]]
    assert morning.states() == ["sent"]


def test_the_watermark_moves_after_the_relay_took_the_letter(morning: Office):
    seen: list[list[int]] = []

    with running(WatchedRelay({}, lambda: seen.append(morning.watermarks()))) as port:
        morning.run(MORNING, port)

    assert seen == [[0]]
    assert morning.watermarks() == [1]


def test_letters_wait_while_the_relay_is_down(morning: Office, nobody_listens: int):
    morning.run(MORNING, nobody_listens)

    assert morning.states() == ["pending"]
    assert morning.watermarks() == [0]
    assert f"127.0.0.1:{nobody_listens}" in (morning.batch().problem or "")


def test_all_waiting_letters_go_out_once_the_relay_is_back(
    morning: Office, nobody_listens: int, relay: int, outbox: Path
):
    with morning.store.writing() as session:
        a_reader(session, "bob@example.org")
    morning.run(MORNING, nobody_listens)

    morning.deliver(MORNING + timedelta(seconds=15), relay)

    assert morning.states() == ["sent", "sent"]
    assert morning.batch().problem is None
    assert len(letters_in(outbox)) == 2


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "dot"])
def test_a_letter_refused_for_now_waits_and_moves_no_watermark(morning: Office, stage: str):
    with running(FaultyRelay({stage: "450 4.2.1 come back later"})) as port:
        morning.run(MORNING, port)

    [row] = morning.deliveries()
    assert (row.state, row.code, row.attempts) == ("soft", 450, 1)
    assert row.retry_at == MORNING + timedelta(minutes=10)
    assert morning.watermarks() == [0]


def test_a_retry_sends_the_same_bytes(morning: Office):
    faulty = FaultyRelay({"dot": ["451 4.3.0 not now", "250 2.0.0 fine"]})

    with running(faulty) as port:
        morning.run(MORNING, port)
        morning.deliver(MORNING + timedelta(minutes=9), port)
        early = len(faulty.messages)
        morning.deliver(MORNING + timedelta(minutes=10), port)

    assert early == 1
    assert faulty.messages[0] == faulty.messages[1]
    assert b"Message-ID: <" in faulty.messages[0]
    assert morning.states() == ["sent"]


def test_an_unknown_address_is_never_written_to_again(morning: Office):
    with running(FaultyRelay({"RCPT": "550 5.1.1 no such user"})) as port:
        morning.run(MORNING, port)

    reader = morning.reader()
    with morning.store.reading() as session:
        reasons = session.scalars(select(Suppression.reason)).all()
    assert morning.states() == ["hard"]
    assert reader.state == "suppressed"
    assert reasons == ["bounced: 5.1.1 no such user"]


def test_a_refusal_by_policy_is_final_for_the_letter_but_not_for_the_reader(morning: Office, relay: int):
    with running(FaultyRelay({"dot": "550 5.7.1 looks like spam"})) as port:
        morning.run(MORNING, port)
    refused = morning.states()

    morning.run(MORNING + timedelta(days=1), relay)

    assert refused == ["hard"]
    assert morning.reader().state == "active"
    assert morning.carried() == [["one"]]


def test_a_letter_whose_answer_is_lost_is_in_doubt_and_counts_as_sent(morning: Office):
    with running(FaultyRelay({"dot": DROP})) as port:
        morning.run(MORNING, port)

    [row] = morning.deliveries()
    assert (row.state, row.ever_in_doubt) == ("in_doubt", True)
    assert morning.watermarks() == [1]


def test_a_letter_in_doubt_is_sent_again_with_the_same_bytes(morning: Office):
    faulty = FaultyRelay({"dot": [DROP, "250 2.0.0 fine"]})

    with running(faulty) as port:
        morning.run(MORNING, port)
        morning.deliver(MORNING + timedelta(seconds=29), port)
        early = len(faulty.messages)
        morning.deliver(MORNING + timedelta(seconds=30), port)

    assert early == 1
    assert faulty.messages[0] == faulty.messages[1]
    assert (morning.states(), morning.watermarks()) == (["sent"], [1])


def test_a_relay_that_never_answers_a_dot_gets_copies_ever_more_rarely_and_not_for_ever(morning: Office):
    relay, now = FaultyRelay({"dot": DROP}), at("2026-03-02 07:00")
    with running(relay) as port:
        morning.run(now, port)
        pauses = []
        while (retry_at := morning.deliveries()[0].retry_at) and len(pauses) < MOST_STEPS:
            pauses.append(retry_at - now)
            now = retry_at
            morning.deliver(now, port)

    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=30)
    assert len(relay.messages) == GIVE_UP_AFTER
    assert morning.states() == ["in_doubt"]
    assert morning.deliveries()[0].settled_at is not None


def test_a_letter_in_doubt_is_held_when_the_policy_says_so(morning: Office):
    faulty = FaultyRelay({"dot": [DROP, "250 2.0.0 fine"]})

    with running(faulty) as port:
        morning.run(MORNING, port, policy=InDoubtPolicy.hold)
        morning.deliver(MORNING + timedelta(hours=9), port, policy=InDoubtPolicy.hold)

    assert len(faulty.messages) == 1
    assert morning.states() == ["in_doubt"]


def test_a_letter_in_doubt_to_one_who_left_ends_there(morning: Office):
    faulty = FaultyRelay({"dot": [DROP, "250 2.0.0 fine"]})

    with running(faulty) as port:
        morning.run(MORNING, port)
        with morning.store.writing() as session:
            subscribers.leave(session, morning.reader().id, now=MORNING)
        morning.deliver(MORNING + timedelta(minutes=1), port)

    assert len(faulty.messages) == 1
    assert morning.states() == ["in_doubt"]


@pytest.fixture
def planned(morning: Office, nobody_listens: int) -> Office:
    """The digest's letters are in the ledger, and the relay was down."""
    morning.run(MORNING, nobody_listens)
    return morning


def test_who_left_after_the_planning_gets_no_letter(planned: Office, relay: int, outbox: Path):
    with planned.store.writing() as session:
        subscribers.leave(session, planned.reader().id, now=MORNING)

    planned.deliver(MORNING + timedelta(minutes=1), relay)

    assert planned.states() == ["superseded"]
    assert letters_in(outbox) == []


def test_who_was_suppressed_after_the_planning_gets_no_letter(planned: Office, relay: int, outbox: Path):
    with planned.store.writing() as session:
        suppress(session, planned.reader().id, reason="complained", now=MORNING)

    planned.deliver(MORNING + timedelta(minutes=1), relay)

    assert planned.states() == ["superseded"]
    assert letters_in(outbox) == []


def test_a_letter_whose_watermark_has_moved_is_not_sent(planned: Office, relay: int, outbox: Path):
    with planned.store.writing() as session:
        [row] = deliveries.open_of(session, [planned.reader().id]).values()
        deliveries.advance_watermarks(session, [row.id])

    planned.deliver(MORNING + timedelta(minutes=1), relay)

    assert planned.states() == ["superseded"]
    assert letters_in(outbox) == []


@pytest.mark.parametrize("script", [{"RCPT": "450 4.2.1 later"}, {"dot": "451 4.3.0 later"}])
def test_the_next_digest_takes_the_place_of_an_open_letter(morning: Office, relay: int, script: dict[str, str]):
    morning.plan("two", at("2026-03-03 06:00"))
    with running(FaultyRelay(script)) as port:
        morning.run(MORNING, port)

    morning.run(MORNING + timedelta(days=1), relay)

    assert morning.states() == ["superseded", "sent"]
    assert morning.carried() == [["one", "two"]]


def test_an_instant_letter_carries_what_an_open_digest_did(morning: Office, relay: int):
    with morning.store.writing() as session:
        a_series(session, "news")
        a_reader(session, series=("news",), frequency="instant")
    morning.plan("flash", at("2026-03-02 08:00"), series="news")
    with running(FaultyRelay({"dot": "451 4.3.0 later"})) as port:
        morning.run(MORNING, port)

    morning.run(MORNING + timedelta(hours=1), relay)

    assert sorted(slug for letter in morning.carried() for slug in letter) == ["flash", "one"]
    assert "soft" not in morning.states()


def test_intents_of_a_dead_lease_become_in_doubt(planned: Office, nobody_listens: int):
    with planned.store.writing() as session:
        session.execute(update(Delivery).values(state="intent"))
        expired = {"lease_owner": "dead", "lease_until": MORNING, "retry_at": None}
        session.execute(update(Batch).values(**expired))

    planned.deliver(MORNING + timedelta(minutes=15), nobody_listens)

    [row] = planned.deliveries()
    assert (row.state, row.ever_in_doubt) == ("in_doubt", True)
    assert planned.watermarks() == [1]


def a_claim(office: Office, owner: str, now: datetime) -> batches.Lease:
    with office.store.writing() as session:
        lease = batches.claim(session, owner=owner, now=now, until=now + timedelta(minutes=15))
    assert lease is not None
    return lease


def test_a_worker_whose_lease_was_taken_over_commits_no_intent(planned: Office):
    old = a_claim(planned, "slow", MORNING + timedelta(minutes=1))
    new = a_claim(planned, "quick", MORNING + timedelta(minutes=17))
    with planned.store.reading() as session:
        [letter] = deliveries.to_try(session, old.batch_id, now=MORNING, resend=True, limit=10)

    refused = Ledger(planned.store, old, lambda: MORNING).write([Intend(letter)])
    allowed = Ledger(planned.store, new, lambda: MORNING).write([Intend(letter)])

    assert (refused, allowed) == ([False], [True])
    assert planned.states() == ["intent"]


def test_a_worker_whose_lease_was_taken_over_writes_no_rows(morning: Office, nobody_listens: int):
    with morning.worker(nobody_listens) as passes:
        morning.machine = MORNING
        passes.clockwork.wake(MORNING)
        old = a_claim(morning, "slow", MORNING)
        a_claim(morning, "quick", MORNING + timedelta(minutes=16))

        went_on = passes.letters._prepare(old)

    assert not went_on
    assert morning.deliveries() == []


def test_a_letter_is_open_only_once_per_reader(planned: Office):
    lease = a_claim(planned, "node", MORNING + timedelta(minutes=1))
    with planned.store.reading() as session:
        [letter] = deliveries.to_try(session, lease.batch_id, now=MORNING, resend=True, limit=10)
    ledger = Ledger(planned.store, lease, lambda: MORNING)

    first, second = ledger.write([Intend(letter)]), ledger.write([Intend(letter)])

    assert (first, second) == ([True], [False])
    assert planned.states() == ["intent"]


class Stopper(FaultyRelay):
    """Stops the worker when it has heard of a recipient, which is before the dot."""

    office: Office

    async def _answer(self, writer, stage):
        if stage == "RCPT":
            self.office.stopping.set()
        return await super()._answer(writer, stage)


def test_stopping_before_the_dot_leaves_the_letter_pending(morning: Office):
    stopper = Stopper({})
    stopper.office = morning

    with running(stopper) as port, morning.worker(port) as passes:
        morning.machine = MORNING
        passes.clockwork.wake(MORNING)
        passes.letters.do_one()

    assert stopper.messages == []
    assert morning.states() == ["pending"]
    assert morning.watermarks() == [0]


def test_a_stopped_letter_goes_out_after_the_next_start(morning: Office, relay: int, outbox: Path):
    morning.stopping.set()
    with morning.worker(relay) as passes:
        morning.machine = MORNING
        passes.clockwork.wake(MORNING)
        passes.letters.do_one()
    morning.stopping.clear()

    morning.deliver(MORNING, relay)

    assert morning.states() == ["sent"]
    assert len(letters_in(outbox)) == 1


def test_a_reader_suppressed_by_a_bounce_is_not_revived_by_an_import(morning: Office):
    with running(FaultyRelay({"RCPT": "550 5.1.1 no such user"})) as port:
        morning.run(MORNING, port)

    with morning.store.writing() as session:
        a_reader(session)

    with morning.store.reading() as session:
        states = session.scalars(select(Subscriber.state)).all()
    assert states == ["suppressed"]
