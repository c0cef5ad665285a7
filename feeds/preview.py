"""The feed of a series as it will be. Nothing is written, and no entry of a post that is not out is kept anywhere."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from db import expected, published
from db.expected import Out
from db.published import Gone
from db.tables import Post, Series
from feeds.archive import pages
from feeds.check.entries import Entries
from feeds.document import written
from feeds.ended import ended_entry_of
from feeds.form import Form
from feeds.fragment import fragment
from feeds.head import Deleted
from feeds.ingredients import Ingredients
from feeds.publication import Publication


@dataclass(frozen=True)
class Coming:
    """What feeds of a series are made of at a moment to come, when all that is planned until then comes out in time.

    `live` are the posts of the live feed, the newest last; `archives` how many archives it continues in.
    """

    series: Series
    site: Publication
    entries: Entries
    every: tuple[Out, ...]
    live: tuple[Out, ...]
    gone: tuple[Gone, ...]
    archives: int

    def document(self, form: Form) -> bytes:
        """The live feed."""
        entries: list[Ingredients] = [self.entries.now(one) for one in self.live]
        if self.series.ended_at is not None:
            entries.append(ended_entry_of(self.site, self.series, chapters=len(self.every)))
        deleted = [Deleted(one.withdrawn_at, one.entry_id) for one in self.gone]
        head = self.site.of_series(self.series, archives=self.archives)
        return written(form, head, [entry.entry() for entry in entries], deleted)

    def entry(self, form: Form, slug: str) -> bytes | None:
        """The entry of one post; None for one that is not out by then."""
        found = next((one for one in self.every if one.post.slug == slug), None)
        return None if found is None else fragment(form, self.entries.now(found).entry())


def entry_of(session: Session, site: Publication, series: Series, post: Post, *, at: datetime) -> Ingredients:
    """The entry of one post, whatever its state, as if it came out at a moment unless it is out already."""
    released_at = expected.released_at(session, post.id)
    words = expected.revisions(session, [post.id])
    files = expected.files(session, [one.id for one in words[post.id]])
    seq = series.last_seq + 1 if post.seq is None else post.seq
    return Entries(site, words, files).now(Out(post, series, released_at or at, seq, silent=False))


def coming(session: Session, site: Publication, series: Series, *, now: datetime, at: datetime) -> Coming:
    """What is out, and what the plan brings until `at`; what is overdue comes out `now`."""
    out = [one for one in expected.released(session) if one.series.id == series.id]
    planned = expected.planned(session, series.id, until=at)
    every = [*out, *(_out(series, post, place, now=now) for place, post in enumerate(planned, 1))]
    words = expected.revisions(session, [one.post.id for one in every])
    files = expected.files(session, [one.id for states in words.values() for one in states])
    cut = pages([_seq(one) for one in every if _seq(one) > series.archived_seq])
    live = set(cut.live)
    again = {item.post_id for item in published.resurfaced(session, series)}
    return Coming(
        series=series,
        site=site,
        entries=Entries(site, words, files),
        every=tuple(every),
        live=tuple(one for one in every if one.post.id in again or _seq(one) in live),
        gone=tuple(published.gone_of_series(session, series.id)),
        archives=len(published.archives(session, series)) + len(cut.frozen),
    )


def _out(series: Series, post: Post, place: int, *, now: datetime) -> Out:
    assert post.due_at is not None
    return Out(post, series, max(post.due_at, now), series.last_seq + place, silent=False)


def _seq(one: Out) -> int:
    """A planned post has none yet; what stands for its release is the seq that it will have."""
    return one.release_id if one.post.seq is None else one.post.seq
