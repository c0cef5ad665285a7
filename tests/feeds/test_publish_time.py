"""Nothing is in any document before its instant, and all of it is there at its instant."""

import gzip
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from db import series as all_series
from db.engine import Store
from feeds.form import Form
from scheduler.passes import Clockwork
from tests.feeds.publishing import Desk, a_desk
from tests.making import a_clockwork, a_source, at

SECOND = timedelta(seconds=1)
SECRET = ("Murder", "revealed", "butler", "culprit")
"""A word of the title, the summary, the text and the tags of a chapter that is not out."""


@dataclass
class Waiting:
    """A desk where one chapter is out and another waits for its moment."""

    desk: Desk
    clock: Clockwork

    def wake(self, now: datetime) -> None:
        self.clock.wake(now)
        self.desk.write()

    def leaked(self) -> list[str]:
        """The documents, compressed ones included, that have any of the secret."""
        files = {name: body for name, (body, _) in self.desk.as_it_is().items()}
        texts = {name: gzip.decompress(body) if name.endswith(".gz") else body for name, body in files.items()}
        found = [name for name, text in texts.items() if any(word.encode() in text for word in SECRET)]
        return [*found, *[path for path in self.desk.paths() if "culprit" in path]]


@pytest.fixture
def waiting(store: Store, tmp_path: Path) -> Waiting:
    return Waiting(a_desk(store, tmp_path, chapters=2), a_clockwork(store, tmp_path / "node.json"))


def planned(waiting: Waiting, wall: datetime, *, zone: str = "UTC", body: str = "The butler.") -> None:
    with waiting.desk.store.writing() as session:
        all_series.by_slug(session, "primer").zone = zone
    waiting.desk.take(
        a_source(
            "Murder", slug="murder", id="urn:x:m", summary="All is revealed.", body=body, tags=("culprit",), wall=wall
        )
    )


@pytest.mark.parametrize(
    ("zone", "wall", "due"),
    [
        ("Europe/Berlin", "2026-03-28 07:00", "2026-03-28 06:00"),
        ("Europe/Berlin", "2026-03-29 07:00", "2026-03-29 05:00"),
        ("Europe/Berlin", "2026-03-29 02:30", "2026-03-29 01:30"),
        ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25 00:30"),
        ("Pacific/Apia", "2026-03-05 07:00", "2026-03-04 18:00"),
    ],
)
def test_a_chapter_is_in_no_document_a_second_before_its_instant_and_in_all_at_it(waiting, zone, wall, due):
    planned(waiting, datetime.fromisoformat(wall), zone=zone)
    waiting.wake(at(due) - SECOND)
    early = waiting.leaked()
    waiting.wake(at(due))

    assert early == []
    paths = [
        place for form in Form for place in (f"primer/feed.{form}", f"feeds/all.{form}", f"tag/culprit/feed.{form}")
    ]
    assert ["urn:x:m" in waiting.desk.ids(path) for path in paths] == [True] * 9


def test_an_edit_of_what_waits_is_in_no_document(waiting: Waiting):
    planned(waiting, datetime(2026, 4, 1, 7))
    waiting.wake(at("2026-03-30 07:00"))
    before = waiting.desk.as_it_is()
    planned(waiting, datetime(2026, 4, 1, 7), body="The butler, once more.")
    waiting.desk.write()

    assert waiting.leaked() == []
    assert waiting.desk.as_it_is() == before


def test_a_chapter_is_dated_when_it_came_out_however_late_its_words_were_changed_before(waiting: Waiting):
    source = {"slug": "two", "id": "urn:x:2a", "wall": datetime(2026, 4, 1, 7)}
    waiting.desk.take(a_source("First words", **source))
    waiting.desk.take(a_source("Last words", **source))
    waiting.wake(at("2026-04-01 07:00"))

    entry = waiting.desk.seen("primer/feed.atom")[0]
    assert (entry.title, entry.published, entry.updated) == ("Last words", at("2026-04-01 07:00"), entry.published)
