"""What is corrected is corrected in every document: ids stay, addresses change, what is gone is said to be gone."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from db import series as all_series
from db.engine import Store
from fascicle.seriesfile import Settings, apply
from feeds.form import Form
from scheduler import correct
from tests.feeds.keeping import Keeping
from tests.feeds.publishing import Desk, a_desk, deleted, linked, the_one, urns
from tests.feeds.rules import faults
from tests.making import a_publication, a_series, a_source
from text.addresses import Addresses

LIVE = "primer/feed.atom"
ALL = "feeds/all.atom"
FORMS = [f"primer/feed.{form}" for form in Form]


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    """A desk whose primer has three chapters."""
    return written(store, tmp_path, 3)


@pytest.fixture
def long(store: Store, tmp_path: Path, keeping: Keeping) -> Desk:
    """A desk whose primer has an archive and fifty chapters beyond."""
    return keeping.desk("150 chapters", lambda store, folder: written(store, folder, 150), store, tmp_path)


def written(store: Store, folder: Path, chapters: int) -> Desk:
    desk = a_desk(store, folder, chapters=chapters)
    desk.write()
    return desk


def addresses(desk: Desk, path: str) -> set[str]:
    """How the pages that the entries of a document lead to begin."""
    return {entry.url.partition("chapter-")[0] for entry in desk.seen(path)}


def test_a_withdrawn_chapter_is_in_no_feed_and_is_said_to_be_gone(desk: Desk):
    desk.correct(correct.withdraw, "chapter-2")

    assert [desk.ids(path) for path in [*FORMS, ALL]] == [urns(3, 1)] * 4
    assert [deleted(desk.read(path)) for path in (LIVE, ALL)] == [urns(2)] * 2
    assert faults(Form.ATOM, desk.read(LIVE)) == []


def test_a_chapter_withdrawn_from_an_archive_takes_a_new_generation(long: Desk):
    long.correct(correct.withdraw, "chapter-7")

    assert long.paths("primer/archive") == []
    assert long.walked() == urns(*range(150, 7, -1), *range(6, 0, -1))
    assert deleted(long.read(LIVE)) == urns(7)
    long.out(1)
    long.write()
    assert long.paths("primer/archive") == ["primer/archive/2/1.atom"]
    assert long.walked() == urns(*range(151, 7, -1), *range(6, 0, -1))


def test_a_chapter_withdrawn_from_the_live_feed_leaves_the_archives_alone(long: Desk):
    before = long.as_it_is()[str(long.folder / "primer/archive/1/1.atom")]
    long.correct(correct.withdraw, "chapter-120")

    assert long.as_it_is()[str(long.folder / "primer/archive/1/1.atom")] == before
    assert len(long.ids(LIVE)) == 49


def test_a_restored_chapter_is_back_where_it_was_as_it_was(desk: Desk):
    before = [desk.read(path) for path in FORMS]
    desk.correct(correct.withdraw, "chapter-2")
    desk.correct(correct.restore, "chapter-2")

    assert [desk.read(path) for path in FORMS] == before


def test_a_chapter_restored_into_what_was_archived_meanwhile_is_in_the_chain(long: Desk):
    long.correct(correct.withdraw, "chapter-120")
    long.out(101)
    long.write()
    long.correct(correct.restore, "chapter-120")

    assert long.walked() == urns(*range(251, 0, -1))


def test_a_renamed_chapter_has_its_new_address_everywhere_and_its_old_id(desk: Desk):
    desk.correct(correct.rename_post, "chapter-2", "the-second")

    urls = {the_one(desk.seen(path), "urn:x:2").url for path in [*FORMS, ALL]}
    assert urls == {"https://example.org/primer/the-second/"}


def test_a_renamed_chapter_of_an_archive_has_its_new_address_there(long: Desk):
    long.correct(correct.rename_post, "chapter-7", "the-seventh")

    archive = long.seen("primer/archive/2/1.atom")
    assert the_one(archive, "urn:x:7").url == "https://example.org/primer/the-seventh/"
    assert long.walked() == urns(*range(150, 0, -1))


def test_a_renamed_series_moves_with_all_its_documents(long: Desk):
    long.correct(correct.rename_series, "reader")

    assert long.paths("primer") == []
    assert long.paths("reader") == [
        "reader/archive/2/1.atom",
        *[f"reader/feed.{form}" for form in ("atom", "json", "rss")],
    ]
    assert long.walked("reader") == urns(*range(150, 0, -1))
    every = [*long.paths("reader"), "feeds/all.atom"]
    assert [addresses(long, path) for path in every] == [{"https://example.org/reader/"}] * len(every)
    assert linked(long.read("reader/archive/2/1.atom"), "self") == "https://example.org/reader/archive/2/1.atom"
    assert b"primer" not in long.read("feeds.opml")


def test_a_series_that_gets_its_name_back_has_its_documents_there(long: Desk):
    long.correct(correct.rename_series, "reader")
    long.correct(correct.rename_series, "primer", slug="reader")

    assert long.paths("reader") == []
    assert long.walked() == urns(*range(150, 0, -1))


def test_a_new_series_under_a_name_that_another_left_has_nothing_of_that(long: Desk):
    long.now = datetime.fromisoformat("2026-03-02T00:00:00Z")
    with long.store.writing() as session:
        series = all_series.by_slug(session, "primer")
        correct.rename_series(session, series, "reader", actor="alice", now=long.now)
        a_series(session, "primer", now=long.now)
    long.write()

    assert long.paths("primer") == [f"primer/feed.{form}" for form in ("atom", "json", "rss")]
    assert long.ids(LIVE) == []


def test_a_series_that_ends_says_so_in_all_forms(desk: Desk):
    desk.correct(correct.end)

    assert [desk.seen(path)[0].title for path in FORMS] == ["The series has ended"] * 3
    assert len({desk.ids(path)[0] for path in FORMS}) == 1
    assert json.loads(desk.read("primer/feed.json"))["expired"] is True
    assert [faults(form, desk.read(f"primer/feed.{form}")) for form in Form] == [[], [], []]


def test_the_end_counts_the_chapters_that_are_out(desk: Desk):
    desk.correct(correct.withdraw, "chapter-2")
    desk.correct(correct.end)

    assert desk.seen(LIVE)[0].summary == "All 2 chapters are out. Nothing more will come in this series."


def test_a_series_that_goes_on_says_no_more_that_it_has_ended(desk: Desk):
    before = [desk.read(path) for path in FORMS]
    desk.correct(correct.end)
    desk.correct(correct.reopen)

    assert [desk.read(path) for path in FORMS] == before


def test_a_retired_series_is_nowhere_and_its_chapters_are_said_to_be_gone(long: Desk):
    long.correct(correct.retire)

    assert long.paths("primer") == []
    assert long.ids(ALL) == []
    assert len(deleted(long.read(ALL))) == 20
    assert b"primer" not in long.read("feeds.opml")


def test_a_series_that_comes_back_is_all_there_under_other_addresses_of_archives(long: Desk):
    long.correct(correct.retire)
    long.correct(correct.reopen)

    assert long.walked() == urns(*range(150, 0, -1))
    assert long.paths("primer/archive") == ["primer/archive/2/1.atom"]
    assert len(long.ids(ALL)) == 100


def test_who_wrote_while_a_series_was_retired_leaves_nothing_behind(desk: Desk):
    desk.correct(correct.retire)
    desk.storage.write(LIVE, b"what another worker wrote a moment too late")
    desk.publish("series:1")

    assert desk.paths("primer") == []


def test_a_series_renamed_while_it_is_written_leaves_nothing_behind(desk: Desk):
    desk.edit(2)
    renamed: list[str] = []

    def mine() -> bool:
        if not renamed:
            renamed.append("reader")
            desk.correct(correct.rename_series, "reader")
        return True

    desk.publisher.publish("series:1", mine)
    desk.write()

    assert desk.paths("primer") == []
    assert [desk.ids(f"reader/feed.{form}") for form in Form] == [urns(3, 2, 1)] * 3


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (correct.rename_series, ("reader",)),
        (correct.withdraw, ("chapter-7",)),
        (correct.rename_post, ("chapter-7", "x")),
    ],
)
def test_a_correction_while_an_archive_is_written_is_not_lost(desk: Desk, what, words: tuple[str, ...]):
    desk.out(147)
    done: list[str] = []

    def mine() -> bool:
        if not done:
            done.append("corrected")
            with desk.store.writing() as session:
                what(session, all_series.by_slug(session, "primer"), *words, actor="alice", now=desk.now)
        return True

    desk.publisher.publish("series:1", mine)
    desk.write()

    with desk.store.reading() as session:
        slug = all_series.all_series(session)[0].slug
    gone = urns(7) if what is correct.withdraw else []
    assert desk.walked(slug) == [one for one in urns(*range(150, 0, -1)) if one not in gone]
    assert {entry.url for path in desk.chain(slug) for entry in desk.seen(path)}.isdisjoint(
        {"https://example.org/primer/chapter-7/"}
    )


def test_a_series_restored_to_before_an_archive_in_the_making_is_in_it(desk: Desk):
    desk.out(148)
    desk.correct(correct.withdraw, "chapter-1")
    desk.out(1)
    done: list[str] = []

    def mine() -> bool:
        if not done:
            done.append("restored")
            with desk.store.writing() as session:
                series = all_series.by_slug(session, "primer")
                correct.restore(session, series, "chapter-1", actor="alice", now=desk.now)
        return True

    desk.publisher.publish("series:1", mine)
    desk.write()

    assert desk.walked() == urns(*range(152, 0, -1))


def test_a_site_that_moves_has_every_document_anew_with_its_old_ids(long: Desk):
    before = {path: long.ids(path) for path in (*FORMS, "feeds/all.json")}
    correct.move_site(long.store, "https://example.org", now=long.now)
    long.write()
    correct.move_site(long.store, "https://other.example/blog", now=long.now)
    long.site = a_publication(addresses=Addresses("https://other.example/blog"))
    long.write()

    assert {path: long.ids(path) for path in before} == before
    assert long.paths("primer/archive") == ["primer/archive/2/1.atom"]
    assert long.walked() == urns(*range(150, 0, -1))
    assert [path for path in long.paths() if b"https://example.org" in long.read(path)] == []


def test_a_site_that_was_looked_at_for_the_first_time_has_not_moved(long: Desk):
    before = long.as_it_is()
    correct.move_site(long.store, "https://example.org", now=long.now)
    long.write()

    assert long.as_it_is() == before


def test_another_title_of_a_series_is_in_all_feeds_that_name_it(desk: Desk):
    desk.take(a_source("Tagged", slug="tagged", tags=("Rain",), wall=datetime(2020, 1, 2)))
    desk.write()
    settings = Settings.of(slug="primer", every=None, start=None, title="The reader")
    with desk.store.writing() as session:
        apply(session, settings, zone="UTC", language="en", actor="alice", now=desk.now, create=False)
    desk.write()

    assert [b"The reader" in desk.read(path) for path in [*FORMS, "feeds.opml"]] == [True] * 4
    named = [*desk.seen(ALL), *desk.seen("tag/rain/feed.rss")]
    assert {entry.title.partition(":")[0] for entry in named} == {"The reader"}
