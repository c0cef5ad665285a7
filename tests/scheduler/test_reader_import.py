"""Long lists of readers: a little at a time, each line once, whatever comes in between."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from db import subscribers
from db.engine import Store
from db.tables import DigestHour, Import, Series, Subscriber, Subscription, Suppression
from scheduler import reader_import
from scheduler.reader_import import ImportUnderWay, Pace, ReaderImport, ReaderList, open_list, stands_at
from scheduler.readers import ReaderDefaults
from tests.making import NOON, TOKENS, a_house, a_planned_post, a_reader, a_series, at
from tests.sending.writes import Writes

HEADER = "email,name,zone,hour,frequency,series,language"


@pytest.fixture(autouse=True)
def _small_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten readers of one series in a write."""
    monkeypatch.setattr(reader_import, "FEWEST", 20)
    monkeypatch.setattr(reader_import, "MOST", 20)


@pytest.fixture
def primer(store: Store) -> Series:
    a_house(store)
    with store.writing() as session:
        return a_series(session)


def a_list(store: Store, folder: Path, *lines: str, header: str = HEADER, skip: bool = False) -> ReaderList:
    path = folder / "readers.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return open_list(store, path, defaults=ReaderDefaults("UTC", "en"), skip_refused=skip)


def many(count: int) -> list[str]:
    return [f"reader{number}@example.org,,,,,primer," for number in range(count)]


def taken_in(store: Store, readers: ReaderList, *, now: datetime = NOON) -> Counter[str]:
    job = ReaderImport(store, readers, TOKENS.fingerprint, now=now)
    for _ in job.take_in(readers.rows()):
        pass
    return job.counts


def broken_off(store: Store, readers: ReaderList, *, after: int) -> int:
    """Take in so many writes of a list, then no more; gives the line it stands at."""
    job = ReaderImport(store, readers, TOKENS.fingerprint, now=NOON)
    steps = job.take_in(readers.rows())
    return [next(steps) for _ in range(after)][-1]


def addresses(store: Store) -> list[str]:
    with store.reading() as session:
        return list(session.scalars(select(Subscriber.address).order_by(Subscriber.id)))


def followed(store: Store) -> list[tuple[str, str, str, int]]:
    """Address, frequency, state and watermark of every subscription."""
    with store.reading() as session:
        found = select(Subscriber.address, Subscription.frequency, Subscription.state, Subscription.watermark)
        joined = found.join(Subscription, Subscription.subscriber_id == Subscriber.id)
        return [tuple(row) for row in session.execute(joined.order_by(Subscription.id))]


def test_a_list_is_taken_in_over_many_writes(store: Store, primer: Series, tmp_path: Path):
    counts = taken_in(store, a_list(store, tmp_path, *many(35)))

    assert counts == {"new": 35}
    assert addresses(store) == [f"reader{number}@example.org" for number in range(35)]
    assert len(followed(store)) == 35


def test_what_was_broken_off_goes_on_where_it_stood(store: Store, primer: Series, tmp_path: Path):
    readers = a_list(store, tmp_path, *many(35))
    line = broken_off(store, readers, after=2)

    assert (line, stands_at(store, readers), len(addresses(store))) == (21, 21, 20)
    assert taken_in(store, readers) == {"new": 35}
    assert len(addresses(store)) == len(set(addresses(store))) == len(followed(store)) == 35


def test_another_file_or_other_settings_are_another_import(store: Store, primer: Series, tmp_path: Path):
    broken_off(store, a_list(store, tmp_path, *many(35)), after=2)

    longer = a_list(store, tmp_path, *many(36))
    skipping = a_list(store, tmp_path, *many(35), skip=True)

    assert (stands_at(store, longer), stands_at(store, skipping)) == (0, 0)


def test_two_runs_of_one_import_do_not_mix(store: Store, primer: Series, tmp_path: Path):
    readers = a_list(store, tmp_path, *many(35))
    late = ReaderImport(store, readers, TOKENS.fingerprint, now=NOON)
    broken_off(store, readers, after=1)

    with pytest.raises(ImportUnderWay, match="wait for it, or stop it and import again"):
        list(late.take_in(readers.rows()))

    assert len(addresses(store)) == 10


def test_a_list_that_was_all_taken_in_can_be_taken_in_again(store: Store, primer: Series, tmp_path: Path):
    readers = a_list(store, tmp_path, *many(15))
    taken_in(store, readers)

    assert taken_in(store, readers) == {"changed": 15}
    assert len(followed(store)) == 15
    with store.reading() as session:
        assert session.scalars(select(Import)).one().line == 16


def test_spellings_of_one_address_are_one_reader(store: Store, primer: Series, tmp_path: Path):
    lines = ["Bob@Example.ORG,Bob,,,daily,primer,", *many(12), "bob@example.org,Robert,,,instant,primer,"]

    counts = taken_in(store, a_list(store, tmp_path, *lines, "BOB@example.org,,,21,,primer,"))

    assert counts == {"new": 13, "changed": 2}
    with store.reading() as session:
        bob = subscribers.by_address(session, "bob@example.org")
    assert (bob.address, bob.name, bob.hour) == ("Bob@example.org", "Robert", 21)
    assert followed(store)[0] == ("Bob@example.org", "instant", "active", 0)


