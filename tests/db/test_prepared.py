"""Statements put together once: the same rows and errors as if the library had run them."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from db.engine import Store
from db.many_rows import Updating
from db.prepared import Prepared, among_ids, given, together
from db.tables import Subscriber
from tests.making import a_reader, at

NOBODY = 10**12
NAMES = Prepared(select(Subscriber.name).where(among_ids(Subscriber.id)).order_by(Subscriber.id))
RENAMED = Prepared(update(Subscriber).where(among_ids(Subscriber.id)).values(name=given("name")))
ADDRESSED = Prepared(update(Subscriber).where(among_ids(Subscriber.id)).values(address_key=given("key")))


@pytest.fixture
def readers(store: Store) -> list[int]:
    """Alice, Bob and Carol."""
    with store.writing() as session:
        return [a_reader(session, f"{name}@example.org", name=name).id for name in ("alice", "bob", "carol")]


def test_a_statement_is_run_with_any_number_of_ids(store: Store, readers: list[int]):
    alice, _, carol = readers

    with store.reading() as session:
        found = [NAMES.run(session, ids=ids) for ids in ([], [alice], [alice, carol, NOBODY])]

    assert [[name for (name,) in rows] for rows in found] == [[], ["alice"], ["alice", "carol"]]


def test_an_instant_is_kept_as_everywhere(store: Store, readers: list[int]):
    noon = at("2026-03-02 12:00")

    with store.writing() as session:
        Updating(Subscriber, ("last_moment",)).run(
            session, [{"key": readers[0], "last_moment": noon}, {"key": readers[1], "last_moment": None}]
        )

    with store.reading() as session:
        moments = session.scalars(select(Subscriber.last_moment).order_by(Subscriber.id)).all()
    assert moments == [noon, None, None]


def test_what_is_asked_together_is_done_in_its_order(store: Store, readers: list[int]):
    with store.writing() as session:
        with together(session):
            RENAMED.ask(session, ids=readers, name="reader")
            asked = NAMES.ask(session, ids=readers[:2])
        rows = asked.rows()

    assert [name for (name,) in rows] == ["reader", "reader"]


def test_a_row_that_cannot_be_is_refused_in_the_librarys_words(store: Store, readers: list[int]):
    with pytest.raises(IntegrityError), store.writing() as session:
        ADDRESSED.run(session, ids=readers, key="the same for all")

    with store.reading() as session:
        kept = session.scalars(select(Subscriber.address_key).order_by(Subscriber.id)).all()
    assert kept == ["alice@example.org", "bob@example.org", "carol@example.org"]


def test_what_is_refused_of_a_group_is_told_too(store: Store, readers: list[int]):
    def both() -> None:
        with store.writing() as session, together(session):
            RENAMED.ask(session, ids=readers, name="reader")
            ADDRESSED.ask(session, ids=readers, key="the same for all")

    with pytest.raises(IntegrityError):
        both()

    with store.reading() as session:
        names = [name for (name,) in NAMES.run(session, ids=readers)]
    assert names == ["alice", "bob", "carol"]
