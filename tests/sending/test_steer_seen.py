"""What operators see: how far an edition is, what a reader is owed, what comes next."""

from datetime import timedelta

import pytest

from db import editions, ledger, subscribers
from db.batches import Tally
from db.ledger import Wanted
from db.states import EditionState
from scheduler import steer
from scheduler.next_letter import NextLetter, next_letter, owes
from scheduler.progress import Progress, progress_of
from tests.mail.faulty import FaultyRelay
from tests.making import a_reader, a_series, at
from tests.sending.office import Office, running
from tests.sending.steering import KEY, ME, MORNING, READERS, at_the_first_dot, with_readers


def a_progress(**values: object) -> Progress:
    fields: dict[str, object] = {
        "state": EditionState.sending,
        "letters": {"sent": 600, "pending": 100},
        "tally": Tally(3, 1, 1900.0),
        "taken": 600,
        "first": MORNING,
        "last": MORNING,
        "problems": (),
    }
    return Progress(**{**fields, **values})  # type: ignore[arg-type]


def test_the_time_left_counts_letters_that_wait_and_readers_not_looked_at():
    progress = a_progress()

    assert progress.per_second == 10
    assert progress.time_left == timedelta(seconds=200)


@pytest.mark.parametrize("values", [{"taken": 0}, {"state": EditionState.paused}, {"state": EditionState.finished}])
def test_no_time_left_is_told_when_nothing_goes_out(values: dict[str, object]):
    assert a_progress(**values).time_left is None


def progress(office: Office) -> Progress:
    with office.store.reading() as session:
        return progress_of(session, editions.by_key(session, KEY), now=office.machine)


def test_progress_in_mid_sending_is_told(office: Office):
    with_readers(office)
    relay = at_the_first_dot(lambda: steer.pause(office.store, KEY, ME))

    with running(relay) as port:
        office.run(MORNING, port)

    seen = progress(office)
    assert (seen.state, seen.over) == ("paused", False)
    assert seen.letters["sent"] == seen.taken == len(relay.messages)
    assert seen.ahead == 1 + len(READERS) - len(relay.messages)
    assert seen.first == MORNING


def test_an_edition_names_the_posts_in_its_letters(office: Office, relay: int):
    with_readers(office).run(MORNING, relay)

    with office.store.reading() as session:
        contained = editions.contained(session, editions.by_key(session, KEY).id)

    assert contained == [("primer", 1, ["one"])]
    assert progress(office).over


def test_the_trouble_of_the_relay_is_told_with_the_edition(office: Office, nobody_listens: int):
    with_readers(office).run(MORNING, nobody_listens)

    [(problem, retry_at)] = progress(office).problems

    assert f"127.0.0.1:{nobody_listens}" in problem
    assert retry_at is not None


def test_letters_come_in_pages(office: Office, relay: int):
    with_readers(office).run(MORNING, relay)

    with office.store.reading() as session:
        first = ledger.page(session, Wanted(), after=0, limit=4)
        second = ledger.page(session, Wanted(), after=first[-1].delivery.id, limit=100)

    ids = [entry.delivery.id for entry in (*first, *second)]
    assert (len(first), len(second)) == (4, len(READERS) - 3)
    assert ids == sorted(set(ids))


def next_of(office: Office, address: str = "alice@example.org") -> NextLetter | None:
    with office.store.reading() as session:
        reader = subscribers.by_address(session, address)
        held = subscribers.subscriptions_of(session, [reader.id])[reader.id]
        return next_letter(session, reader, [one for one, _ in held], now=office.calendar)


def test_what_a_reader_is_owed_is_told_post_by_post(office: Office, relay: int):
    office.plan("one", at("2026-03-02 06:00"))
    office.plan("two", at("2026-03-02 06:30"))
    office.run(at("2026-03-02 06:30"), relay)

    with office.store.reading() as session:
        reader = subscribers.by_address(session, "alice@example.org")
        [(held, _)] = subscribers.subscriptions_of(session, [reader.id])[reader.id]
        owed = owes(session, held)

    assert owed == ["one", "two"]


def test_the_next_letter_of_a_reader_is_the_first_digest_with_something_in_it(office: Office, relay: int):
    office.plan("one", at("2026-03-02 06:00"))
    office.plan("two", at("2026-03-04 06:00"))

    before = next_of(office)
    office.run(MORNING, relay)

    assert before == NextLetter(MORNING, "digest", (), ("one",))
    assert next_of(office) == NextLetter(at("2026-03-04 07:00"), "digest", (), ("two",))


def test_a_post_refused_for_good_comes_with_the_next_digest(office: Office):
    office.plan("one", at("2026-03-02 06:00"))
    with running(FaultyRelay({"dot": "550 5.7.1 no"})) as port:
        office.run(MORNING, port)

    assert next_of(office) == NextLetter(MORNING + timedelta(days=1), "digest", ("one",), ())


def test_a_weekly_reader_waits_for_their_day_and_an_instant_one_for_the_next_post(office: Office):
    with office.store.writing() as session:
        a_series(session, "news")
        a_reader(session, "bob@example.org", frequency="weekly:wednesday", series=("primer",))
        a_reader(session, "carol@example.org", frequency="instant", series=("news",))
    office.plan("one", at("2026-03-02 06:00"))
    office.plan("flash", at("2026-03-05 15:00"), series="news")

    assert next_of(office, "bob@example.org") == NextLetter(at("2026-03-04 07:00"), "digest", (), ("one",))
    assert next_of(office, "carol@example.org") == NextLetter(at("2026-03-05 15:00"), "instant", (), ("flash",))


def test_nothing_comes_next_for_one_who_left_or_when_nothing_is_planned(office: Office):
    nothing_planned = next_of(office)
    office.plan("one", at("2026-03-02 06:00"))
    with office.store.writing() as session:
        subscribers.leave(session, office.reader().id, now=office.calendar)

    assert nothing_planned is None
    assert next_of(office) is None


def test_a_held_series_is_in_no_letter_to_come(office: Office):
    with office.store.writing() as session:
        a_series(session, "held", held_at=at("2026-03-01 12:00"), held_reason="a test")
        a_reader(session)
    office.plan("never", at("2026-03-02 06:00"), series="held")

    assert next_of(office) is None
