"""Cutting an edition into batches: step by step, each reader into one of them, whoever does it and whatever happens."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select

from db.engine import Store, open_store
from db.states import EditionState, SubscriberState
from db.tables import Batch, Edition, Subscriber
from scheduler.cutting import cut_some
from tests.making import a_reader, at, in_threads
from tests.sending.office import Office
from tests.sending.writes import Writes

MORNING = at("2026-03-02 06:00")
READERS = 11


@pytest.fixture
def waiting(office: Office) -> Office:
    """An instant edition that is due, for eleven readers: some ids between theirs are of others."""
    with office.store.writing() as session:
        for number in range(READERS):
            a_reader(session, f"instant{number}@example.org", frequency="instant")
            a_reader(session, f"daily{number}@example.org")
    office.plan("one", MORNING)
    with office.worker(0) as passes:
        passes.clockwork.release(MORNING)
    return office


@pytest.fixture
def other(waiting: Office) -> Iterator[Office]:
    """Another node on the same store."""
    folder = waiting.folder / "other"
    folder.mkdir()
    store = open_store(waiting.store.engine.url.render_as_string(hide_password=False))
    yield Office(store, folder, waiting.machine, waiting.calendar)
    store.close()


def cut(office: Office, size: int, at_once: int) -> bool:
    return cut_some(office.store, office.folder / "node.json", size=size, at_once=at_once)


def cut_all(office: Office, size: int, at_once: int) -> None:
    while cut(office, size, at_once):
        pass


def held(store: Store) -> list[list[str]]:
    """The instant readers that each batch holds."""
    with store.reading() as session:
        ranges = session.execute(select(Batch.first, Batch.last).order_by(Batch.first)).all()
        names = select(Subscriber.name).where(Subscriber.address.startswith("instant")).order_by(Subscriber.id)
        return [list(session.scalars(names.where(Subscriber.id.between(*one)))) for one in ranges]


def everybody() -> list[str]:
    return [f"Instant{number}" for number in range(READERS)]


def each_once(batches: list[list[str]]) -> bool:
    return [name for batch in batches for name in batch] == everybody()


def state(store: Store) -> str:
    with store.reading() as session:
        return session.scalars(select(Edition.state)).one()


def test_each_reader_is_in_one_batch_of_a_bounded_size(waiting: Office):
    cut_all(waiting, 3, 2)

    batches = held(waiting.store)
    assert [len(batch) for batch in batches] == [3, 3, 3, 2]
    assert each_once(batches)
    assert state(waiting.store) == EditionState.sending


def test_an_edition_whose_last_step_is_full_is_opened_too(waiting: Office):
    cut_all(waiting, READERS, 1)

    assert held(waiting.store) == [everybody()]
    assert state(waiting.store) == EditionState.sending


def test_no_letter_goes_out_before_the_edition_is_all_cut(waiting: Office, relay: int):
    cut(waiting, 3, 1)

    waiting.deliver(MORNING, relay)
    early = waiting.deliveries()
    cut_all(waiting, 3, 1)
    waiting.deliver(MORNING, relay)

    assert early == []
    assert waiting.states() == ["sent"] * READERS


def test_a_post_that_comes_due_while_an_edition_is_cut_is_released_before_the_cutting_ends(waiting: Office):
    waiting.plan("two", at("2026-03-02 06:01"))
    cut(waiting, 1, 2)

    with waiting.worker(0) as passes:
        released = passes.clockwork.release(at("2026-03-02 06:01"))

    assert [one.slug for one in released] == ["two"]
    with waiting.store.reading() as session:
        assert session.scalars(select(Edition.state).order_by(Edition.id)).all() == [EditionState.due] * 2


def test_cutting_that_was_cut_short_goes_on_behind_the_last_batch(waiting: Office, other: Office):
    cut(waiting, 2, 2)
    waiting.store.close()

    cut_all(other, 3, 1)

    batches = held(other.store)
    assert [len(batch) for batch in batches] == [2, 2, 3, 3, 1]
    assert each_once(batches)


def test_a_planner_that_read_before_another_one_cut_adds_nothing_of_what_it_read(waiting: Office, other: Office):
    once_when_read(waiting.store.engine, lambda: cut(other, 3, 1))

    cut(waiting, 2, 1)
    after_both = held(waiting.store)
    cut_all(waiting, 2, 1)

    assert after_both == [everybody()[:3]]
    assert each_once(held(waiting.store))


def once_when_read(engine: Engine, work) -> None:
    """Do it when the next look into the store has ended."""
    event.listen(engine, "rollback", lambda _connection: work(), once=True)


def test_planners_that_cut_at_the_same_time_put_each_reader_into_one_batch(waiting: Office, other: Office):
    planners = iter([(waiting, 1), (other, 2)])

    in_threads(2, lambda: [cut_all(office, size, 1) for office, size in [next(planners)]])

    assert each_once(held(waiting.store))
    assert state(waiting.store) == EditionState.sending


def test_an_edition_that_is_paused_while_it_is_read_gets_no_batch(waiting: Office, other: Office):
    once_when_read(waiting.store.engine, lambda: paused(other.store))

    cut(waiting, 3, 1)

    assert held(waiting.store) == []
    assert state(waiting.store) == EditionState.paused


def paused(store: Store) -> None:
    with store.writing() as session:
        session.scalars(select(Edition)).one().state = EditionState.paused


def test_an_edition_that_nobody_reads_any_more_is_over_at_once(waiting: Office, relay: int):
    with waiting.store.writing() as session:
        for reader in session.scalars(select(Subscriber)):
            reader.state = SubscriberState.left

    waiting.run(MORNING, relay)

    assert held(waiting.store) == []
    assert state(waiting.store) == EditionState.finished


def test_the_edition_that_comes_first_is_cut_first(waiting: Office):
    waiting.plan("two", at("2026-03-02 06:01"))
    with waiting.worker(0) as passes:
        passes.clockwork.release(at("2026-03-02 06:01"))
    with waiting.store.writing() as session:
        session.scalars(select(Edition).order_by(Edition.id.desc())).first().priority = 99  # type: ignore[union-attr]

    cut(waiting, READERS, 2)

    with waiting.store.reading() as session:
        states = session.scalars(select(Edition.state).order_by(Edition.id)).all()
    assert states == [EditionState.due, EditionState.sending]


def test_writes_of_planning_are_small_and_read_no_audience(office: Office, tmp_path: Path):
    with office.store.writing() as session:
        for number in range(30):
            a_reader(session, f"reader{number}@example.org")
    office.plan("one", at("2026-03-02 06:00"))
    note = tmp_path / "node.json"
    with office.worker(0) as passes:
        passes.clockwork.release(at("2026-03-02 06:00"))
        writes = Writes(office.store)
        passes.clockwork.open_editions(at("2026-03-02 07:00"), stopping=lambda: bool(office.editions()))
    while cut_some(office.store, note, size=1, at_once=5):
        pass

    assert max(writes.rows) == 5
    assert not [told for told in writes.statements if "subscri" in told]
    audience = [told for told in writes.looks if "FROM subscribers" in told and "subscribers.id >" in told]
    assert len(audience) == 30 / 5 + 1, "five readers in a look, and one that finds no more"
