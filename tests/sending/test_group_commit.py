"""Several letters in one transaction of the ledger, each with its own verdict; only dots wait for it."""

import asyncio
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from pathlib import Path

import pytest

from db import batches, deliveries, subscribers
from db.batches import Lease
from db.deliveries import Letter
from db.engine import open_store
from db.errors import StoreUnreachable
from db.states import InDoubtPolicy
from mail import committer
from mail.ledger import Ended, Entry, Intend, Ledger
from mail.replies import Outcome, OutcomeKind
from tests.mail.faulty import FaultyRelay
from tests.making import a_reader, at
from tests.sending.office import Office, WatchedRelay, letters_in, running

MORNING = at("2026-03-02 07:00")
LATER = MORNING + timedelta(minutes=1)
BOB = "bob@example.org"
PATIENCE = 30
"""Seconds after which a test gives up on something that ought to have happened long before."""

Write = Callable[..., list[bool]]


@pytest.fixture
def morning(office: Office) -> Office:
    """A post came out at 06:00, and it is the hour of Alice's and Bob's digest."""
    office.plan("one", at("2026-03-02 06:00"))
    with office.store.writing() as session:
        a_reader(session, BOB)
    return office


@pytest.fixture
def planned(morning: Office, nobody_listens: int) -> Office:
    """The digest's letters are in the ledger, and the relay was down."""
    morning.run(MORNING, nobody_listens)
    return morning


def a_ledger(office: Office) -> tuple[Ledger, list[Letter]]:
    """A worker's ledger, with the letters that it may try."""
    with office.store.writing() as session:
        lease = batches.claim(session, owner="node", now=LATER, until=LATER + timedelta(minutes=2))
        assert isinstance(lease, Lease)
        letters = deliveries.to_try(session, lease.batch_id, now=LATER, resend=True, limit=10)
    return Ledger(office.store, lease, lambda: LATER), letters


def leave(office: Office, address: str) -> None:
    with office.store.writing() as session:
        subscribers.leave(session, subscribers.by_address(session, address).id, now=MORNING)


@pytest.fixture
def around_writes(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Write, Sequence[Entry]], list[bool]]], None]:
    """Puts something around every write of the ledger."""

    def put(around: Callable[[Write, Sequence[Entry]], list[bool]]) -> None:
        write = Ledger.write

        def written(self: Ledger, entries: Sequence[Entry], *, again: bool = False) -> list[bool]:
            return around(lambda: write(self, entries, again=again), entries)

        monkeypatch.setattr(Ledger, "write", written)
        monkeypatch.setattr(committer, "DATABASE_PAUSE", 0)

    return put


def test_an_outcome_goes_into_the_transaction_of_the_next_intent(planned: Office, relay: int, around_writes):
    groups: list[list[type]] = []

    def noted(write: Write, entries: Sequence[Entry]) -> list[bool]:
        groups.append([type(entry) for entry in entries])
        return write()

    around_writes(noted)
    planned.machine = LATER
    with planned.worker(relay, connections=1) as passes:
        passes.letters.do_one()

    assert groups == [[Intend], [Ended, Intend], [Ended]]
    assert planned.states() == ["sent", "sent"]


def test_what_waits_at_the_same_time_shares_a_transaction(planned: Office, around_writes):
    ledger, letters = a_ledger(planned)
    sizes: list[int] = []

    def noted(write: Write, entries: Sequence[Entry]) -> list[bool]:
        sizes.append(len(entries))
        return write()

    async def ask() -> list[bool]:
        with ThreadPoolExecutor(1) as thread:
            writer = committer.Committer(ledger, thread, lanes=2, stopping=threading.Event())
            asked = [writer.enter(Intend(letter)) for letter in letters]
            writing = asyncio.create_task(writer.run())
            verdicts = await asyncio.gather(*asked)
            writing.cancel()
            return verdicts

    around_writes(noted)
    verdicts = asyncio.run(ask())

    assert (sizes, verdicts) == ([2], [True, True])


