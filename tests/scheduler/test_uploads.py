"""Lists that operators send by a page: taken in by a worker, wherever it is, whatever comes in between."""

import io
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from db import uploads
from db.engine import Store
from db.states import UploadKind
from db.tables import Subscriber, Suppression, Upload, UploadPart
from scheduler import reader_import
from scheduler import uploads as lists
from scheduler.readers import ReaderDefaults
from scheduler.steer import By
from scheduler.uploads import KEEP, LEASE, UploadTaker, receive
from tests.making import NOON, TOKENS, a_house, a_series

ADA = By("ada@example.org", NOON)


@dataclass
class Desk:
    """A store, and machine time that moves a second whenever it is asked for."""

    store: Store
    now: datetime = NOON
    stopped: list[int] = field(default_factory=list)

    def tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def taker(self, owner: str = "node", *, dies_after: int | None = None) -> UploadTaker:
        looks = iter(range(dies_after)) if dies_after is not None else None
        return UploadTaker(
            store=self.store,
            fingerprint=TOKENS.fingerprint,
            defaults=ReaderDefaults("UTC", "en"),
            owner=owner,
            machine=self.tick,
            calendar=lambda: NOON,
            stopping=lambda: looks is not None and next(looks, None) is None,
        )

    def send(self, text: str, what: UploadKind = UploadKind.readers, *, skip: bool = False) -> int:
        file = io.BytesIO(text.encode())
        return receive(self.store, file, what, name="readers.csv", skip_refused=skip, by=ADA)

    def became(self, upload_id: int) -> Upload:
        with self.store.reading() as session:
            return session.get_one(Upload, upload_id)

    def refused(self, upload_id: int) -> list[tuple[int, str, str]]:
        with self.store.reading() as session:
            rows = uploads.refusals(session, upload_id, after=0, limit=100)
        return [(row.line, row.address, row.problem) for row in rows]

    def addresses(self) -> list[str]:
        with self.store.reading() as session:
            return list(session.scalars(select(Subscriber.address).order_by(Subscriber.id)))

    def parts(self) -> int:
        with self.store.reading() as session:
            return len(session.scalars(select(UploadPart.number)).all())


@pytest.fixture
def desk(store: Store) -> Desk:
    a_house(store)
    with store.writing() as session:
        a_series(session)
    return Desk(store)


def many(count: int) -> str:
    return "email\n" + "".join(f"reader{number}@example.org\n" for number in range(count))


def test_a_list_that_was_sent_is_taken_in_and_its_addresses_are_kept_no_longer(desk: Desk):
    sent = desk.send(many(3))

    assert desk.taker().do_one()

    row = desk.became(sent)
    assert (row.state, row.counts, row.refused, row.lines) == ("finished", {"new": 3}, 0, 4)
    assert len(desk.addresses()) == 3
    assert desk.parts() == 0
    assert not desk.taker().do_one()


def test_nothing_is_taken_in_when_a_line_is_refused_and_all_such_lines_are_named(desk: Desk):
    sent = desk.send("email,hour\nada@example.org,7\nbob@,8\ncarol@example.org,99\n")

    desk.taker().do_one()

    assert (desk.became(sent).state, desk.became(sent).refused) == ("refused", 2)
    assert [(line, address) for line, address, _ in desk.refused(sent)] == [(3, "bob@"), (4, "carol@example.org")]
    assert "write a whole hour" in desk.refused(sent)[1][2]
    assert desk.addresses() == []


def test_the_others_are_taken_in_when_refused_lines_are_left_out(desk: Desk):
    sent = desk.send("email\nada@example.org\nbob@\n", skip=True)

    desk.taker().do_one()

    row = desk.became(sent)
    assert (row.state, row.counts, row.refused) == ("finished", {"new": 1}, 1)
    assert desk.addresses() == ["ada@example.org"]


@pytest.mark.parametrize("text", ["", "mail\nada@example.org\n", "email\n", "\x00\x01"])
def test_what_is_no_list_of_readers_says_so(desk: Desk, text: str):
    sent = desk.send(text)

    desk.taker().do_one()

    assert desk.became(sent).state == "refused"
    assert "readers.csv" in (desk.became(sent).problem or "")


