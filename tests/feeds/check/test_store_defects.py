"""Faults behind the documents: the store says one thing, what is published another."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from db import feed_work, moves
from db import series as all_series
from db.engine import Store
from db.states import PostState
from db.tables import Archive, Fragment, Media, Post, Release, Revision, Series
from feeds.check import KINDS, Severity
from tests.feeds.check.publishing import NOW, Site, a_site
from tests.feeds.check.test_defects import DEFECTS
from tests.making import NOON, a_publication, a_series
from text.addresses import Addresses

CHAPTER = Post.slug == "c160"
_RENAMED = "a renamed series with its former feeds"


def rules_of(site: Site) -> set[tuple[str, str]]:
    return {(one.rule, one.path) for one in site.findings()}


def of_series(session: Session, slug: str) -> str:
    return feed_work.topic_of(all_series.by_slug(session, slug).id)


def renamed(session: Session) -> None:
    series = all_series.by_slug(session, "snow")
    moves.note_series(session, series, now=NOW)
    series.slug = "ice"


def words_of(slug: str):
    return Revision.post_id == Post.id, Post.slug == slug


def as_older(session: Session) -> None:
    for fragment in session.query(Fragment).where(Fragment.form == "atom", Fragment.mixed.is_(False)):
        fragment.body = fragment.body.replace(b"Some &lt;em&gt;words", b"Some &lt;i&gt;words")
        fragment.key = "of another version"


CHANGES: dict[str, tuple[Callable[[Session], object], str, str]] = {
    "a post put back into the plan": (
        lambda session: session.execute(update(Post).where(CHAPTER).values(state=PostState.planned)),
        "leaked",
        "primer/feed.json",
    ),
    "a post withdrawn in the store alone": (
        lambda session: session.execute(
            update(Post).where(CHAPTER).values(state=PostState.withdrawn, withdrawn_at=NOW)
        ),
        "withdrawn-present",
        "primer/feed.rss",
    ),
    "another entry id": (
        lambda session: session.execute(update(Post).where(CHAPTER).values(entry_id="urn:x:160")),
        "id-changed",
        "primer/feed.atom",
    ),
    "another title": (
        lambda session: session.execute(update(Revision).where(*words_of("c160")).values(title="Rain")),
        "title-differs",
        "primer/feed.atom",
    ),
    "another moment of release": (
        lambda session: session.execute(update(Release).values(released_at=NOON - timedelta(days=900))),
        "date-wrong",
        "rain/feed.rss",
    ),
    "another recording": (
        lambda session: session.execute(update(Media).values(body=b"x")),
        "enclosure",
        "rain/feed.json",
    ),
    "a series that is new": (lambda session: a_series(session, "wind"), "list-missing", "feeds.opml"),
    "a new series without a feed": (lambda session: a_series(session, "wind"), "document-missing", "wind/feed.rss"),
    "a retired series with its feeds": (
        lambda session: session.execute(update(Series).where(Series.slug == "snow").values(retired_at=NOW)),
        "left-over",
        "snow/feed.atom",
    ),
    _RENAMED: (renamed, "left-over", "snow/feed.json"),
    "a tag that nothing has": (
        lambda session: session.execute(update(Revision).values(tags=[])),
        "left-over",
        "tag/wet-cold/feed.atom",
    ),
    "an archive of a former generation": (
        lambda session: session.execute(update(Series).values(generation=2, archived_seq=0)),
        "left-over",
        "primer/archive/1/1.atom",
    ),
    "an archive that the store forgot": (
        lambda session: session.execute(delete(Archive)),
        "chapter-missing",
        "primer/feed.atom",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_the_store_says_otherwise_is_found(name: str, site: Site):
    change, rule, path = CHANGES[name]

    site.edit(change)

    assert (rule, path) in rules_of(site)


def test_a_damaged_entry_that_was_kept_is_found_and_mended_by_building_all(site: Site):
    def spoil(session: Session) -> None:
        session.execute(update(Fragment).where(Fragment.form == "json").values(body=b'{"id":"1"}'))
        feed_work.want(session, [of_series(session, "snow")])

    site.edit(spoil).publish()

    assert ("grammar", "snow/feed.json") in rules_of(site)


def test_a_site_that_moved_is_found_out(site: Site):
    moved = replace(site, publication=a_publication(addresses=Addresses("https://example.com"), hub=None))

    found = rules_of(moved)

    assert {("self-link", "rain/feed.rss"), ("hub-link", "rain/feed.atom"), ("link-wrong", "rain/feed.json")} <= found


@pytest.mark.parametrize(
    ("twin", "rule"),
    [
        (gzip.compress(b"<feed>of another version</feed>", mtime=0), "twin"),
        (None, "twin"),
    ],
)
def test_a_twin_of_another_version_is_found(twin: bytes | None, rule: str, site: Site):
    target = site.folder / "rain/feed.atom.gz"
    target.unlink()
    if twin:
        target.write_bytes(twin)

    assert rules_of(site) == {(rule, "rain/feed.atom")}


def test_a_twin_with_a_hole_is_found(site: Site):
    target = site.folder / "rain/feed.atom.gz"
    packed = target.read_bytes()

    target.write_bytes(packed[:40] + packed[80:])

    assert rules_of(site) == {("twin", "rain/feed.atom")}


def test_a_chapter_that_is_archived_twice_is_found(site: Site):
    archive = site.folder / "primer/archive/1/1.atom"
    head, _, rest = archive.read_text().partition("<entry")
    entry = rest.partition("</entry>")[0]

    site.storage.write("primer/archive/1/1.atom", f"{head}<entry{entry}</entry><entry{rest}".encode())

    assert {("archived-twice", "primer/feed.atom"), ("id-double", "primer/archive/1/1.atom")} <= rules_of(site)


def test_a_document_that_is_not_there_is_found(site: Site):
    site.storage.delete("primer/archive/1/1.atom")

    assert rules_of(site) == {("document-missing", "primer/archive/1/1.atom"), ("archive-chain", "primer/feed.atom")}


def test_what_waits_to_be_written_is_a_note(site: Site):
    site.edit(
        lambda session: feed_work.want(session, [of_series(session, "rain"), feed_work.OPML, feed_work.gone("x")])
    )

    found = site.findings()

    assert {one.severity for one in found} == {Severity.note}
    assert {one.path for one in found} == {"rain/feed.atom", "rain/feed.rss", "rain/feed.json", "feeds.opml", "gone:x"}


def test_a_foreign_file_beside_the_feeds_is_none_of_ours(site: Site):
    site.storage.write("about/index.html", b"<p>Hello.</p>")

    assert site.findings() == []


def test_what_is_published_as_it_should_be_has_no_finding(store: Store, tmp_path):
    site = a_site(store, tmp_path / "public")

    assert site.findings() == []


def test_a_site_of_summaries_has_no_finding(store: Store, tmp_path):
    site = a_site(store, tmp_path / "public", full_text=False, hub=None, author_email="a@example.org")

    assert site.findings() == []


def test_an_archive_that_another_version_wrote_is_as_it_was(site: Site):
    """Or every upgrade would show each archive as changed."""
    archive = "primer/archive/1/1.atom"
    kept = (site.folder / archive).read_bytes()

    site.edit(as_older)
    site.storage.write(archive, kept.replace(b"Some &lt;em&gt;words", b"Some &lt;i&gt;words"))

    assert [one for one in site.findings() if one.path == archive] == []


def test_each_rule_is_met():
    elsewhere = {"document-missing", "twin", "behind", "archived-twice"}
    met = {defect.rule for defect in DEFECTS} | {rule for _, rule, _ in CHANGES.values()} | elsewhere

    assert met == set(KINDS)
