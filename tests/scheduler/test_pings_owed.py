"""A ping is owed for each live feed that has news, once it is written, and for nothing else."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from db import feed_work, pings
from db.engine import Store
from db.tables import Ping, Post, PostTag, Series
from feeds.storage import DirectoryStorage, StorageRefused
from scheduler.pings import Herald
from scheduler.work import FEED_LEASE
from tests.feeds.hub import LocalHub, a_hub
from tests.making import a_source, taken_in
from tests.scheduler.pinging import CHANGED, DUE, HOUR, Desk, a_desk, edited


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return a_desk(store, tmp_path)


@pytest.fixture
def hub() -> Iterator[LocalHub]:
    with a_hub() as running:
        yield running


def test_the_hub_is_told_once_of_each_feed_that_a_release_changes(desk: Desk, hub: LocalHub):
    desk.release(DUE)
    desk.ping(hub)
    desk.release(DUE + HOUR)
    desk.ping(hub)

    assert sorted(hub.topics) == CHANGED


def test_nothing_is_owed_before_the_documents_are_in_their_place(desk: Desk, hub: LocalHub):
    desk.works.wake(DUE)
    before = desk.owed()
    desk.write()

    assert (before, desk.owed()) == ([], CHANGED)
    assert "chapter" in (desk.folder / "public/primer/feed.atom").read_text().lower()


def test_feeds_that_could_not_be_written_are_not_told_of(desk: Desk, monkeypatch):
    def refuse(*_: object) -> bool:
        raise StorageRefused("feed.atom", "the disk is full", now="free some space")

    monkeypatch.setattr(DirectoryStorage, "write", refuse)
    desk.release(DUE)

    assert desk.owed() == []


def cut(*_: object) -> bool:
    """What ends a worker at a certain place."""
    raise KeyboardInterrupt


def test_a_worker_killed_between_the_documents_and_the_ping_owes_it_still(desk: Desk, hub: LocalHub, monkeypatch):
    with monkeypatch.context() as power:
        power.setattr(feed_work, "done", cut)
        with pytest.raises(KeyboardInterrupt):
            desk.release(DUE)
    written = (desk.folder / "public/feeds/all.atom").read_bytes()
    desk.now += FEED_LEASE
    desk.write()
    desk.ping(hub)

    assert (desk.folder / "public/feeds/all.atom").read_bytes() == written
    assert sorted(hub.topics) == CHANGED


def test_many_changes_before_the_ping_are_one_ping(desk: Desk, hub: LocalHub):
    desk.release(DUE)
    for minute in range(1, 6):
        desk.now = DUE + timedelta(minutes=minute)
        edited(desk, body=f"Words of minute {minute}.")
        desk.write()
    desk.ping(hub)

    assert sorted(hub.topics) == CHANGED


def test_an_edit_of_what_is_out_is_told(desk: Desk, hub: LocalHub):
    desk.release(DUE)
    desk.ping(hub)
    desk.now += HOUR
    edited(desk)
    desk.write()
    desk.ping(hub)

    assert sorted(hub.topics) == sorted(CHANGED * 2)


def test_an_edit_of_what_is_not_out_is_not_told(desk: Desk):
    edited(desk)
    desk.write()

    assert desk.owed() == []


def test_history_is_not_told(desk: Desk):
    with desk.store.writing() as session:
        series = session.scalars(select(Series)).one()
        taken_in(session, series, [a_source(wall=datetime(2020, 1, day)) for day in range(1, 6)])
    desk.write()

    assert "2020-01-05" in (desk.folder / "public/primer/feed.atom").read_text()
    assert desk.owed() == []


def test_history_imported_into_a_series_that_has_releases_is_not_told(desk: Desk, hub: LocalHub):
    desk.release(DUE)
    desk.ping(hub)
    with desk.store.writing() as session:
        series = session.scalars(select(Series)).one()
        taken_in(session, series, [a_source(wall=datetime(2020, 1, 1))], now=desk.now)
    desk.write()

    assert desk.owed() == []


def test_feeds_built_anew_without_a_change_are_not_told(desk: Desk, hub: LocalHub):
    desk.release(DUE)
    desk.ping(hub)
    with desk.store.writing() as session:
        feed_work.want(session, [feed_work.ALL, "series:1"])
    desk.write()

    assert desk.owed() == []


def test_only_live_documents_are_told_of(store: Store):
    paths = ["primer/feed.atom", "primer/feed.rss", "primer/feed.json", "primer/archive/1/2.atom", "feeds.opml"]

    with store.writing() as session:
        Herald("https://example.org/blog/").want(session, paths, news=1)

    with store.reading() as session:
        owed = session.scalars(select(Ping.url).order_by(Ping.url)).all()
    assert owed == [f"https://example.org/blog/primer/feed.{kind}" for kind in ("atom", "json", "rss")]


def test_a_tag_has_the_news_of_the_posts_that_carry_it(desk: Desk):
    desk.release(DUE)
    with desk.store.writing() as session:
        post = session.scalars(select(Post).where(Post.slug == "one")).one()
        session.add(PostTag(post_id=post.id, tag="rain", name="Rain"))

    with desk.store.reading() as session:
        assert [pings.news(session, topic) for topic in ("all", "tag:rain", "tag:sun")] == [1, 1, 0]
