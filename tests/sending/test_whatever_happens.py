"""Whatever the relay answers, the readers and the operators do, each owed post is in exactly one letter, in order."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from db import subscribers
from db.engine import Store, open_store
from db.tables import Delivery, Post, Release, Series, Subscriber, Subscription, Variant
from fascicle.sink import sink
from scheduler import steer
from tests.conftest import new_database, url_of
from tests.mail.faulty import DROP, FaultyRelay
from tests.making import NOON, a_house, a_reader, a_series, at
from tests.sending.office import Office, running

READERS = ("alice@example.org", "bob@example.org", "carol@example.org")
HOURS = (7, 9)
ANSWERS = ("250 2.0.0 fine", "250 2.1.5 fine", "450 4.2.1 later", "550 5.7.1 no", DROP)
STEPS = (steer.pause, steer.pause, steer.resume, steer.cancel, steer.retry)

answers = st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=6)
days = st.fixed_dictionaries(
    {
        "posts": st.integers(0, 2),
        "moves": st.none() | st.tuples(st.sampled_from(READERS), st.sampled_from(HOURS)),
        "leaves": st.none() | st.none() | st.sampled_from(READERS),
        "steers": st.lists(st.sampled_from(STEPS), max_size=2),
        "RCPT": answers,
        "dot": answers,
    }
)
stories = st.lists(days, min_size=1, max_size=4)
unhurried = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=25, **unhurried)
@given(story=stories)
def test_each_owed_post_is_in_exactly_one_letter_on_sqlite(story: list[dict], sqlite_template: Path):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(sqlite_template, Path(folder) / "store.db")
        with a_told(story, f"sqlite:///{folder}/store.db", Path(folder)) as store:
            check(store)


@settings(max_examples=5, **unhurried)
@given(story=stories)
def test_each_owed_post_is_in_exactly_one_letter_on_postgresql(
    story: list[dict], postgresql_server: str, postgresql_template: str
):
    url = url_of(postgresql_server, new_database(postgresql_server, postgresql_template))
    with tempfile.TemporaryDirectory() as folder, a_told(story, url, Path(folder)) as store:
        check(store)


@contextmanager
def a_told(story: list[dict], url: str, folder: Path) -> Iterator[Store]:
    """The store after a story and two quiet days with a relay that works."""
    store = open_store(url)
    try:
        a_house(store)
        with store.writing() as session:
            a_series(session)
            for address in READERS:
                a_reader(session, address)
        office = Office(store, folder, NOON, NOON)
        for number, day in enumerate(story):
            live_through(office, number, day)
        quiet(office, folder, len(story))
        yield store
    finally:
        store.close()


def live_through(office: Office, number: int, day: dict) -> None:
    morning = at("2026-03-02 00:00") + timedelta(days=number)
    for part in range(day["posts"]):
        office.plan(f"{number}-{part}", morning + timedelta(hours=6, minutes=part))
    with running(FaultyRelay({"RCPT": day["RCPT"], "dot": day["dot"]})) as port:
        office.run(morning + timedelta(hours=7), port)
        change(office, day)
        office.run(morning + timedelta(hours=9), port)


def change(office: Office, day: dict) -> None:
    with office.store.writing() as session:
        if day["moves"]:
            address, hour = day["moves"]
            a_reader(session, address, hour=hour, now=office.calendar)
        if day["leaves"]:
            subscribers.leave(session, subscribers.by_address(session, day["leaves"]).id, now=office.calendar)
    for step in day["steers"]:
        steered(office, step)


def steered(office: Office, step: Callable[[Store, str, steer.By], object]) -> None:
    """Every edition that can take the step takes it."""
    for key in office.editions():
        with suppress(steer.SteeringRefused):
            step(office.store, key, steer.By("olga", office.calendar))


def quiet(office: Office, folder: Path, number: int) -> None:
    with sink(folder / "outbox") as port:
        for later in range(2):
            for hour in HOURS:
                office.run(at("2026-03-02 00:00") + timedelta(days=number + later, hours=hour), port)


def check(store: Store) -> None:
    with store.reading() as session:
        released = list(session.execute(select(Post.id).join(Release).order_by(Release.seq)).scalars())
        followers = select(Subscriber.id).join(Subscription).join(Series)
        active = followers.where(Subscriber.state == "active", Subscription.state == "active")
        for reader in session.scalars(active):
            assert letters_of(session, reader) == released


def letters_of(session, reader: int) -> list[int]:
    """The posts in letters that were sent or may have been, in the order of their making."""
    statement = select(Variant.posts).join(Delivery, Delivery.variant_id == Variant.id).order_by(Delivery.id)
    landed = (Delivery.state == "sent") | Delivery.ever_in_doubt
    return [
        post
        for posts in session.scalars(statement.where(Delivery.subscriber_id == reader, landed))
        for post, _ in posts
    ]


def test_the_story_is_worth_telling(sqlite_template: Path, tmp_path: Path):
    shutil.copy(sqlite_template, tmp_path / "store.db")
    day = {
        "posts": 2,
        "moves": None,
        "leaves": None,
        "steers": [steer.pause],
        "RCPT": ["250 2.1.5 fine"],
        "dot": [DROP, "450 4.2.1 later"],
    }

    with a_told([day], f"sqlite:///{tmp_path}/store.db", tmp_path) as store, store.reading() as session:
        counts = [len(letters_of(session, reader)) for reader in session.scalars(select(Subscriber.id))]

    assert counts == [2, 2, 2]
