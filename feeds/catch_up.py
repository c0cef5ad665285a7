"""The document of a catch-up feed: entries of its series, dated by when its reader got them. Nothing is written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from db import published
from db.engine import Store
from db.tables import CatchUpFeed, Series
from feeds.archive import ARCHIVE
from feeds.document import document
from feeds.encode import Encoder
from feeds.ended import beside, ended_entry_of
from feeds.form import Form
from feeds.fragment import Piece, fragment, piece
from feeds.head import Deleted
from feeds.moments import rfc3339
from feeds.publication import Publication

MOST = ARCHIVE
"""Entries in one document, the newest: readers keep what they saw before."""

_DATE = {name: re.compile(f"<{name}>[^<]*</{name}>".encode()) for name in ("published", "updated")}


class Had(NamedTuple):
    """A post that the feed has since `due`."""

    post_id: int
    due: datetime


@dataclass(frozen=True, kw_only=True)
class Holding:
    """What a feed holds: its posts in order, what was withdrawn since it had it, and since when it is live, if it is.

    `changed` is when anything came back into it, if ever.
    """

    had: Sequence[Had]
    gone: Sequence[Deleted] = ()
    live_since: datetime | None = None
    changed: datetime | None = None


class Made(NamedTuple):
    """UTF-8 bytes, and when something in them last changed."""

    body: bytes
    changed: datetime


@dataclass(frozen=True)
class CatchUpWriter:
    """Makes documents on request."""

    store: Store
    site: Publication

    def atom(self, feed: CatchUpFeed, series: Series, url: str, holding: Holding) -> Made:
        """The feed as Atom, at its private address `url`; the same bytes for the same posts and dues."""
        ends = self._ends(series, holding)
        had = holding.had[-(MOST - len(ends)) :]
        with self.store.reading() as session:
            items = published.those(session, [one.post_id for one in had])
            written_at = published.written_at(session, [item.revision_id for item in items.values()])
        there = [one for one in had if one.post_id in items]
        pieces = Encoder(self.store, self.site, reads=True).pieces(
            [items[one.post_id] for one in there], Form.ATOM, mixed=False
        )
        entries = [*(redated(of, one.due) for of, one in zip(pieces, there, strict=True)), *ends]
        id = beside(series.entry_id, f"catch-up-{feed.id}")
        head = self.site.of_catch_up(series, url, id=id, made_at=feed.created_at, ended=bool(ends))
        changes = (*(one.changed for one in entries), *(one.when for one in holding.gone), holding.changed, written_at)
        gone = sorted(holding.gone, reverse=True)[: published.TOMBSTONES]
        return Made(
            document(Form.ATOM, head, entries, gone),
            max((change for change in changes if change is not None), default=feed.created_at),
        )

    def _ends(self, series: Series, holding: Holding) -> list[Piece]:
        """What is said to who has all of a series that has ended: after its last chapter."""
        if series.ended_at is None or holding.live_since is None:
            return []
        with self.store.reading() as session:
            chapters = published.count_out(session, series.id)
        at = max([series.ended_at, holding.live_since, *(one.due for one in holding.had[-1:])])
        said = replace(
            ended_entry_of(self.site, series, chapters=chapters), published=at, updated=at, rank=series.last_seq + 1
        )
        return [piece(said, fragment(Form.ATOM, said.entry()))]


def redated(of: Piece, due: datetime) -> Piece:
    """The encoded Atom entry as it would be had it been published when it was due, and not changed before that."""
    changed = max(of.changed, due)
    body = _DATE["published"].sub(f"<published>{rfc3339(due)}</published>".encode(), of.body, count=1)
    body = _DATE["updated"].sub(f"<updated>{rfc3339(changed)}</updated>".encode(), body, count=1)
    return of._replace(published=due, changed=changed, body=body)
