"""What handing work out must do in every way there is: nothing lost, nothing twice, the urgent first."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from db import batches, feed_work, installation
from db.states import EditionState, SubscriberState
from db.tables import Subscriber
from scheduler import copies, cutting, release, steer
from scheduler.heartbeat import LEASE
from scheduler.passes import Passes
from scheduler.steer import By
from tests.dispatch.floor import Floor
from tests.mail.faulty import FaultyRelay
from tests.making import a_reader, a_series, at, in_threads, released_slugs
from tests.sending.office import WatchedRelay, letters_in, running

SIX = at("2026-03-02 06:00")
SEVEN = at("2026-03-02 07:00")
DIGEST = "digest:UTC:07:2026-03-02"
ME = By("olga", SEVEN, "a wrong picture")
NAMES = [f"reader{number}@example.org" for number in range(19)]
EVERYBODY = sorted(["alice@example.org", *NAMES])


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cutting.cut_some.__kwdefaults__, "size", 5)


@pytest.fixture
def morning(floor: Floor) -> Floor:
    """A post comes out at 06:00, and Alice's digest is due at 07:00."""
    floor.office.plan("one", SIX)
    return floor


def with_readers(floor: Floor) -> None:
    """Nineteen beside Alice."""
    with floor.office.store.writing() as session:
        for address in NAMES:
            a_reader(session, address)


def to(folder: Path) -> list[str]:
    """Who got a letter, letter by letter."""
    return sorted(str(letter["To"]).partition("<")[2].rstrip(">") for letter in letters_in(folder))


def state_of(floor: Floor, key: str = DIGEST) -> EditionState:
    with floor.office.store.reading() as session:
        return EditionState(steer.editions.by_key(session, key).state)


def behind(floor: Floor) -> list[str]:
    with floor.office.store.reading() as session:
        return [topic for topic, _ in feed_work.behind(session)]


def written(floor: Floor) -> list[str]:
    public = floor.office.folder / "public"
    return sorted(str(path.relative_to(public)) for path in public.rglob("*.atom"))


def test_a_release_is_written_into_feeds_and_sent_to_each_reader_once(
    morning: Floor, relay: int, outbox: Path, small_batches: None
):
    with_readers(morning)

    morning.clock(SIX)
    morning.work(relay)
    morning.clock(SEVEN)
    morning.work(relay)

    assert written(morning) == ["feeds/all.atom", "primer/feed.atom"]
    assert to(outbox) == EVERYBODY
    assert (behind(morning), state_of(morning)) == ([], EditionState.finished)
    assert morning.jobs() == []


def test_working_again_does_nothing_more(morning: Floor, relay: int, outbox: Path):
    morning.clock(SEVEN)
    for owner in ("node", "another", "node"):
        morning.settle(relay, owner=owner)

    assert to(outbox) == ["alice@example.org"]


def test_a_letter_that_was_refused_for_now_is_tried_again_after_its_pause(morning: Floor):
    morning.clock(SEVEN)
    tried: list[list[str]] = []

    with running(FaultyRelay({"RCPT": ["451 4.7.1 greylisted", "250 2.1.5 fine"]})) as port:
        for pause in (0, 9, 1):
            morning.wait(timedelta(minutes=pause))
            morning.work(port)
            tried.append(morning.office.states())

    assert tried == [["soft"], ["soft"], ["sent"]]
    assert state_of(morning) is EditionState.finished


def test_letters_wait_for_a_relay_that_is_down_and_go_when_it_is_back(
    morning: Floor, relay: int, nobody_listens: int, outbox: Path
):
    morning.clock(SEVEN)

    morning.work(nobody_listens)
    morning.wait(timedelta(seconds=14))
    morning.work(relay)
    early = to(outbox)
    morning.wait(timedelta(seconds=1))
    morning.work(relay)

    assert (early, to(outbox)) == ([], ["alice@example.org"])


def test_a_worker_that_dies_is_replaced_when_its_lease_is_over(morning: Floor, relay: int, outbox: Path):
    morning.clock(SIX)
    morning.work(relay)
    morning.clock(SEVEN)

    morning.begin_and_die(takes_a_batch, relay)
    morning.settle(relay)
    during = to(outbox)
    morning.wait(LEASE + timedelta(seconds=1))
    morning.settle(relay)

    assert (during, to(outbox)) == ([], ["alice@example.org"])
    assert morning.jobs() == []


def test_an_edition_whose_worker_dies_after_the_last_letter_is_finished_by_another(morning: Floor, relay: int):
    morning.clock(SEVEN)

    morning.begin_and_die(sends_all, relay)
    morning.lose_all_jobs()
    morning.wait(LEASE)
    morning.settle(relay)

    assert morning.office.states() == ["sent"]
    assert state_of(morning) is EditionState.finished


def sends_all(passes: Passes) -> None:
    while passes.letters.do_one():
        pass


def takes_a_batch(passes: Passes) -> None:
    now = passes.letters.machine()
    with passes.letters.store.writing() as session:
        assert batches.claim(session, owner="dead", now=now, until=now + LEASE)


def test_a_feed_whose_writer_died_is_written_by_another(morning: Floor, relay: int):
    morning.clock(SIX)

    morning.begin_and_die(takes_a_feed, relay)
    morning.settle(relay)
    during = behind(morning)
    morning.wait(LEASE)
    morning.settle(relay)

    assert (during, behind(morning)) == (["all"], [])


def takes_a_feed(passes: Passes) -> None:
    now = passes.feeds.machine()
    with passes.feeds.store.writing() as session:
        assert feed_work.claim(session, owner="dead", now=now, lease_until=now + LEASE)


