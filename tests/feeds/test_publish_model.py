"""Whatever is done to a site, its documents say what a plain model of it says, field by field, by two parsers."""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from db import series as all_series
from db.engine import Store, open_store
from db.tables import Base, Series
from feeds import archive, publish
from feeds.publish import Publisher
from feeds.storage import DirectoryStorage
from importers.values import PostSource
from scheduler import correct
from scheduler.intake import NewSeries, take_in
from scheduler.release import release_due
from scheduler.series_settings import Settings, apply
from scheduler.work import FeedWriter
from tests.feeds.publish_compare import Comparison, Sizes
from tests.feeds.publish_model import Chapter, Model, Serial, Words
from tests.making import RULES, a_house, a_publication, a_series, a_source, at

ON_SQLITE, ON_POSTGRESQL = 30, 12
BEGIN = at("2026-03-01 12:00")
MINUTE = timedelta(minutes=1)
SLUGS = ("primer", "reader", "atlas")
TAGS = ("rain", "sky")
SIZES = Sizes(archive=4, least=2, resurfaced=2, newest=6)
"""Instead of 100, 50, 50 and 100, so that a short story has archives."""


class Publishing(RuleBasedStateMachine):
    """Does to the store and to the model what operators and time do; then compares all documents with the model."""

    store: Store
    folder: Path
    numbers = count(1)
    met: Counter[str]

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.now, self.asleep, self.number = BEGIN, 0, count(1)
        self.place = self.folder / f"site-{next(self.numbers)}"
        self.frozen: dict[tuple[str, str], bytes] = {}
        with self.store.writing() as session:
            for table in reversed(Base.metadata.sorted_tables):
                session.execute(table.delete())
        a_house(self.store, now=BEGIN)
        with self.store.writing() as session:
            made = [a_series(session, slug, now=BEGIN) for slug in SLUGS[:2]]
            self.model = Model(BEGIN, [Serial(one.id, one.entry_id, one.slug, one.title) for one in made])
        self.history(self.model.serials[0], 2 * SIZES.archive + SIZES.least, data)

    # What operators and time do.

    @rule(data=st.data(), chapters=st.integers(1, 4))
    def import_history(self, data: st.DataObject, chapters: int) -> None:
        self.history(data.draw(st.sampled_from(self.model.live())), chapters, data)

    @rule(data=st.data())
    def plan(self, data: st.DataObject) -> None:
        serial = data.draw(st.sampled_from(self.model.live()))
        taken = {one.due for one in self.model.chapters()}
        due = next(moment for minute in count(3) if (moment := self.now + minute * MINUTE) not in taken)
        chapter = self.new(serial, next(self.number), data)
        chapter.due = due
        self.take(serial, [self.source(chapter, wall=due)])

    @precondition(lambda self: self.of(lambda one: one.serial.retired_at is None and (one.waits or one.is_out)))
    @rule(data=st.data(), minor=st.booleans())
    def edit(self, data: st.DataObject, minor: bool) -> None:
        chapter = self.one_of(data, lambda one: one.serial.retired_at is None and (one.waits or one.is_out))
        chapter.words.append(self.words(next(self.number), data)._replace(news=not minor))
        # A source that says nothing of its date any more would let the chapter lose it.
        self.take(chapter.serial, [self.source(chapter, wall=chapter.due if chapter.waits else None)], minor=minor)

    @precondition(lambda self: self.of(lambda one: one.is_out))
    @rule(data=st.data())
    def mend_an_old_one(self, data: st.DataObject) -> None:
        chapter = data.draw(st.sampled_from(self.of(lambda one: one.is_out)[: SIZES.archive]))
        chapter.words.append(self.words(next(self.number), data))
        self.take(chapter.serial, [self.source(chapter, wall=None)])

    @precondition(lambda self: self.of(lambda one: one.is_out))
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        chapter = self.one_of(data, lambda one: one.is_out)
        self.do(correct.withdraw, chapter.serial, chapter.slug)
        chapter.gone_at = self.now

    @precondition(lambda self: self.of(lambda one: one.gone_at and one.serial.retired_at is None))
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        chapter = self.one_of(data, lambda one: one.gone_at and one.serial.retired_at is None)
        self.do(correct.restore, chapter.serial, chapter.slug)
        chapter.gone_at = None

    @precondition(lambda self: self.of(lambda one: one.published))
    @rule(data=st.data())
    def rename_a_chapter(self, data: st.DataObject) -> None:
        chapter = self.one_of(data, lambda one: one.published)
        there = {one.slug for one in chapter.serial.chapters}
        new = data.draw(st.sampled_from(sorted({"first", "second", f"new-{next(self.number)}"} - there)))
        self.do(correct.rename_post, chapter.serial, chapter.slug, new)
        chapter.slug = new

    @rule(data=st.data())
    def rename_a_series(self, data: st.DataObject) -> None:
        serial = data.draw(st.sampled_from(self.model.serials))
        (free,) = set(SLUGS) - {one.slug for one in self.model.serials}
        self.do(correct.rename_series, serial, free)
        serial.slug = free

    @rule(data=st.data())
    def give_a_series_another_title(self, data: st.DataObject) -> None:
        serial = data.draw(st.sampled_from(self.model.live()))
        serial.title = f"Series {next(self.number)} & more"
        new = Settings.of(slug=serial.slug, every=None, start=None, title=serial.title)
        with self.store.writing() as session:
            apply(session, new, zone="UTC", language="en", actor="alice", now=self.now, create=False)

    @precondition(lambda self: self.can_end())
    @rule(data=st.data())
    def end_a_series(self, data: st.DataObject) -> None:
        serial = data.draw(st.sampled_from(self.can_end()))
        self.do(correct.end, serial)
        serial.ended_at = self.now

    @precondition(lambda self: len(self.model.live()) == 2)
    @rule(data=st.data())
    def retire_a_series(self, data: st.DataObject) -> None:
        serial = data.draw(st.sampled_from(self.model.live()))
        self.do(correct.retire, serial)
        serial.retired_at = self.now
        for chapter in serial.chapters:
            chapter.gone_at = self.now if chapter.is_out else chapter.gone_at
            chapter.due = None if chapter.waits else chapter.due

    @precondition(lambda self: self.can_go_on())
    @rule(data=st.data())
    def let_a_series_go_on(self, data: st.DataObject) -> None:
        serial = data.draw(st.sampled_from(self.can_go_on()))
        self.do(correct.reopen, serial)
        for chapter in serial.chapters:
            chapter.gone_at = None if chapter.gone_at == serial.retired_at else chapter.gone_at
        serial.ended_at = serial.retired_at = None

    @rule(minutes=st.integers(1, 6))
    def time_goes_on(self, minutes: int) -> None:
        for _ in range(minutes):
            self.tick()

    @rule()
    def start_the_program_anew(self) -> None:
        url = self.store.engine.url
        self.store.close()
        self.store = open_store(url.render_as_string(hide_password=False))

    @rule(steps=st.integers(1, 3))
    def let_the_worker_sleep(self, steps: int) -> None:
        self.asleep = steps

    # What must hold after each of them.

    @invariant()
    def documents_say_what_the_model_says(self) -> None:
        self.tick()
        if self.asleep:
            self.asleep -= 1
            return
        writer = FeedWriter(self.store, self.publisher(), "node", lambda: self.now)
        while writer.do_one():
            pass
        Comparison(self.model, DirectoryStorage(self.place), SIZES, self.frozen, self.met).check()
        # What is done next is done later than what was written.
        self.tick()

    # How it is done.

    def teardown(self) -> None:
        self.store.close()

    def publisher(self) -> Publisher:
        return Publisher(self.store, DirectoryStorage(self.place), a_publication(), lambda: self.now)

    def tick(self) -> None:
        self.now += MINUTE
        for chapter in self.model.chapters():
            if chapter.due == self.now and chapter.waits:
                release_due(self.store, now=self.now, rules=RULES)
                chapter.published = self.now

    def do(self, what: Callable[..., None], serial: Serial, *words: str) -> None:
        with self.store.writing() as session:
            series = session.get_one(Series, serial.key)
            what(session, all_series.by_slug(session, series.slug), *words, actor="alice", now=self.now)

    def new(self, serial: Serial, number: int, data: st.DataObject) -> Chapter:
        chapter = Chapter(serial, f"urn:x:{number}", f"chapter-{number}", [self.words(number, data)])
        serial.chapters.append(chapter)
        return chapter

    def history(self, serial: Serial, chapters: int, data: st.DataObject) -> None:
        sources = []
        for number in [next(self.number) for _ in range(chapters)]:
            chapter = self.new(serial, number, data)
            # Not in the order of their dates, and no two at one moment.
            chapter.published = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(
                hours=number * 37 % 101, minutes=number % 60
            )
            sources.append(self.source(chapter, wall=chapter.published))
        self.take(serial, sources)

    def words(self, number: int, data: st.DataObject) -> Words:
        tags = data.draw(st.sampled_from([(), TAGS[:1], TAGS[1:], TAGS]))
        return Words(f"Chapter {number} < & >", f"Words of {number} – “ώ”.", tags, self.now, news=True)

    def source(self, chapter: Chapter, *, wall: datetime | None) -> PostSource:
        said = chapter.words[-1]
        fields: dict[str, Any] = {"slug": chapter.slug, "body": said.body, "tags": said.tags, "id": chapter.id}
        return a_source(said.title, wall=wall.replace(tzinfo=None) if wall else None, **fields)

    def take(self, serial: Serial, sources: Sequence[PostSource], *, minor: bool = False) -> None:
        defaults = NewSeries("UTC", "en")
        with self.store.writing() as session:
            take_in(session, sources, slug=serial.slug, defaults=defaults, now=self.now, minor=minor)

    def can_end(self) -> list[Serial]:
        found = [serial for serial in self.model.live() if serial.ended_at is None]
        return [serial for serial in found if not any(one.waits for one in serial.chapters)]

    def can_go_on(self) -> list[Serial]:
        return [serial for serial in self.model.serials if serial.ended_at or serial.retired_at]

    def of(self, which: Callable[[Chapter], object]) -> list[Chapter]:
        return [chapter for chapter in self.model.chapters() if which(chapter)]

    def one_of(self, data: st.DataObject, which: Callable[[Chapter], object]) -> Chapter:
        return data.draw(st.sampled_from(self.of(which)))


@pytest.mark.slow
def test_documents_say_what_a_model_says_whatever_is_done(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for module in (archive, publish):
        monkeypatch.setattr(module, "ARCHIVE", SIZES.archive)
        monkeypatch.setattr(module, "LEAST_LIVE", SIZES.least)
    monkeypatch.setattr(publish, "MOST_RESURFACED", SIZES.resurfaced)
    monkeypatch.setattr(publish, "NEWEST", SIZES.newest)
    # Thousands of documents, none of which has to survive a power cut.
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)
    met: Counter[str] = Counter()
    machine = type("Machine", (Publishing,), {"store": store, "folder": tmp_path, "met": met})
    examples = int(os.environ.get("FASCICLE_EXAMPLES", ON_SQLITE if store.is_sqlite else ON_POSTGRESQL))

    # Not shrunk: each step asks a database, and a sequence of fifteen can be read as it is.
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=15,
            deadline=None,
            phases=[Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )

    # Or the stories would be too short.
    assert len(+met) == 5, met
