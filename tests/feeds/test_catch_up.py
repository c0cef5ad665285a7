"""The document of a catch-up feed: the entries of the live feed, dated by when this reader got them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.engine import Store
from feeds.catch_up import redated
from feeds.form import Form
from feeds.fragment import fragment, piece
from scheduler import correct
from scheduler.intake import NewSeries, take_in
from tests.feeds.catching_up import DAY, START, Reader, a_reader, a_reader_of
from tests.feeds.publishing import a_desk, deleted, linked, the_one, urns
from tests.feeds.reading import HISTORY, seen
from tests.feeds.rules import faults
from tests.feeds.test_any_text import MARKUP, over_all_of_unicode
from tests.making import a_publication, a_source, at, contents

SEVEN = timedelta(hours=7)


@pytest.fixture
def reader(store: Store, tmp_path: Path) -> Reader:
    return a_reader_of(store, tmp_path, chapters=5)


def ids(document: bytes) -> list[str]:
    return [entry.id for entry in seen(Form.ATOM, document)]


def test_it_holds_the_chapters_whose_turn_has_come_dated_by_their_turn(reader: Reader):
    entries = seen(Form.ATOM, reader.after(2))

    assert [(entry.id, entry.published) for entry in entries] == [
        ("urn:x:2", at("2026-03-03 07:00")),
        ("urn:x:1", at("2026-03-02 07:00")),
    ]
    assert [entry.updated for entry in entries] == [entry.published for entry in entries]


def test_an_entry_is_that_of_the_live_feed_but_for_its_dates(reader: Reader):
    live = the_one(reader.desk.seen("primer/feed.atom"), "urn:x:1")

    mine = the_one(seen(Form.ATOM, reader.after(2)), "urn:x:1")

    assert replace(mine, published=live.published, updated=live.updated) == live


def test_it_is_as_the_check_of_feeds_wants_it(reader: Reader):
    reader.desk.edit(2, title="Q & <A>")
    reader.desk.correct(correct.withdraw, "chapter-1")

    assert faults(Form.ATOM, reader.after(4)) == []
    assert reader.found(START + 4 * DAY) == []
    assert faults(Form.ATOM, reader.after(0)) == []


def test_it_names_itself_and_its_page_and_nothing_else(reader: Reader):
    reader.desk.site = a_publication(hub="https://hub.example")

    document = reader.after(3)

    assert linked(document, "self") == "https://example.org/primer/catch-up/token.atom"
    assert linked(document, "alternate") == "https://example.org/primer/"
    assert [linked(document, rel) for rel in ("hub", "prev-archive", "current")] == [None, None, None]
    assert HISTORY.encode()[1:-1] not in document


def test_each_feed_has_an_id_of_its_own(reader: Reader):
    other = a_reader(reader.desk)

    one, two, live = reader.after(1), other.after(1), reader.desk.read("primer/feed.atom")

    assert len({document.partition(b"</id>")[0].rpartition(b"<id>")[2] for document in (one, two, live)}) == 3
    assert ids(one) == ids(two)


def test_the_same_posts_and_dues_are_the_same_bytes_whether_entries_are_kept_or_not(store: Store, tmp_path: Path):
    desk = a_desk(store, tmp_path, chapters=5)
    reader = a_reader(desk)
    before = reader.after(3)

    desk.write()

    assert reader.after(3) == before
    assert reader.made(START + 3 * DAY + SEVEN).body == before


def test_making_it_writes_nothing(store: Store, tmp_path: Path):
    reader = a_reader(a_desk(store, tmp_path, chapters=5))
    before = contents(store)

    reader.after(3)

    assert contents(store) == before


def test_a_significant_edit_moves_updated_and_not_published(reader: Reader):
    reader.desk.now = at("2026-03-05 12:00")
    reader.desk.edit(1)

    entry = the_one(seen(Form.ATOM, reader.after(9)), "urn:x:1")

    assert (entry.title, entry.published) == ("Mended", at("2026-03-02 07:00"))
    assert entry.updated == reader.desk.now


def test_an_edit_before_its_turn_is_no_news(reader: Reader):
    reader.desk.edit(4)

    entry = the_one(seen(Form.ATOM, reader.after(9)), "urn:x:4")

    assert entry.published == entry.updated == at("2026-03-05 07:00")


def test_what_is_withdrawn_before_its_turn_is_never_mentioned_and_takes_no_step(reader: Reader):
    reader.desk.now = START
    reader.desk.correct(correct.withdraw, "chapter-2")

    assert ids(reader.after(2)) == urns(3, 1)
    assert deleted(reader.after(2)) == []


def test_what_is_withdrawn_after_its_turn_is_said_to_be_gone(reader: Reader):
    reader.desk.now = START + 2 * DAY
    reader.desk.correct(correct.withdraw, "chapter-1")

    assert ids(reader.after(3)) == urns(3, 2)
    assert deleted(reader.after(3)) == urns(1)


def test_what_is_restored_after_its_turn_stands_in_its_place(reader: Reader):
    reader.desk.now = START
    reader.desk.correct(correct.withdraw, "chapter-2")
    reader.desk.now = START + 2 * DAY
    before = seen(Form.ATOM, reader.after(2))
    reader.desk.correct(correct.restore, "chapter-2")

    after = seen(Form.ATOM, reader.after(3))

    assert [entry.id for entry in after] == urns(4, 3, 2, 1)
    assert [after[1], after[3]] == before


def test_a_post_that_is_not_out_is_not_there_even_for_who_has_caught_up(reader: Reader):
    reader.desk.now = START
    reader.desk.take(a_source("Later", slug="later", id="urn:x:later", wall=datetime(2026, 4, 1, 7)))

    assert ids(reader.made(at("2026-04-01 07:00")).body) == urns(5, 4, 3, 2, 1)


def test_history_belongs_to_it(reader: Reader):
    with reader.desk.store.writing() as session:
        past = a_source("Lost pages", slug="lost", id="urn:x:lost", wall=datetime(2019, 1, 1, 7))
        take_in(session, [past], slug="primer", defaults=NewSeries("UTC", "en"), now=START + 30 * DAY)

    entries = seen(Form.ATOM, reader.after(31))

    assert [entry.id for entry in entries] == ["urn:x:lost", *urns(5, 4, 3, 2, 1)]
    assert entries[0].published == START + 30 * DAY


def test_a_finished_series_says_after_its_last_chapter_that_it_has_ended(reader: Reader):
    reader.desk.now = START
    reader.desk.correct(correct.end)

    assert ids(reader.after(4)) == urns(4, 3, 2, 1)
    entries = seen(Form.ATOM, reader.after(5))
    assert [entry.title for entry in entries][:2] == ["The series has ended", "Chapter 5"]
    assert entries[0].published == entries[1].published == at("2026-03-06 07:00")
    assert entries[0].id == reader.desk.seen("primer/feed.atom")[0].id
    assert faults(Form.ATOM, reader.after(5)) == []


def test_it_holds_the_hundred_newest(store: Store, tmp_path: Path):
    reader = a_reader_of(store, tmp_path, chapters=160)

    assert ids(reader.after(100)) == urns(*range(100, 0, -1))
    assert ids(reader.after(130)) == urns(*range(130, 30, -1))
    assert reader.found(START + 130 * DAY) == []


def test_when_it_changed_is_known_of_every_change(reader: Reader):
    changes = [reader.made(START + 4 * DAY).changed]
    reader.desk.now = START + 2 * DAY
    reader.desk.correct(correct.withdraw, "chapter-1")
    reader.desk.now = START + 4 * DAY
    reader.desk.correct(correct.restore, "chapter-1")
    changes.append(reader.made(START + 5 * DAY).changed)
    reader.desk.now = START + 5 * DAY
    reader.desk.edit(1, minor=True)

    changes.append(reader.made(START + 5 * DAY + SEVEN).changed)

    assert changes == [at("2026-03-05 07:00"), at("2026-03-06 07:00"), reader.desk.now]


@over_all_of_unicode
@given(
    title=MARKUP.filter(lambda text: text.strip()), body=MARKUP, summary=MARKUP, due=st.datetimes(datetime(1970, 1, 2))
)
def test_other_dates_are_set_into_an_entry_as_if_it_had_been_encoded_with_them(an_entry, title, body, summary, due):
    entry, due = an_entry(title=title, content_html=body, summary=summary), due.replace(tzinfo=UTC)
    dated = replace(entry, published=due, updated=max(entry.changed, due))

    mine = redated(piece(entry, fragment(Form.ATOM, entry)), due)

    assert mine == piece(dated, fragment(Form.ATOM, dated))
