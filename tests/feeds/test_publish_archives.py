"""The live feed is short, archives are frozen, and together they hold every chapter once (RFC 5005, section 4)."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from db.engine import Store
from feeds.form import Form
from tests.feeds.publishing import Desk, a_desk, stripped, the_one, urns
from tests.feeds.reading import seen_by_feedparser
from tests.feeds.rules import faults
from tests.making import a_source, at

LIVE = "primer/feed.atom"
FORMS = [f"primer/feed.{form}" for form in Form]


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return a_desk(store, tmp_path)


def upto(count: int) -> list[str]:
    """The ids of so many chapters, newest first."""
    return urns(*range(count, 0, -1))


@pytest.mark.parametrize(
    ("chapters", "live", "archives"), [(1, 1, 0), (149, 149, 0), (150, 50, 1), (249, 149, 1), (250, 50, 2)]
)
def test_the_live_feed_holds_what_is_in_no_archive_and_archives_a_hundred(desk: Desk, chapters, live, archives):
    desk.out(chapters)
    desk.write()

    assert [len(desk.ids(path)) for path in FORMS] == [live] * 3
    assert [len(desk.ids(path)) for path in desk.chain()[1:]] == [100] * archives


def test_the_chain_reaches_every_chapter_once_however_the_series_grew(desk: Desk):
    for step in (1, 148, 1, 30, 70, 5):
        desk.out(step)
        desk.write()

    assert desk.walked() == upto(255)


def test_archives_never_change_when_chapters_arrive(desk: Desk):
    desk.out(150)
    desk.write()
    before = desk.read("primer/archive/1/1.atom")
    desk.out(100)
    desk.write()

    assert desk.read("primer/archive/1/1.atom") == before
    assert desk.archives() == [(1, 1, 1, 100), (1, 2, 101, 200)]


def test_a_history_of_a_thousand_chapters_imported_in_one_go_is_all_there(desk: Desk):
    begin = datetime(2020, 1, 1, 7)
    sources = [
        a_source(f"Chapter {day}", wall=begin + timedelta(days=day), id=f"urn:x:{day}") for day in range(1, 1051)
    ]

    desk.take(*sources)
    desk.write()

    assert desk.walked() == upto(1050)
    assert [len(desk.ids(path)) for path in desk.chain()] == [50, *[100] * 10]


def test_every_document_of_a_series_keeps_the_rules_and_feedparser_reads_the_same(desk: Desk):
    desk.out(251)
    desk.edit(7)
    desk.write()

    assert [faults(Form.ATOM, desk.read(path)) for path in desk.chain()] == [[], [], []]
    assert [stripped(seen_by_feedparser(desk.read(path))) for path in desk.chain()] == [
        stripped(desk.seen(path)) for path in desk.chain()
    ]
    assert [faults(form, desk.read(f"primer/feed.{form}")) for form in Form] == [[], [], []]


def test_an_edit_of_an_archived_chapter_surfaces_in_the_live_feed_with_its_id_and_its_date(desk: Desk):
    desk.out(150)
    desk.write()
    frozen = desk.read("primer/archive/1/1.atom")
    desk.edit(7, title="Seven, mended")
    edited = desk.now
    desk.write()

    entries = [the_one(desk.seen(path), "urn:x:7") for path in FORMS]
    assert {(entry.title, entry.published) for entry in entries} == {("Seven, mended", at("2020-01-01 14:00"))}
    assert entries[0].updated == entries[2].updated == edited
    assert desk.read("primer/archive/1/1.atom") == frozen


def test_surfaced_chapters_stay_until_their_archive_is_written_anew(desk: Desk):
    desk.out(150)
    desk.write()
    desk.edit(7)
    desk.write()
    desk.out(100)
    desk.write()

    assert "urn:x:7" in desk.ids(LIVE)


@pytest.mark.parametrize("chapter", [7, 120])
def test_a_minor_edit_is_no_news_but_is_in_the_live_feed_if_the_chapter_is(desk: Desk, chapter: int):
    desk.out(150)
    desk.write()
    before = desk.seen(LIVE)
    desk.edit(chapter, minor=True)
    desk.write()

    after = desk.seen(LIVE)
    assert [(one.id, one.updated) for one in after] == [(one.id, one.updated) for one in before]
    assert [one.id for one in after if one.title == "Mended"] == [one for one in urns(chapter) if chapter > 100]


def test_a_minor_edit_of_a_chapter_of_the_past_does_not_date_it_to_its_import(desk: Desk):
    desk.take(a_source(slug="old", wall=datetime(2020, 1, 5, 7)))
    desk.take(a_source(slug="old", wall=datetime(2020, 1, 5, 7), body="A typo less."), minor=True)
    desk.write()

    (entry,) = desk.seen(LIVE)
    assert (entry.updated, entry.content) == (at("2020-01-05 07:00"), "<p>A typo less.</p>\n")


def test_fifty_surfaced_chapters_are_repeated_and_with_one_more_the_archives_are_written_anew(desk: Desk):
    desk.out(150)
    desk.write()
    desk.edit(*range(1, 51))
    desk.write()
    repeated = len(desk.ids(LIVE)), desk.generation()
    desk.edit(51)
    desk.write()

    assert repeated == (100, 1)
    assert (len(desk.ids(LIVE)), desk.generation()) == (50, 2)
    assert desk.walked() == upto(150)
    assert the_one(desk.seen("primer/archive/2/1.atom"), "urn:x:51").title == "Mended"


def test_the_documents_of_a_former_generation_are_deleted(desk: Desk):
    desk.out(250)
    desk.write()
    desk.edit(*range(1, 52))
    desk.write()

    assert desk.paths("primer/archive") == ["primer/archive/2/1.atom", "primer/archive/2/2.atom"]


def test_an_edit_between_the_archive_and_the_note_of_it_is_in_the_archive_or_surfaces(desk: Desk, monkeypatch):
    desk.out(150)
    whole = type(desk.storage).write

    def edited_after(storage, path: str, body: bytes) -> bool:
        if path.endswith("1/1.atom") and "urn:x:7" not in edits:
            edits.append("urn:x:7")
            desk.edit(7)
        return whole(storage, path, body)

    edits: list[str] = []
    monkeypatch.setattr(type(desk.storage), "write", edited_after)
    desk.write()

    assert the_one(desk.seen("primer/archive/1/1.atom"), "urn:x:7").title == "Mended"
    assert desk.walked() == upto(150)
