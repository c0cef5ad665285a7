"""Jobs are deferred in the transaction that made something ready, once a thing and moment, the urgent first."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from db import feed_work
from db.engine import Store
from db.ready import Ready
from db.tasks import Task, TaskKind
from scheduler.dispatch import Procrastinate, jobs
from scheduler.dispatch.procrastinate import KEPT, PATIENCE
from tests.making import NOON

MINUTE = timedelta(minutes=1)
ONE = Ready(Task(TaskKind.batch, "1"), 0, None)


@pytest.fixture
def dispatcher(jobs_store: Store) -> Iterator[Procrastinate]:
    made = Procrastinate(jobs_store, lambda: NOON)
    jobs_store.offer = made.offer
    yield made
    jobs_store.offer = None


def kept(store: Store, columns: str = "task_name || ' ' || (args ->> 'key')") -> list[object]:
    with store.reading() as session:
        return list(session.scalars(text(f"SELECT {columns} FROM procrastinate_jobs ORDER BY priority DESC, id")))


def deferred(session: Session, *found: Ready) -> None:
    jobs.defer(session, found, now=NOON)


def test_a_job_comes_with_the_commit(jobs_store: Store, dispatcher: Procrastinate):
    with jobs_store.writing() as session:
        feed_work.want(session, ["series:1", "all"])

    assert kept(jobs_store) == ["feed all", "feed series:1"]


def test_a_transaction_that_is_rolled_back_leaves_no_job(jobs_store: Store, dispatcher: Procrastinate):
    with pytest.raises(ZeroDivisionError):
        fails_at_last(jobs_store)

    assert kept(jobs_store) == []


def fails_at_last(store: Store) -> None:
    with store.writing() as session:
        feed_work.want(session, ["series:1"])
        deferred(session, ONE)
        raise ZeroDivisionError


def test_a_thing_that_waits_is_not_deferred_again(jobs_store: Store, dispatcher: Procrastinate):
    for _ in range(3):
        with jobs_store.writing() as session:
            feed_work.want(session, ["series:1"])

    assert kept(jobs_store) == ["feed series:1"]


def test_two_transactions_that_defer_the_same_thing_at_once_leave_one_job(jobs_store: Store):
    with jobs_store.writing() as first, jobs_store.writing() as second:
        deferred(first, ONE)
        first.commit()
        deferred(second, ONE)

    assert kept(jobs_store) == ["batch 1"]


def test_a_job_that_a_transaction_counts_on_is_not_begun_before_it_ends(jobs_store: Store):
    with jobs_store.writing() as session:
        deferred(session, ONE)
    with jobs_store.writing() as session:
        deferred(session, ONE)

        during = begun(jobs_store)

    assert (during, begun(jobs_store)) == (None, "batch")


def begun(store: Store) -> str | None:
    """The kind of the next job, begun by a worker that just came."""
    with store.writing() as session:
        fetch = "SELECT (procrastinate_fetch_job_v2(ARRAY['fascicle'], worker_id)).task_name"
        return session.scalar(text(f"{fetch} FROM procrastinate_register_worker_v1()"))


def test_a_thing_that_waits_for_later_can_be_deferred_for_now_too(jobs_store: Store):
    with jobs_store.writing() as session:
        deferred(session, ONE._replace(at=NOON + 8 * MINUTE))
        deferred(session, ONE)
        deferred(session, ONE._replace(at=NOON + 8 * MINUTE))

    waits = "round(extract(epoch FROM coalesce(scheduled_at, now()) - now()) / 60)"
    assert kept(jobs_store, waits) == [8, 0]


def test_feeds_go_before_letters_and_an_edition_is_cut_before_its_letters(jobs_store: Store):
    with jobs_store.writing() as session:
        deferred(session, ONE, Ready(Task(TaskKind.edition, "1"), 0, None), Ready(Task(TaskKind.batch, "2"), 10, None))
        deferred(session, Ready(Task(TaskKind.feed, "all"), 0, None))

    assert kept(jobs_store) == ["feed all", "batch 2", "edition 1", "batch 1"]


def test_a_job_has_no_lock(jobs_store: Store):
    with jobs_store.writing() as session:
        deferred(session, ONE)

    assert kept(jobs_store, "lock") == [None]


def passes(store: Store, time: timedelta) -> None:
    """Time goes by in the database."""
    with store.writing() as session:
        for column in ("procrastinate_events SET at = at", "procrastinate_workers SET last_heartbeat = last_heartbeat"):
            session.execute(text(f"UPDATE {column} - make_interval(secs => {time.total_seconds()})"))


def test_the_job_of_a_worker_that_gives_no_sign_of_life_is_dropped(jobs_store: Store, dispatcher: Procrastinate):
    with jobs_store.writing() as session:
        deferred(session, ONE)
    begun(jobs_store)

    dispatcher.keep_up()
    early = kept(jobs_store)
    passes(jobs_store, PATIENCE + timedelta(seconds=1))
    dispatcher.keep_up()

    assert (early, kept(jobs_store)) == (["batch 1"], [])


def test_a_feed_whose_job_is_with_a_dead_worker_is_offered_again(jobs_store: Store, dispatcher: Procrastinate):
    with jobs_store.writing() as session:
        feed_work.want(session, ["all"])
    begun(jobs_store)

    early = dispatcher.keep_up()
    passes(jobs_store, PATIENCE + timedelta(seconds=1))

    assert (early, dispatcher.keep_up()) == (0, 1)
    assert kept(jobs_store, "status::text") == ["todo"]


def test_a_job_that_failed_is_kept_for_a_while(jobs_store: Store, dispatcher: Procrastinate):
    with jobs_store.writing() as session:
        deferred(session, ONE)
    begun(jobs_store)
    with jobs_store.writing() as session:
        session.execute(text("SELECT procrastinate_finish_job_v1(id, 'failed', false) FROM procrastinate_jobs"))

    dispatcher.keep_up()
    early = kept(jobs_store)
    passes(jobs_store, KEPT)
    dispatcher.keep_up()

    assert (early, kept(jobs_store)) == (["batch 1"], [])
