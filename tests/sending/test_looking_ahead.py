"""What a lane does while the ledger writes: it chooses its next letter and makes it."""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from db import batches, deliveries
from db.batches import Lease
from db.deliveries import Letter
from mail.courier import Courier
from mail.ledger import Entry, Ledger
from mail.opening import RelaySettings
from tests.mail.faulty import FaultyRelay
from tests.making import a_reader, at
from tests.sending.office import Office, running

MORNING = at("2026-03-02 07:00")
LATER = MORNING + timedelta(minutes=1)
PATIENCE = 30
"""Seconds after which a test gives up on something that ought to have happened long before."""


@pytest.fixture
def two(office: Office, nobody_listens: int) -> tuple[Ledger, list[Letter]]:
    """The letters of Alice and Bob, of which none was sent, and the ledger of who may send them."""
    office.plan("one", at("2026-03-02 06:00"))
    with office.store.writing() as session:
        a_reader(session, "bob@example.org")
    office.run(MORNING, nobody_listens)
    with office.store.writing() as session:
        lease = batches.claim(session, owner="node", now=LATER, until=LATER + timedelta(minutes=2))
        assert isinstance(lease, Lease)
        letters = deliveries.to_try(session, lease.batch_id, now=LATER, resend=True, limit=10)
    return Ledger(office.store, lease, lambda: LATER), letters


def deliver(ledger: Ledger, letters: Sequence[Letter], build: Callable[[Letter], bytes]) -> list[bytes]:
    """Over one line, with letters announced ahead; gives the messages that came."""
    relay = FaultyRelay({})
    relay.offers = ("PIPELINING",)
    with running(relay) as port:
        settings = RelaySettings("127.0.0.1", port, "none", None, None, "main")
        courier = Courier([settings], sender="post@example.org", connections=1, stopping=threading.Event())
        try:
            courier.deliver(letters, ledger, build, in_time=lambda: True)
        finally:
            courier.close()
    return relay.messages


def test_the_next_letter_is_made_while_the_ledger_writes_of_this_one(
    two: tuple[Ledger, list[Letter]], monkeypatch: pytest.MonkeyPatch
):
    both_made, made = threading.Event(), set[int]()
    write = Ledger.write

    def written(self: Ledger, entries: Sequence[Entry], *, again: bool = False) -> list[bool]:
        assert both_made.wait(PATIENCE), "the ledger had written before the next letter was made"
        return write(self, entries, again=again)

    def build(letter: Letter) -> bytes:
        made.add(letter.delivery.id)
        if len(made) == 2:
            both_made.set()
        return b"Subject: one\r\n\r\nwords\r\n"

    monkeypatch.setattr(Ledger, "write", written)
    messages = deliver(*two, build)

    assert len(messages) == 2


def test_a_mistake_in_the_next_letter_does_not_keep_back_this_one(office: Office, two: tuple[Ledger, list[Letter]]):
    _, [first, _] = two

    def build(letter: Letter) -> bytes:
        if letter.delivery.id != first.delivery.id:
            raise LookupError("no such words")
        return b"Subject: one\r\n\r\nwords\r\n"

    with pytest.raises(LookupError, match="no such words"):
        deliver(*two, build)

    assert office.states() == ["sent", "pending"]
