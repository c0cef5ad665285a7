"""The hub is told once of each change of a feed, after it is written, again and again if need be, whatever crashes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import select, update

from db import feed_work, pings
from db.engine import Store
from db.errors import CopyRefused
from db.tables import Ping, Post, PostTag, Series
from feeds.outward import Outward
from feeds.publish import Publisher
from feeds.storage import DirectoryStorage, StorageRefused
from feeds.websub import Hub, Verdict
from scheduler.passes import Clockwork, Passes
from scheduler.pings import PAUSES, PING_LEASE, Herald, Pinger, pause_after
from scheduler.work import FEED_LEASE, FeedWriter, LetterSender
from tests.feeds.hub import LocalHub, a_hub, answers, hangs
from tests.making import (
    NOON,
    a_clockwork,
    a_house,
    a_planned_post,
    a_publication,
    a_series,
    a_source,
    at,
    in_threads,
    taken_in,
)
from text.addresses import Addresses

DUE = at("2026-03-05 07:00")
ALL = "https://example.org/feeds/all.atom"
PRIMER = "https://example.org/primer/feed.atom"
HOUR = timedelta(hours=1)


@dataclass
class Desk:
    """A worker that writes feeds and tells a hub on this machine; `now` is both of its clocks."""

    store: Store
    folder: Path
    now: datetime = NOON
    owner: str = "node"
    works: Clockwork = field(init=False)

    def __post_init__(self) -> None:
        self.works = a_clockwork(self.store, self.folder / "node.json")

    @property
    def writer(self) -> FeedWriter:
        addresses = Addresses("https://example.org")
        storage = DirectoryStorage(self.folder / "public")
        publisher = Publisher(self.store, storage, a_publication(addresses=addresses), lambda: self.now)
        return FeedWriter(self.store, publisher, self.owner, lambda: self.now, Herald(addresses.site()))

    def write(self) -> None:
        while self.writer.do_one():
            pass

    def release(self, now: datetime) -> None:
        """Release what is due and write the feeds."""
        self.now = now
        self.works.wake(now)
        self.write()

    def pinger(self, hub: LocalHub, *, owner: str = "node", patience: float = 10) -> Pinger:
        return Pinger(self.store, Hub(hub.url, patience, Outward(private=True)), owner, lambda: self.now)

    def ping(self, hub: LocalHub, *, patience: float = 10) -> None:
        """Tell the hub of all it can be told of at this moment."""
        pinger = self.pinger(hub, patience=patience)
        while pinger.any_ready():
            assert pinger.do_one()

    def owed(self) -> list[str]:
        with self.store.reading() as session:
            return list(session.scalars(select(Ping.url).where(Ping.wanted > Ping.done).order_by(Ping.url)))

    def row(self, url: str = PRIMER) -> Ping:
        with self.store.reading() as session:
            return session.scalars(select(Ping).where(Ping.url == url)).one()


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    """A live house with one series whose chapter "one" is due."""
    a_house(store)
    with store.writing() as session:
        a_planned_post(session, a_series(session), DUE, slug="one")
    return Desk(store, tmp_path)


@pytest.fixture
def news(desk: Desk) -> Desk:
    """The same, and the feed of the series has news that no hub was told of."""
    with desk.store.writing() as session:
        pings.want(session, [PRIMER], news=1)
    return desk


@pytest.fixture
def hub() -> Iterator[LocalHub]:
    with a_hub() as running:
        yield running


def edited(desk: Desk, slug: str = "one", *, body: str = "Other words.") -> None:
    with desk.store.writing() as session:
        series = session.scalars(select(Series)).one()
        taken_in(session, series, [a_source(slug=slug, body=body)], now=desk.now)


def test_the_hub_is_told_once_of_each_feed_that_a_release_changes(desk: Desk, hub: LocalHub):
    desk.release(DUE)
    desk.ping(hub)
    desk.release(DUE + HOUR)
    desk.ping(hub)

    assert sorted(hub.topics) == [ALL, PRIMER]


def test_nothing_is_owed_before_the_documents_are_in_their_place(desk: Desk, hub: LocalHub):
    desk.works.wake(DUE)
    before = desk.owed()
    desk.write()

    assert (before, desk.owed()) == ([], [ALL, PRIMER])
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
    assert sorted(hub.topics) == [ALL, PRIMER]


def test_many_changes_before_the_ping_are_one_ping(desk: Desk, hub: LocalHub):
    desk.release(DUE)
    for minute in range(1, 6):
        desk.now = DUE + timedelta(minutes=minute)
        edited(desk, body=f"Words of minute {minute}.")
        desk.write()
    desk.ping(hub)

    assert sorted(hub.topics) == [ALL, PRIMER]


def test_an_edit_of_what_is_out_is_told(desk: Desk, hub: LocalHub):
    desk.release(DUE)
    desk.ping(hub)
    desk.now += HOUR
    edited(desk)
    desk.write()
    desk.ping(hub)

    assert sorted(hub.topics) == [ALL, ALL, PRIMER, PRIMER]


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


@pytest.mark.parametrize(("owed", "then"), [(True, [PRIMER]), (False, [])])
def test_less_news_than_before_changes_nothing_of_what_is_owed(desk: Desk, hub: LocalHub, owed, then):
    with desk.store.writing() as session:
        pings.want(session, [PRIMER], news=5)
    if not owed:
        desk.ping(hub)
    with desk.store.writing() as session:
        pings.want(session, [PRIMER], news=3)
    after_less = desk.owed()
    desk.ping(hub)
    with desk.store.writing() as session:
        pings.want(session, [PRIMER], news=4)

    assert (after_less, desk.owed()) == (then, [PRIMER])


def test_news_that_comes_while_the_hub_is_told_is_told_too(news: Desk):
    def meanwhile(handler) -> None:
        with news.store.writing() as session:
            pings.want(session, [PRIMER], news=2)
        answers(202)(handler)

    with a_hub(meanwhile, answers(202)) as hub:
        news.ping(hub)

    assert hub.topics == [PRIMER, PRIMER]


def test_a_hub_in_trouble_is_tried_again_later_and_later(news: Desk):
    with a_hub(answers(503)) as hub:
        for pause in PAUSES:
            news.ping(hub)
            assert news.row().retry_at == news.now + pause
            news.now += pause - timedelta(milliseconds=1)
            news.ping(hub)
            news.now += timedelta(milliseconds=1)

    assert len(hub.forms) == len(PAUSES)


def test_the_pauses_are_short_at_first_and_end_after_a_day():
    assert [str(pause) for pause in PAUSES[:6]] == ["0:00:10", "0:01:00", "0:05:00", "0:30:00", "2:00:00", "6:00:00"]
    assert timedelta(days=1) < sum(PAUSES, timedelta()) < timedelta(days=1.2)


@pytest.mark.parametrize(("verdict", "tries"), [(Verdict.later, 10), (Verdict.refused, 5)])
def test_after_so_many_failed_tries_a_ping_is_given_up(verdict, tries):
    assert [pause_after(tried, verdict) is None for tried in range(tries)] == [False] * (tries - 1) + [True]


def test_a_ping_that_was_given_up_is_seen_and_begins_anew_with_the_next_news(news: Desk):
    with a_hub(*[answers(500)] * 10, answers(202)) as hub:
        for pause in [*PAUSES, HOUR]:
            news.ping(hub)
            news.now += pause
        news.ping(hub)
        given_up = (news.owed(), news.row().problem, news.row().retry_at, len(hub.forms))
        with news.store.writing() as session:
            pings.want(session, [PRIMER], news=2)
        news.ping(hub)

    assert given_up == ([], f"feeds.hub {hub.url}: answers 500", None, 10)
    assert (news.owed(), news.row().problem, len(hub.forms)) == ([], None, 11)


def test_more_news_is_tried_at_once_though_a_pause_runs(news: Desk):
    with a_hub(answers(500), answers(500), answers(202)) as hub:
        news.ping(hub)
        with news.store.writing() as session:
            pings.want(session, [PRIMER], news=2)
        news.ping(hub)

    assert len(hub.forms) == 2
    assert news.row().attempts == 1


def test_a_hub_that_asks_for_a_pause_is_left_alone_with_all_addresses(news: Desk):
    with a_hub(answers(429, Retry_After="7200"), answers(202)) as hub:
        news.ping(hub)
        with news.store.writing() as session:
            pings.want(session, [PRIMER, ALL], news=2)
        news.now += timedelta(seconds=7199)
        news.ping(hub)
        early = len(hub.forms)
        news.now += timedelta(seconds=1)
        news.ping(hub)

    assert early == 1
    assert sorted(hub.topics[1:]) == [ALL, PRIMER]


def test_a_hub_in_trouble_is_not_asked_once_more_for_each_address_that_waits(news: Desk):
    with news.store.writing() as session:
        pings.want(session, [f"https://example.org/{number}/feed.atom" for number in range(30)], news=1)

    with a_hub(hangs) as hub:
        news.ping(hub, patience=0.2)

    assert len(hub.forms) == 1
    assert len(news.owed()) == 31


def test_an_address_that_the_hub_refuses_does_not_keep_it_from_the_others(news: Desk):
    with news.store.writing() as session:
        pings.want(session, [ALL], news=1)

    with a_hub(answers(404), answers(202)) as hub:
        news.ping(hub)

    assert (hub.topics, news.owed()) == ([ALL, PRIMER], [ALL])


def test_workers_at_once_tell_of_each_address_once(news: Desk, hub: LocalHub):
    urls = [f"https://example.org/{number}/feed.atom" for number in range(12)]
    with news.store.writing() as session:
        pings.want(session, urls, news=1)
    owners = iter("abcd")

    def work() -> None:
        pinger = news.pinger(hub, owner=next(owners))
        while pinger.do_one():
            pass

    in_threads(4, work)

    assert sorted(hub.topics) == sorted([PRIMER, *urls])


def test_a_lease_of_a_dead_worker_is_taken_over_by_its_successor_at_once(news: Desk, hub: LocalHub):
    leased(news, owner="node")

    news.ping(hub)

    assert hub.topics == [PRIMER]


def test_a_lease_of_another_worker_is_taken_over_when_it_has_run_out(news: Desk, hub: LocalHub):
    leased(news, owner="elsewhere")
    news.ping(hub)
    early = list(hub.topics)
    news.now += PING_LEASE + timedelta(seconds=1)
    news.ping(hub)

    assert (early, hub.topics) == ([], [PRIMER])


def leased(desk: Desk, *, owner: str) -> pings.Claim:
    """What a worker leaves that is killed while it talks to the hub."""
    with desk.store.writing() as session:
        until = desk.now + PING_LEASE
        return pings.claim(session, hub="https://hub.example/", owner=owner, now=desk.now, lease_until=until)[0]


def test_a_worker_that_lost_its_lease_notes_nothing(news: Desk, hub: LocalHub):
    slow = leased(news, owner="elsewhere")
    news.now += PING_LEASE + timedelta(seconds=1)
    leased(news, owner="node")

    with news.store.writing() as session:
        noted = pings.done(session, slow)
        pings.failed(session, slow, problem="too late", retry_at=news.now + HOUR)

    assert noted is False
    assert (news.owed(), news.row().problem, news.row().retry_at) == ([PRIMER], None, None)


def test_a_copied_store_tells_the_hub_nothing(news: Desk, hub: LocalHub, cloned: Callable[[Store], Store]):
    news.works.wake(NOON)
    copy = Desk(cloned(news.store), news.folder)
    passes = Passes(copy.works, copy.writer, no_letters(), pings=copy.pinger(hub))

    with pytest.raises(CopyRefused):
        passes.ping_hubs()

    assert (hub.forms, copy.owed()) == ([], [PRIMER])


def no_letters() -> LetterSender:
    """For passes that send none."""
    return cast(LetterSender, None)


def test_what_could_not_be_told_is_listed_with_what_was_given_up_first(desk: Desk):
    with desk.store.writing() as session:
        pings.want(session, [ALL, PRIMER], news=1)
        session.execute(update(Ping).where(Ping.url == ALL).values(problem="answers 500", retry_at=NOON))
        session.execute(update(Ping).where(Ping.url == PRIMER).values(problem="answers 404", done=1))

    with desk.store.reading() as session:
        assert [trouble.url for trouble in pings.troubles(session)] == [PRIMER, ALL]
        assert pings.waiting(session) == 1
