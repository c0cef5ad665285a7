"""A desk beside which somebody catches up: the document at any moment, and what the check of feeds says of it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from db import catch_up_feeds, expected
from db.engine import Store
from feeds.catch_up import CatchUpWriter, Made
from feeds.check.differing import it_is_what_would_be_written
from feeds.check.entries import Entries
from feeds.check.finding import Found
from feeds.check.look import RULES
from feeds.check.model import Document
from feeds.check.read_model import read_model
from feeds.check.reading import read
from feeds.check.rule import Look
from feeds.form import Form
from feeds.head import Deleted
from scheduler import catch_up_edits
from scheduler.cadence import daily
from scheduler.catch_up_feed import Given, holding_of
from tests.feeds.publishing import Desk, a_desk
from tests.making import the_series

START = datetime.fromisoformat("2026-03-01T12:00:00+00:00")
DAY = timedelta(days=1)
URL = "https://example.org/primer/catch-up/token.atom"


@dataclass
class Reader:
    """Somebody with a feed of their own, from START on, a chapter each morning at seven."""

    desk: Desk
    feed_id: int

    def made(self, now: datetime) -> Made:
        """The document at a moment."""
        with self.desk.store.reading() as session:
            feed, series = catch_up_feeds.by_id(session, self.feed_id)
            far = catch_up_edits.how_far(session, feed, now=now)
        return CatchUpWriter(self.desk.store, self.desk.site).atom(feed, series, URL, holding_of(far))

    def after(self, days: int) -> bytes:
        """The document so many mornings later."""
        return self.made(START + days * DAY).body

    def found(self, now: datetime) -> list[Found]:
        """What the check of feeds would say of the document, beside what it should be."""
        with self.desk.store.reading() as session:
            feed, series = catch_up_feeds.by_id(session, self.feed_id)
            far = catch_up_edits.how_far(session, feed, now=now)
            out = {one.post.id: one for one in expected.released(session)}
            words = expected.revisions(session, list(out))
            files = expected.files(session, [state.id for states in words.values() for state in states])
            model = read_model(session, self.desk.site, now=now)
        entries = Entries(self.desk.site, words, files)
        body = self.made(now).body
        seen = read(Form.ATOM, body)
        document = Document(
            path="primer/catch-up/token.atom",
            topic="",
            form=Form.ATOM,
            head=self.desk.site.of_catch_up(series, URL, id=seen.id or "", made_at=feed.created_at, ended=False),
            entries=tuple(
                replace(
                    (meant := entries.now(out[one.post.post_id])),
                    published=one.due,
                    updated=max(meant.changed, one.due),
                )
                for one in _newest(far.shown)
            ),
            deleted=tuple(Deleted(one.withdrawn_at, one.entry_id) for one in far.gone if one.withdrawn_at),
        )
        look = Look(document, seen, model)
        return [one for rule in (*RULES, it_is_what_would_be_written) for one in rule(look)]


def a_reader(desk: Desk, *, after: int = 0, posts: int = 1) -> Reader:
    with desk.store.writing() as session:
        feed = catch_up_edits.start(
            session,
            the_series(desk.store),
            pace=daily(time(7), date(2026, 3, 1)),
            zone="UTC",
            posts=posts,
            after=after,
            actor="alice",
            now=START,
        )
        return Reader(desk, feed.id)


def a_reader_of(store: Store, folder: Path, chapters: int) -> Reader:
    """Of a primer with so many chapters, all of them out for years."""
    desk = a_desk(store, folder, chapters=chapters)
    desk.write()
    return a_reader(desk)


def _newest(shown: list[Given]) -> list[Given]:
    return sorted(shown, key=lambda one: (one.due, one.post.seq), reverse=True)[:100]