def test_nothing_of_a_paused_edition_is_sent_until_it_is_resumed(morning: Floor, relay: int, outbox: Path):
    morning.clock(SEVEN)
    steer.pause(morning.office.store, DIGEST, ME)
    morning.settle(relay)
    paused = to(outbox)

    steer.resume(morning.office.store, DIGEST, ME)
    morning.clock(SEVEN)
    morning.work(relay)

    assert (paused, to(outbox)) == ([], ["alice@example.org"])
    assert state_of(morning) is EditionState.finished


def test_nothing_of_a_cancelled_edition_is_sent_ever(morning: Floor, relay: int, outbox: Path):
    morning.clock(SEVEN)

    steer.cancel(morning.office.store, DIGEST, ME)
    morning.wait(timedelta(hours=1))
    morning.settle(relay)

    assert (to(outbox), morning.jobs()) == ([], [])


def test_an_operator_who_tries_again_need_not_wait_for_the_pause(morning: Floor):
    morning.clock(SEVEN)

    with running(FaultyRelay({"RCPT": ["451 4.7.1 greylisted", "250 2.1.5 fine"]})) as port:
        morning.settle(port)
        steer.retry(morning.office.store, DIGEST, ME)
        morning.work(port)

    assert morning.office.states() == ["sent"]


def test_nothing_is_done_on_a_copy_of_a_store_until_it_is_adopted(morning: Floor, relay: int, outbox: Path):
    morning.clock(SEVEN)
    morning.work(relay)
    morning.office.plan("two", at("2026-03-03 06:00"))
    morning.clock(at("2026-03-03 07:00"))
    with morning.office.store.writing() as session:
        installation.adopt(session, database="another", epoch=1)

    morning.settle(relay)
    before = to(outbox)
    adopted(morning)
    morning.settle(relay)

    assert before == ["alice@example.org"]
    assert to(outbox) == ["alice@example.org"] * 2


def adopted(floor: Floor) -> None:
    copies.adopt(floor.office.store, floor.office.folder / "node.json")


def test_what_is_urgent_goes_first_feeds_before_letters(morning: Floor):
    with morning.office.store.writing() as session:
        a_series(session, "weather")
        a_reader(session, "bob@example.org", frequency="instant", series=("primer",))
        a_reader(session, "carol@example.org", frequency="instant", series=("weather",))
    morning.office.plan("storm", at("2026-03-02 07:30"), series="weather")
    for moment in (SIX, SEVEN, at("2026-03-02 07:30")):
        morning.clock(moment)
    seen: list[list[str]] = []
    relay = WatchedRelay({}, lambda: seen.append(behind(morning)))

    with running(relay) as port:
        morning.work(port)

    asked = [command for command in relay.commands if command.startswith("RCPT")]
    assert sorted(asked[:2]) == ["RCPT TO:<bob@example.org>", "RCPT TO:<carol@example.org>"]
    assert asked[2:] == ["RCPT TO:<alice@example.org>"]
    assert seen == [[], [], []]


def test_an_edition_whose_readers_are_all_gone_comes_to_its_end(morning: Floor, relay: int, outbox: Path):
    with morning.office.store.writing() as session:
        a_reader(session, "bob@example.org", frequency="instant")
    morning.office.machine = morning.office.calendar = SIX
    release.release_due(morning.office.store, now=SIX, rules=release.Rules())
    with morning.office.store.writing() as session:
        for reader in session.scalars(select(Subscriber)):
            reader.state = SubscriberState.left

    morning.clock(SIX)
    morning.work(relay)

    assert state_of(morning, "instant:1:1") is EditionState.finished
    assert (to(outbox), morning.jobs()) == ([], [])


def test_all_that_was_handed_out_may_be_lost(morning: Floor, relay: int, outbox: Path, small_batches: None):
    with_readers(morning)
    morning.clock(SEVEN)

    morning.lose_all_jobs()
    morning.settle(relay)

    assert to(outbox) == EVERYBODY
    assert (behind(morning), state_of(morning)) == ([], EditionState.finished)


def test_a_letter_that_waits_for_its_next_try_may_lose_its_job_too(morning: Floor):
    morning.clock(SEVEN)

    with running(FaultyRelay({"RCPT": ["451 4.7.1 greylisted", "250 2.1.5 fine"]})) as port:
        morning.settle(port)
        morning.lose_all_jobs()
        morning.wait(timedelta(minutes=10))
        morning.settle(port)

    assert morning.office.states() == ["sent"]


def test_a_release_that_is_rolled_back_sets_nothing_going(morning: Floor, monkeypatch: pytest.MonkeyPatch):
    morning.work(1)
    whole = release._follow_up

    def fails_at_last(*arguments: object, **named: object) -> None:
        whole(*arguments, **named)
        raise RuntimeError("the power went")

    monkeypatch.setattr(release, "_follow_up", fails_at_last)
    with pytest.raises(RuntimeError):
        morning.clock(SIX)

    assert (released_slugs(morning.office.store), behind(morning), morning.jobs()) == ([], [], [])


def test_two_workers_share_an_edition_and_nobody_gets_it_twice(
    morning: Floor, relay: int, outbox: Path, small_batches: None
):
    with_readers(morning)
    morning.clock(SEVEN)
    owners: Iterator[str] = iter(("one", "two"))

    in_threads(2, lambda: morning.work(relay, owner=next(owners)))
    morning.settle(relay)

    assert to(outbox) == EVERYBODY
    assert state_of(morning) is EditionState.finished