def test_a_list_whose_worker_died_is_gone_on_with_by_another_from_where_it_stood(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reader_import, "FEWEST", 10)
    monkeypatch.setattr(reader_import, "MOST", 10)
    sent = desk.send(many(40), skip=True)
    desk.taker("dead", dies_after=2).do_one()
    before = len(desk.addresses())

    early = desk.taker("other").do_one()
    desk.now += LEASE
    desk.taker("other").do_one()

    assert 0 < before < 40
    assert not early
    assert (desk.became(sent).state, desk.became(sent).counts) == ("finished", {"new": 40})
    assert len(desk.addresses()) == 40


def test_no_more_of_a_list_is_taken_in_once_it_is_stopped(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reader_import, "FEWEST", 10)
    monkeypatch.setattr(reader_import, "MOST", 10)
    sent = desk.send(many(40), skip=True)
    desk.taker(dies_after=2).do_one()

    with desk.store.writing() as session:
        uploads.stop(session, sent, now=NOON)
    again = desk.taker().do_one()

    assert not again
    assert desk.became(sent).state == "stopped"
    assert len(desk.addresses()) < 40
    assert desk.parts() == 0


def test_a_worker_learns_in_mid_list_that_it_was_stopped(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reader_import, "FEWEST", 10)
    monkeypatch.setattr(reader_import, "MOST", 10)
    sent = desk.send(many(40), skip=True)
    taker = desk.taker()
    asked = iter(range(3))

    def stop_at_the_third_look() -> bool:
        if next(asked, None) is None and desk.became(sent).state != "stopped":
            with desk.store.writing() as session:
                uploads.stop(session, sent, now=NOON)
        return False

    object.__setattr__(taker, "stopping", stop_at_the_third_look)
    taker.do_one()

    assert desk.became(sent).state == "stopped"
    assert 0 < len(desk.addresses()) < 40


def test_a_list_of_addresses_that_get_nothing_is_taken_in_too(desk: Desk):
    text = "email,reason\nada@example.org,asked by letter\nnobody\n"
    sent = desk.send(text, UploadKind.suppressions)

    desk.taker().do_one()

    row = desk.became(sent)
    assert (row.state, row.counts, row.refused) == ("finished", {"suppressed": 1}, 1)
    with desk.store.reading() as session:
        assert session.scalars(select(Suppression.reason)).all() == ["asked by letter"]


def test_more_refused_lines_than_one_write_holds_are_all_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lists, "AT_ONCE", 2)
    sent = desk.send("email\n" + "nobody\n" * 7)

    desk.taker().do_one()

    assert [line for line, _, _ in desk.refused(sent)] == list(range(2, 9))


def test_a_large_file_comes_back_whole_from_its_parts(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lists, "PART", 16)
    sent = desk.send(many(5))
    kept = desk.parts()

    desk.taker().do_one()

    assert kept > 5
    assert desk.became(sent).counts == {"new": 5}


@pytest.mark.parametrize(
    ("said", "kept"),
    [("a/b.csv", "b.csv"), ("..\\..\\c.csv", "c.csv"), ("..", "list.csv"), ("", "list.csv"), ("a\x00\n.csv", "a.csv")],
)
def test_a_file_is_kept_by_the_last_part_of_its_name(desk: Desk, said: str, kept: str):
    sent = receive(desk.store, io.BytesIO(b""), UploadKind.readers, name=said, skip_refused=False, by=ADA)

    assert desk.became(sent).file == kept


def test_what_is_known_of_a_list_is_forgotten_after_a_month(desk: Desk):
    sent = desk.send("email\nnobody\n")
    desk.taker().do_one()
    desk.now += KEEP + timedelta(minutes=1)

    forgot = desk.taker().do_one()

    with desk.store.reading() as session:
        assert (forgot, session.get(Upload, sent)) == (True, None)
    assert desk.refused(sent) == []