def test_a_group_waits_for_company_only_until_every_lane_has_brought_its_part(
    planned: Office, around_writes, monkeypatch: pytest.MonkeyPatch
):
    ledger, letters = a_ledger(planned)
    sent = Outcome(OutcomeKind.sent, 250, "2.0.0 taken")

    async def ask() -> list[bool]:
        with ThreadPoolExecutor(1) as thread:
            writer = committer.Committer(ledger, thread, lanes=2, stopping=threading.Event())
            writing = asyncio.create_task(writer.run())
            asked = [writer.enter(entry) for letter in letters for entry in (Ended(letter, sent), Intend(letter))]
            verdicts = await asyncio.wait_for(asyncio.gather(*asked), PATIENCE)
            writing.cancel()
            return verdicts

    monkeypatch.setattr(committer, "LINGER", 3600)
    around_writes(lambda _write, entries: [True] * len(entries))

    assert asyncio.run(ask()) == [True] * 4


def test_the_message_flows_while_its_intent_is_being_committed(planned: Office, around_writes):
    told = threading.Event()

    def after_the_relay_was_told(write: Write, _entries: Sequence[Entry]) -> list[bool]:
        assert told.wait(PATIENCE), "the message waited for its intent"
        return write()

    around_writes(after_the_relay_was_told)
    with running(WatchedRelay({}, told.set, stage="DATA")) as port:
        planned.deliver(LATER, port)

    assert planned.states() == ["sent", "sent"]


def test_no_dot_follows_when_the_intent_refuses_in_the_middle_of_a_message(planned: Office, around_writes):
    told = threading.Event()
    leave(planned, "alice@example.org")

    def after_the_relay_was_told(write: Write, _entries: Sequence[Entry]) -> list[bool]:
        assert told.wait(PATIENCE)
        return write()

    around_writes(after_the_relay_was_told)
    faulty = WatchedRelay({}, told.set, stage="DATA")
    with running(faulty) as port:
        planned.deliver(LATER, port)

    assert [b"bob@example.org" in message for message in faulty.messages] == [True]
    assert planned.states() == ["superseded", "sent"]


def test_a_refusal_touches_no_other_letter_of_its_transaction(planned: Office):
    ledger, letters = a_ledger(planned)
    leave(planned, "alice@example.org")

    verdicts = ledger.write([Intend(letter) for letter in letters])

    assert verdicts == [False, True]
    assert planned.states() == ["superseded", "intent"]


def test_each_letter_of_a_transaction_gets_its_own_outcome(planned: Office):
    ledger, letters = a_ledger(planned)
    ledger.write([Intend(letter) for letter in letters])
    sent, soft = Outcome(OutcomeKind.sent, 250, "2.0.0 taken"), Outcome(OutcomeKind.soft, 450, "4.2.1 later")

    ledger.write([Ended(letters[0], sent), Ended(letters[1], soft)])

    assert [(row.state, row.code, row.reply) for row in planned.deliveries()] == [
        ("sent", 250, "2.0.0 taken"),
        ("soft", 450, "4.2.1 later"),
    ]
    assert planned.watermarks() == [1, 0]


@pytest.mark.parametrize("kind", ["sent", "soft", "hard", "in_doubt", "not_begun"])
def test_an_outcome_written_twice_is_written_once(planned: Office, kind: str):
    ledger, letters = a_ledger(planned)
    ledger.write([Intend(letters[0])])
    ended = [Ended(letters[0], Outcome(OutcomeKind(kind), None, "so it was"))]

    ledger.write(ended)
    once = [(row.state, row.attempts, row.retry_at) for row in planned.deliveries()]
    ledger.write(ended, again=True)

    assert [(row.state, row.attempts, row.retry_at) for row in planned.deliveries()] == once
    assert planned.watermarks() == ([1, 0] if kind in ("sent", "in_doubt") else [0, 0])


def test_a_letter_that_was_not_begun_is_as_it_was(planned: Office):
    ledger, letters = a_ledger(planned)
    ledger.write([Intend(letters[0])])

    ledger.write([Ended(letters[0], Outcome(OutcomeKind.not_begun, None, "held back"))])

    [row, _] = planned.deliveries()
    assert (row.state, row.attempts, row.retry_at, row.reply) == ("pending", 0, None, None)


