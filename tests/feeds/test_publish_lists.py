"""Feeds that mix series, feeds of tags, and the list of feeds."""

from datetime import datetime
from pathlib import Path

import pytest
from lxml import etree

from db import series as all_series
from db.engine import Store
from feeds.form import Form
from scheduler import correct
from tests.feeds.publishing import Desk, a_desk
from tests.feeds.rules import faults
from tests.making import a_series, a_source
from text.addresses import tag_slug

RAIN = "tag/rain/feed.atom"
OLD = datetime(2020, 1, 5, 7)


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    """A desk of two series, each with one chapter about rain."""
    desk = a_desk(store, tmp_path)
    with store.writing() as session:
        a_series(session, "reader")
    desk.take(a_source("Drops", slug="drops", id="urn:x:drops", tags=("Rain",), wall=OLD))
    desk.take(a_source("Clouds", slug="clouds", id="urn:x:clouds", tags=("rain", "Sky"), wall=OLD), slug="reader")
    desk.write()
    return desk


def listed(desk: Desk) -> list[tuple[str, str, str]]:
    """Title, feed and page of each series on the list."""
    outlines = etree.fromstring(desk.read("feeds.opml")).iter("outline")
    return [(one.get("text"), one.get("xmlUrl"), one.get("htmlUrl")) for one in outlines]


def test_the_feed_of_all_names_the_series_of_each_chapter(desk: Desk):
    titles = {entry.title for form in Form for entry in desk.seen(f"feeds/all.{form}")}

    assert titles == {"Primer: Drops", "Reader: Clouds"}
    assert [faults(form, desk.read(f"feeds/all.{form}")) for form in Form] == [[], [], []]


def test_the_feed_of_all_holds_the_last_hundred(desk: Desk):
    desk.out(101)
    desk.write()

    assert len(desk.ids("feeds/all.json")) == 100
    assert "urn:x:1" not in desk.ids("feeds/all.json")
    assert "urn:x:101" in desk.ids("feeds/all.json")


def test_a_tag_has_a_feed_over_all_series_in_three_forms(desk: Desk):
    assert [sorted(desk.ids(f"tag/rain/feed.{form}")) for form in Form] == [["urn:x:clouds", "urn:x:drops"]] * 3
    assert [faults(form, desk.read(f"tag/rain/feed.{form}")) for form in Form] == [[], [], []]
    assert desk.ids("tag/sky/feed.rss") == ["urn:x:clouds"]


def test_a_feed_of_a_tag_holds_the_last_hundred_that_have_it(desk: Desk):
    desk.take(
        *[a_source(tags=("Sun", f"Day {day}"), wall=datetime(2020, 2, 1 + day // 24, day % 24)) for day in range(120)]
    )
    desk.out(20)
    desk.write()

    assert len(desk.ids("tag/sun/feed.atom")) == 100
    assert desk.seen("tag/sun/feed.atom")[-1].tags == ("Sun", "Day 20")
    assert len(desk.ids("tag/day-119/feed.atom")) == 1


def test_an_edit_that_takes_the_tag_away_takes_the_chapter_out_of_its_feed(desk: Desk):
    desk.take(a_source("Drops", slug="drops", tags=("Wind",)))
    desk.write()

    assert desk.ids(RAIN) == ["urn:x:clouds"]
    assert desk.ids("tag/wind/feed.atom") == ["urn:x:drops"]


def test_a_tag_that_nothing_has_any_more_has_no_feed(desk: Desk):
    desk.correct(correct.withdraw, "clouds", slug="reader")

    assert desk.paths("tag/sky") == []
    assert desk.paths("tag/rain") == [f"tag/rain/feed.{form}" for form in ("atom", "json", "rss")]


def test_a_tag_that_comes_back_has_the_same_feed_again(desk: Desk):
    before = desk.read("tag/sky/feed.atom")
    desk.correct(correct.withdraw, "clouds", slug="reader")
    desk.correct(correct.restore, "clouds", slug="reader")

    assert desk.read("tag/sky/feed.atom") == before


def test_a_tag_without_a_latin_letter_has_a_feed(desk: Desk):
    desk.take(a_source(slug="cyrillic", id="urn:x:c", tags=("дождь",), wall=OLD))
    desk.write()

    path = f"tag/{tag_slug('дождь')}/feed.atom"
    assert desk.ids(path) == ["urn:x:c"]
    assert "дождь" in desk.read(path).decode().partition("<entry")[0]


def test_a_chapter_that_is_planned_makes_no_feed_of_its_tag(desk: Desk):
    desk.take(a_source(tags=("Secret",), wall=datetime(2027, 1, 1)))
    desk.write()

    assert desk.paths("tag/secret") == []


def test_the_list_of_feeds_names_each_series(desk: Desk):
    site = "https://example.org"

    assert listed(desk) == [
        ("Primer", f"{site}/primer/feed.atom", f"{site}/primer/"),
        ("Reader", f"{site}/reader/feed.atom", f"{site}/reader/"),
    ]


def test_the_list_of_feeds_follows_what_is_made_renamed_and_retired(desk: Desk):
    with desk.store.writing() as session:
        a_series(session, "atlas")
    desk.write()
    made = [title for title, _, _ in listed(desk)]
    desk.correct(correct.rename_series, "zoo", slug="atlas")
    renamed = [feed for _, feed, _ in listed(desk)]
    desk.correct(correct.retire, slug="reader")

    assert made == ["Atlas", "Primer", "Reader"]
    assert renamed[-1] == "https://example.org/zoo/feed.atom"
    assert [title for title, _, _ in listed(desk)] == ["Primer", "Atlas"]


@pytest.mark.parametrize(("what", "words"), [(correct.rename_series, ("zoo",)), (correct.retire, ())])
def test_the_list_of_feeds_tells_when_it_changed(desk: Desk, what, words: tuple[str, ...]):
    desk.correct(what, *words)

    (changed,) = etree.fromstring(desk.read("feeds.opml")).iter("dateModified")
    # The desk's clock went on by an hour between the correction and the writing.
    assert changed.text == f"Sun, 01 Mar 2026 {desk.now.hour - 1}:00:00 GMT"


def test_a_release_writes_no_documents_of_other_series(desk: Desk):
    desk.write()
    before = desk.as_it_is()
    desk.out(1)
    desk.write()

    after = desk.as_it_is()
    changed = {Path(path).relative_to(desk.folder).parts[0] for path in after if after[path] != before.get(path)}
    assert changed == {"primer", "feeds"}


def test_a_series_with_two_names_that_differ_in_case_alone_is_listed_by_its_slug(desk: Desk):
    with desk.store.writing() as session:
        all_series.by_slug(session, "reader").title = "PRIMER"
    desk.publish("opml")

    assert [title for title, _, _ in listed(desk)] == ["Primer", "PRIMER"]
