"""On PostgreSQL, whoever says no while an intent is being written comes after it: once a no is committed, none follows.

On SQLite there is one writer anyway.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from db import intents, subscribers, suppressions
from db.engine import Store, open_store
from db.errors import StoreUnreachable
from db.states import SuppressionKind
from db.tables import Subscriber
from mail.ledger import suppress
from scheduler import pauses
from tests.conftest import new_database, url_of
from tests.mail.faulty import FaultyRelay
from tests.making import NOON, a_house, a_reader, a_series, at
from tests.sending.office import Office, running


@pytest.fixture
def postgresql(postgresql_server: str, postgresql_template: str) -> Iterator[Store]:
    store = open_store(url_of(postgresql_server, new_database(postgresql_server, postgresql_template)))
    yield store
    store.close()


@pytest.fixture
def with_a_soft_letter(postgresql: Store, tmp_path: Path) -> Office:
    """To Alice, who reads one series."""
    a_house(postgresql)
    with postgresql.writing() as session:
        a_series(session)
        a_reader(session)
    office = Office(postgresql, tmp_path, NOON, NOON)
    office.plan("one", at("2026-03-02 06:00"))
    with running(FaultyRelay({"RCPT": "450 4.2.1 later"})) as port:
        office.run(at("2026-03-02 07:00"), port)
    return office


def leave(session: Session, reader: int) -> None:
    subscribers.leave(session, reader, now=NOON)


def leave_series(session: Session, reader: int) -> None:
    [(held, _)] = subscribers.subscriptions_of(session, [reader])[reader]
    subscribers.leave_series(session, held, now=NOON)


def bounce(session: Session, reader: int) -> None:
    suppress(session, reader, reason="bounced", now=NOON)


def suppress_address(session: Session, reader: int) -> None:
    alice = session.get_one(Subscriber, reader)
    kind = SuppressionKind.operator
    suppressions.suppress(session, alice.fingerprint, address=alice.address, kind=kind, reason="", now=NOON)


def pause(session: Session, reader: int) -> None:
    pauses.pause(subscribers.by_address(session, "alice@example.org"), until=None, now=NOON)


def at_once(store: Store, say_no: Callable[[Session, int], None], reader: int) -> None:
    """Raises StoreUnreachable when it has to wait."""
    with store.writing() as session:
        session.execute(text("SET LOCAL lock_timeout = '100ms'"))
        say_no(session, reader)


@pytest.mark.parametrize("say_no", [leave, leave_series, bounce, suppress_address, pause])
def test_a_no_waits_for_the_intent_that_is_being_written(
    with_a_soft_letter: Office, say_no: Callable[[Session, int], None]
):
    store, reader = with_a_soft_letter.store, with_a_soft_letter.reader().id
    [letter] = with_a_soft_letter.deliveries()

    with store.writing() as writing:
        intents.lock_readers(writing, [letter.id])
        fence = with_a_soft_letter.batch().fence
        allowed = intents.commit_intents(writing, [letter.id], attempt=letter.attempts + 1, fence=fence)
        with pytest.raises(StoreUnreachable, match="lock timeout"):
            at_once(store, say_no, reader)

    assert allowed == {letter.id}
