"""The hub is told of what is owed, again and again if need be, whatever crashes and however it behaves."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import update

from db import pings
from db.engine import Store
from db.errors import CopyRefused
from db.tables import Ping
from feeds.websub import Verdict
from scheduler.passes import Passes
from scheduler.pings import PAUSES, PING_LEASE, pause_after
from scheduler.sending import LetterSender
from tests.feeds.hub import LocalHub, a_hub, answers, hangs
from tests.making import NOON, in_threads
from tests.scheduler.pinging import ALL, HOUR, PRIMER, Desk, a_desk


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return a_desk(store, tmp_path)


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