def test_two_lines_beside_each_other_are_one_reader_of_two_series(store: Store, primer: Series, tmp_path: Path):
    with store.writing() as session:
        a_series(session, "songs")

    taken_in(store, a_list(store, tmp_path, "bob@example.org,,,,daily,primer,", "bob@example.org,,,,instant,songs,"))

    assert followed(store) == [("bob@example.org", "daily", "active", 0), ("bob@example.org", "instant", "active", 0)]


def test_nobody_who_left_or_is_suppressed_comes_back(store: Store, primer: Series, tmp_path: Path):
    with store.writing() as session:
        subscribers.leave(session, a_reader(session, "reader3@example.org").id, now=NOON)
        a_reader(session, "reader4@example.org").state = "suppressed"
        print_of = TOKENS.fingerprint("reader5@example.org")
        session.add(Suppression(fingerprint=print_of, reason="complaint", created_at=NOON))

    counts = taken_in(store, a_list(store, tmp_path, *many(12)))

    assert counts == {"new": 9, "left before": 1, "suppressed": 2}
    assert ("reader3@example.org", "daily", "left", 0) in followed(store)
    assert "reader5@example.org" not in addresses(store)


def test_a_series_that_a_reader_left_stays_left(store: Store, primer: Series, tmp_path: Path):
    with store.writing() as session:
        bob = a_reader(session, "bob@example.org")
        held = subscribers.subscription(session, bob.id, primer.id)
        assert held is not None
        subscribers.leave_series(session, held, now=NOON)

    taken_in(store, a_list(store, tmp_path, "bob@example.org,,,,instant,primer,"))

    assert followed(store) == [("bob@example.org", "daily", "left", 0)]


def test_who_is_known_keeps_their_watermark_and_who_is_new_starts_at_the_end(
    store: Store, primer: Series, tmp_path: Path
):
    with store.writing() as session:
        a_reader(session, "alice@example.org")
        a_planned_post(session, primer, at("2026-03-01 12:30"))
        session.get_one(Series, primer.id).last_seq = 1

    taken_in(store, a_list(store, tmp_path, "alice@example.org,,,,,,", "bob@example.org,,,,,,"))

    assert [(address, mark) for address, _, _, mark in followed(store)] == [
        ("alice@example.org", 0),
        ("bob@example.org", 1),
    ]


def test_every_hour_of_a_list_gets_its_digests(store: Store, primer: Series, tmp_path: Path):
    lines = [f"reader{number}@example.org,,Europe/Riga,{number % 3},,primer," for number in range(30)]

    taken_in(store, a_list(store, tmp_path, *lines))

    with store.reading() as session:
        hours = session.scalars(select(DigestHour).order_by(DigestHour.hour)).all()
    assert [(row.zone, row.hour) for row in hours] == [("Europe/Riga", hour) for hour in range(3)]


def test_refused_lines_are_skipped_and_the_rest_is_in(store: Store, primer: Series, tmp_path: Path):
    lines = [*many(12), "nobody,,,,,primer,", "bob@example.org,,,,,nowhere,", "carol@example.org,,,,,,"]

    counts = taken_in(store, a_list(store, tmp_path, *lines, skip=True))

    assert counts == {"new": 13}
    assert addresses(store)[-1] == "carol@example.org"


def test_a_reader_may_come_as_one_who_left_or_pauses(store: Store, primer: Series, tmp_path: Path):
    lines = [
        "alice@example.org,left,,,html",
        "bob@example.org,paused,2026-08-01T05:00:00Z,,text",
        "carol@example.org,active,,-,",
    ]

    counts = taken_in(store, a_list(store, tmp_path, *lines, header="email,state,paused_until,series,format"))

    with store.reading() as session:
        alice, bob, carol = session.scalars(select(Subscriber).order_by(Subscriber.id))
    assert counts == {"new": 3}
    assert (alice.state, bob.state, carol.state) == ("left", "paused", "active")
    assert (bob.paused_until, bob.format, carol.format) == (at("2026-08-01 05:00"), "text", "html")
    assert [address for address, *_ in followed(store)] == ["bob@example.org"]


def test_a_list_that_calls_a_known_reader_gone_changes_nothing(store: Store, primer: Series, tmp_path: Path):
    with store.writing() as session:
        a_reader(session, "alice@example.org")

    taken_in(store, a_list(store, tmp_path, "alice@example.org,left", header="email,state"))

    with store.reading() as session:
        assert subscribers.by_address(session, "alice@example.org").state == "active"
    assert [state for _, _, state, _ in followed(store)] == ["active"]


@pytest.mark.parametrize(("seconds", "rows"), [(0.0001, 4_000), (10.0, 200)])
def test_writes_grow_while_they_are_quick_and_shrink_when_they_are_slow(
    monkeypatch: pytest.MonkeyPatch, seconds: float, rows: int
):
    monkeypatch.undo()
    pace = Pace()

    for _ in range(20):
        pace.took(seconds)

    assert pace.rows == rows


def test_no_write_of_a_long_list_is_more_than_5000_rows(
    store: Store, primer: Series, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.undo()
    monkeypatch.setattr(Pace, "took", lambda self, _: setattr(self, "rows", reader_import.MOST))
    readers = a_list(store, tmp_path, *many(5_000))
    writes = Writes(store)

    taken_in(store, readers)

    assert max(writes.rows) <= 5_000
    assert sum(writes.rows) >= 10_000