def test_an_intent_whose_answer_was_lost_is_asked_for_again(planned: Office):
    ledger, letters = a_ledger(planned)
    ledger.write([Intend(letters[0])])

    allowed = ledger.write([Intend(letters[0])], again=True)

    assert allowed == [True]
    assert [(row.state, row.attempts) for row in planned.deliveries()] == [("intent", 1), ("pending", 0)]


def test_an_intent_asked_for_again_is_refused_to_who_left_meanwhile(planned: Office):
    ledger, letters = a_ledger(planned)
    ledger.write([Intend(letters[0])])
    leave(planned, "alice@example.org")

    allowed = ledger.write([Intend(letters[0])], again=True)

    assert allowed == [False]
    assert planned.states() == ["superseded", "pending"]


def test_whoever_is_leaving_is_waited_for(planned: Office):
    ledger, letters = a_ledger(planned)

    with ThreadPoolExecutor(1) as pool:
        with planned.store.writing() as session:
            subscribers.leave(session, planned.reader().id, now=MORNING)
            session.flush()
            asked = pool.submit(ledger.write, [Intend(letters[0])])
            wait([asked], timeout=0.3)

        assert asked.result() == [False]


def test_the_ledger_is_written_once_the_database_is_back_and_no_letter_is_sent_twice(
    planned: Office, relay: int, outbox: Path, around_writes
):
    away = iter([True, True, False, True] + [False] * 9)

    def sometimes(write: Write, _entries: Sequence[Entry]) -> list[bool]:
        if next(away):
            raise StoreUnreachable("the database is being restarted")
        return write()

    around_writes(sometimes)
    planned.deliver(LATER, relay)

    assert planned.states() == ["sent", "sent"]
    assert len(letters_in(outbox)) == 2


def test_a_commit_whose_answer_is_lost_sends_every_letter_once(
    planned: Office, relay: int, outbox: Path, around_writes
):
    lost = iter([True, False, True, False] + [False] * 9)

    def sometimes(write: Write, _entries: Sequence[Entry]) -> list[bool]:
        verdicts = write()
        if next(lost):
            raise StoreUnreachable("the line to the database broke after the commit")
        return verdicts

    around_writes(sometimes)
    planned.deliver(LATER, relay)

    assert [(row.state, row.attempts) for row in planned.deliveries()] == [("sent", 1), ("sent", 1)]
    assert len(letters_in(outbox)) == 2


@pytest.mark.parametrize("script", [{"MAIL": "450 4.2.1 later"}, {"RCPT": "450 4.2.1 later"}])
def test_a_refusal_before_the_message_leaves_no_intent_behind(planned: Office, script: dict[str, str]):
    with running(FaultyRelay(script)) as port:
        planned.deliver(LATER, port, policy=InDoubtPolicy.hold)

    assert [(row.state, row.attempts) for row in planned.deliveries()] == [("soft", 1), ("soft", 1)]
    assert planned.watermarks() == [0, 0]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None or subprocess.run([mount, "-t", "tmpfs", "-o", "size=2M", "tmpfs", place], check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)


def test_no_dot_goes_out_while_the_disk_is_full_and_all_do_once_there_is_room(
    small_disk: Path, planned: Office, outbox: Path, relay: int, around_writes
):
    if not planned.store.is_sqlite:
        pytest.skip("PostgreSQL keeps its own disk")
    planned.store.close()
    shutil.copy(planned.folder / "fascicle.db", small_disk / "store.db")
    full = Office(open_store(f"sqlite:///{small_disk}/store.db"), planned.folder, LATER, LATER)
    ballast, problems = small_disk / "ballast", []

    def until_there_is_room(write: Write, _entries: Sequence[Entry]) -> list[bool]:
        if not problems:
            fill(ballast)
        try:
            return write()
        except StoreUnreachable as error:
            problems.append((str(error), len(letters_in(outbox)), full.states()))
            ballast.unlink()
            raise

    around_writes(until_there_is_room)
    try:
        with full.worker(relay) as passes:
            passes.letters.do_one()
        states = full.states()
    finally:
        full.store.close()

    assert problems == [("the database does not answer: database or disk is full", 0, ["pending", "pending"])]
    assert states == ["sent", "sent"]
    assert len(letters_in(outbox)) == 2


def fill(ballast: Path) -> None:
    """Leave not a byte of room on this disk."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            return
