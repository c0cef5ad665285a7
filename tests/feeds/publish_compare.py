"""Comparing all documents of a site with the model, field by field, as two parsers read them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple

from lxml import etree

from feeds.form import Form
from feeds.storage import Storage
from tests.feeds.publish_model import SITE, Chapter, Model, Serial, tombstones
from tests.feeds.publishing import linked, stripped
from tests.feeds.reading import ATOM, TOMBSTONE, Seen, seen, seen_by_feedparser
from tests.feeds.rules import faults


class Sizes(NamedTuple):
    """Posts in an archive, the fewest in a live feed, the most repeated there, and those in a feed of all."""

    archive: int
    least: int
    resurfaced: int
    newest: int


@dataclass
class Comparison:
    """`frozen` are the archives seen before, by series and path; `met` counts what there was to compare."""

    model: Model
    storage: Storage
    sizes: Sizes
    frozen: dict[tuple[str, str], bytes]
    met: Counter[str]

    def check(self) -> None:
        """Fails unless all that is stored is what the model says, and nothing else is stored."""
        chains = [path for serial in self.model.live() for path in self.check_series(serial)]
        self.check_mixed("feeds/all", self.model.last(self.sizes.newest), self.model.gone())
        for tag in self.model.tags():
            self.check_mixed(f"tag/{tag}/feed", self.model.last(self.sizes.newest, tag), self.model.gone(tag))
        self.check_list()
        feeds = ["feeds/all", *(f"tag/{tag}/feed" for tag in self.model.tags())]
        feeds += [f"{serial.slug}/feed" for serial in self.model.live()]
        every = {f"{feed}.{form}" for feed in feeds for form in Form} | {"feeds.opml", "feeds/style.css", *chains}
        assert set(self.storage.paths()) == every

    def check_series(self, serial: Serial) -> list[str]:
        """The three forms of its feed, and its archives; gives the paths of these."""
        live = {form: self.entries(form, f"{serial.slug}/feed.{form}") for form in Form}
        chain = self.chain(serial)
        archived = [entry for path in chain for entry in self.entries(Form.ATOM, path)]
        chapters = {chapter.id: chapter for chapter in serial.out}
        if serial.ended_at:
            self.check_end(serial, live)
        ids = [entry.id for entry in live[Form.ATOM]]
        for form in Form:
            self.same(form, live[form], [chapters[entry_id].entry() for entry_id in ids])
        for entry in archived:
            assert entry in chapters[entry.id].frozen() or entry.id in ids, f"{entry} is out of date"
        # Once each, but for those of archives that are repeated for their news.
        rest = [entry.id for entry in archived]
        assert sorted({*ids, *rest}) == sorted(chapters)
        assert len(rest) == len(set(rest)) == self.sizes.archive * len(chain)
        assert len(set(ids) & set(rest)) <= self.sizes.resurfaced
        # Those taken out of the live feed are not made up for.
        fewest = min(self.sizes.least, len(chapters)) - len(tombstones(serial.chapters))
        assert fewest <= len(set(ids) - set(rest)) < self.sizes.least + self.sizes.archive
        self.met["archives"] += len(chain)
        self.met["new generations"] += any("/archive/1/" not in path for path in chain)
        self.met["surfaced chapters"] += len(set(ids) & set(rest))
        self.met["ends"] += serial.ended_at is not None
        for path in chain:
            assert self.frozen.setdefault((serial.id, path), self.body(path)) == self.body(path)
        self.check_head(serial.id, f"{serial.slug}/feed.atom", live[Form.ATOM], tombstones(serial.chapters), serial)
        return chain

    def check_end(self, serial: Serial, live: dict[Form, list[Seen]]) -> None:
        """What an ended series says, taken out of its feeds."""
        said = {form: next(one for one in live[form] if one.id == f"{serial.id}#ended") for form in Form}
        words = f"chapter{'s are' if len(serial.out) != 1 else ' is'} out. Nothing more will come in this series."
        for form, entry in said.items():
            live[form].remove(entry)
            assert (entry.title, entry.url) == ("The series has ended", f"{SITE}/{serial.slug}/")
            assert (entry.published, str(entry.summary).endswith(words)) == (serial.ended_at, True)

    def check_mixed(self, name: str, chapters: Sequence[Chapter], gone: dict[str, datetime]) -> None:
        """A feed of all or of a tag."""
        expected = sorted((one.entry(mixed=True) for one in chapters), key=age, reverse=True)
        for form in Form:
            self.same(form, self.entries(form, f"{name}.{form}"), expected)
        self.check_head(None, f"{name}.atom", expected, gone)

    def check_head(
        self,
        feed_id: str | None,
        path: str,
        entries: list[Seen],
        gone: dict[str, datetime],
        serial: Serial | None = None,
    ) -> None:
        """Who the feed is, when it changed, and what it says is gone."""
        root = etree.fromstring(self.body(path))
        told = {one.get("ref"): datetime.fromisoformat(one.get("when")) for one in root.iter(TOMBSTONE)}
        changes = [*(entry.updated for entry in entries if entry.updated), *gone.values()]
        changes += [serial.ended_at] if serial and serial.ended_at else []
        self.met["withdrawn chapters"] += len(gone)
        assert told == gone
        assert feed_id in (None, root.findtext(f"{ATOM}id"))
        assert datetime.fromisoformat(root.findtext(f"{ATOM}updated")) == max(changes, default=self.model.began)
        assert linked(self.body(path), "self") == f"{SITE}/{path}"

    def check_list(self) -> None:
        outlines = etree.fromstring(self.body("feeds.opml")).iter("outline")
        expected = sorted((serial.slug, serial.title) for serial in self.model.live())
        assert [(one.get("xmlUrl"), one.get("text")) for one in outlines] == [
            (f"{SITE}/{slug}/feed.atom", title) for slug, title in expected
        ]

    def same(self, form: Form, found: list[Seen], expected: list[Seen]) -> None:
        """All fields that the form has, newest first."""
        assert found == [one if form is not Form.RSS else without_updated(one) for one in expected]
        assert found == sorted(found, key=age, reverse=True)

    def entries(self, form: Form, path: str) -> list[Seen]:
        return list(read_twice(form, self.body(path)))

    def chain(self, serial: Serial) -> list[str]:
        """The archives of a series, as its live feed leads to them, the newest first."""
        found, body = [], self.body(f"{serial.slug}/feed.atom")
        while url := linked(body, "prev-archive"):
            found.append(url.removeprefix(f"{SITE}/"))
            body = self.body(found[-1])
            assert linked(body, "current") == f"{SITE}/{serial.slug}/feed.atom"
        return found

    def body(self, path: str) -> bytes:
        stored = self.storage.read(path)
        assert stored, f"{path} is not there"
        return stored.body


@cache
def read_twice(form: Form, body: bytes) -> tuple[Seen, ...]:
    """As two parsers see it, which must agree; there is one for JSON."""
    assert faults(form, body) == []
    found = stripped(seen(form, body))
    if form is not Form.JSON:
        assert stripped(seen_by_feedparser(body)) == found
    return tuple(found)


def age(entry: Seen) -> tuple[datetime, str]:
    return entry.published, entry.id


def without_updated(entry: Seen) -> Seen:
    return Seen(**{**vars(entry), "updated": None})
