import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from feeds.archive import pages
from feeds.document import written
from feeds.form import Form
from tests.feeds.reading import ATOM, HISTORY, seen
from tests.feeds.rules import faults

LIVE = "https://example.org/primer/feed.atom"


class Series:
    """A series that grows, and its documents by address: written as a publisher would, each archive only once."""

    def __init__(self, an_entry, a_head):
        self._an_entry, self._a_head = an_entry, a_head
        self.entries, self.documents, self.archives = [], {}, []

    def release(self, count):
        start = datetime(2020, 1, 1, tzinfo=UTC)
        for seq in range(len(self.entries) + 1, len(self.entries) + 1 + count):
            instant = start + timedelta(hours=seq)
            self.entries.append(self._an_entry(1, id=f"urn:x:{seq}", published=instant, updated=instant))
        self.publish()

    def publish(self):
        archived = 100 * len(self.archives)
        cut = pages(range(archived + 1, len(self.entries) + 1))
        for frozen in cut.frozen:
            url = f"https://example.org/primer/archive/1/{len(self.archives) + 1}.atom"
            self.documents[url] = self._written(url, frozen, archive_of={Form.ATOM: LIVE})
            self.archives.append(url)
        self.documents[LIVE] = self._written(LIVE, cut.live, complete=not self.archives)

    def _written(self, url, seqs, **values):
        older = {"prev_archive": {Form.ATOM: self.archives[-1]}} if self.archives else {}
        head = self._a_head(urls={Form.ATOM: url}, **older, **values)
        return written(Form.ATOM, head, [self.entries[seq - 1] for seq in seqs])


@pytest.fixture
def series(an_entry, a_head):
    return Series(an_entry, a_head)


def walked(documents):
    """Ids as a reader finds them that follows the chain from the live feed into the past."""
    found, url = [], LIVE
    while url:
        found += [entry.id for entry in seen(Form.ATOM, documents[url])]
        links = etree.fromstring(documents[url]).iter(f"{ATOM}link")
        url = next((link.get("href") for link in links if link.get("rel") == "prev-archive"), None)
    return found


@pytest.mark.parametrize(
    ("count", "archives", "live"),
    [(0, 0, 0), (1, 0, 1), (149, 0, 149), (150, 1, 50), (249, 1, 149), (250, 2, 50), (10_000, 99, 100)],
)
def test_the_live_feed_keeps_50_to_149_posts(count, archives, live):
    cut = pages(range(1, count + 1))

    assert (len(cut.frozen), len(cut.live)) == (archives, live)


def test_the_oldest_are_frozen_first_and_nothing_is_left_out():
    cut = pages([3, 4, *range(6, 300)])

    assert [seq for page in [*cut.frozen, cut.live] for seq in page] == [3, 4, *range(6, 300)]
    assert {len(page) for page in cut.frozen} == {100}


@pytest.mark.parametrize("count", [1, 149, 150, 151, 420])
def test_the_chain_reaches_every_chapter_once(series, count):
    series.release(count)

    assert walked(series.documents) == [f"urn:x:{seq}" for seq in range(count, 0, -1)]


def test_it_does_not_matter_in_how_many_steps_a_series_grew(series, an_entry, a_head):
    series.release(420)
    slow = Series(an_entry, a_head)
    for count in random.Random(3).choices(range(1, 30), k=22):
        slow.release(min(count, 420 - len(slow.entries)))
    slow.release(420 - len(slow.entries))

    assert slow.documents == series.documents


def test_archives_never_change_when_chapters_arrive(series):
    series.release(150)
    before = dict(series.documents)

    series.release(300)

    assert [series.documents[url] for url in before if url != LIVE] == [before[url] for url in before if url != LIVE]
    assert series.documents[LIVE] != before[LIVE]


def test_an_archived_chapter_that_was_edited_can_surface_in_the_live_feed(series, a_document):
    series.release(150)
    edited = replace(series.entries[0], title="New", updated=datetime(2026, 1, 1, tzinfo=UTC))

    live = a_document(Form.ATOM, [*series.entries[100:], edited])

    assert seen(Form.ATOM, live)[-1].title == "New"
    assert etree.fromstring(live).findtext(f"{ATOM}updated") == "2026-01-01T00:00:00Z"


def test_every_document_keeps_the_rules(series):
    series.release(250)

    assert [faults(Form.ATOM, document) for document in series.documents.values()] == [[], [], []]


def test_a_feed_is_complete_only_until_its_first_archive(series):
    complete = f"{HISTORY}complete"
    series.release(149)
    assert etree.fromstring(series.documents[LIVE]).find(complete) is not None

    series.release(1)

    assert etree.fromstring(series.documents[LIVE]).find(complete) is None


def test_an_archive_names_itself_and_the_live_feed(series):
    series.release(250)

    links = etree.fromstring(series.documents[series.archives[1]]).findall(f"{ATOM}link")

    assert {link.get("rel"): link.get("href") for link in links} == {
        "self": series.archives[1],
        "prev-archive": series.archives[0],
        "current": LIVE,
        "alternate": "https://example.org/primer/",
    }
