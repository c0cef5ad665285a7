"""Writing posts by hand: a new one, other words for one that is there, the words of an earlier revision again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from db import audit, posts, revisions
from db import series as all_series
from db.errors import BadValue, FascicleError
from db.said import say, worded
from db.tables import Post, Revision, Series
from importers.slugs import trouble_with
from scheduler import correct
from scheduler.edit import Relabel, apply_at_once
from scheduler.edit.edits import check_number
from scheduler.placing import WORDS
from scheduler.wording import Wording, new_post, revise, want_feeds, wording_of
from text.addresses import RESERVED_POST_SLUGS


class EditedMeanwhile(FascicleError):
    """Somebody else has given the post other words since this edit began; nothing was done."""

    def __init__(self, now: Revision) -> None:
        who = now.actor or say("somebody")
        super().__init__(
            say("%(who)s has saved revision %(number)s since you began; nothing was done", who=who, number=now.number)
        )
        self.number = now.number


@dataclass(frozen=True, kw_only=True)
class Manuscript:
    """A post as somebody wrote it in an editor."""

    slug: str
    number: str | None
    wording: Wording


@dataclass(frozen=True)
class Saved:
    """The post after it was saved; `revision` is None when its words were the same before."""

    post: Post
    revision: Revision | None


def create(session: Session, series: Series, written: Manuscript, *, actor: str, now: datetime) -> Post:
    """A new post, as a draft: it comes out when somebody has put it into the plan. Raises BadValue."""
    series = all_series.lock(session, series.id)
    if series.retired_at is not None:
        retired = say("%(title)s is retired, and takes in no more", title=series.title)
        raise BadValue(
            worded(f"{series.title} is retired; `fascicle series reopen {series.slug}` comes first", retired)
        )
    _check(written)
    if posts.has_slug(session, series.id, written.slug):
        values = {"title": series.title, "slug": written.slug}
        raise BadValue(say("%(title)s has a post %(slug)r already; choose another slug", **values))
    post = new_post(session, series, written.slug, entry_id=None, now=now)
    post.number = written.number
    words = revise(session, post, written.wording, actor=actor, now=now)
    series.version += 1
    _note(session, series, post, f"write {words.title!r}", actor=actor, now=now)
    return post


def save(
    session: Session,
    series: Series,
    slug: str,
    written: Manuscript,
    *,
    based_on: int,
    minor: bool,
    actor: str,
    now: datetime,
) -> Saved:
    """Other words for a post, over the revision that the edit began with; the feeds follow when it is out.

    Raises EditedMeanwhile when that is not the newest any more, and BadValue for what cannot be; the caller rolls back.
    """
    series, post, before = _locked(session, series, slug, based_on=based_on)
    _check(written)
    if written.slug != slug:
        correct.rename_post(session, series, slug, written.slug, actor=actor, now=now)
    if written.number != post.number:
        apply_at_once(session, series, Relabel(written.slug, written.number), actor=actor, now=now)
    session.refresh(post)
    if written.wording.digest == before.digest:
        return Saved(post, None)
    words = _put(session, series, post, written.wording, before=before, minor=minor, actor=actor, now=now)
    _note(session, series, post, f"save revision {words.number}", actor=actor, now=now)
    return Saved(post, words)


def restore_revision(
    session: Session, series: Series, slug: str, number: int, *, based_on: int, actor: str, now: datetime
) -> Saved:
    """The words of an earlier revision again, as a new one. Raises as `save` does."""
    series, post, before = _locked(session, series, slug, based_on=based_on)
    earlier = revisions.numbered(session, post.id, number)
    if earlier is None:
        values = {"slug": slug, "number": number}
        raise BadValue(say("%(slug)s has no revision %(number)s; its list of revisions shows those it has", **values))
    if earlier.digest == before.digest:
        return Saved(post, None)
    wording = wording_of(session, earlier)
    words = _put(session, series, post, wording, before=before, minor=False, actor=actor, now=now)
    _note(session, series, post, f"revision {number} again, as {words.number}", actor=actor, now=now)
    return Saved(post, words)


def _put(
    session: Session,
    series: Series,
    post: Post,
    wording: Wording,
    *,
    before: Revision,
    minor: bool,
    actor: str,
    now: datetime,
) -> Revision:
    if post.said is not None and WORDS not in post.said:
        # Taken in when that was not noted yet: until now all its words came from a source.
        post.said = {**post.said, WORDS: before.digest}
    words = revise(session, post, wording, actor=actor, now=now, minor=minor)
    if post.seq is not None:
        want_feeds(session, series)
    return words


def _locked(session: Session, series: Series, slug: str, *, based_on: int) -> tuple[Series, Post, Revision]:
    """Raises PostNotFound, or EditedMeanwhile."""
    series = all_series.lock(session, series.id)
    post, words = posts.by_slug(session, series, slug)
    if words.number != based_on:
        raise EditedMeanwhile(words)
    return series, post, words


def _check(written: Manuscript) -> None:
    if trouble := trouble_with(written.slug, RESERVED_POST_SLUGS):
        raise BadValue(say("the slug %(slug)r %(trouble)s", slug=written.slug, trouble=trouble))
    check_number(written.number)


def _note(session: Session, series: Series, post: Post, words: str, *, actor: str, now: datetime) -> None:
    detail = {"words": words, "post": f"{series.slug}/{post.slug}"}
    audit.note(session, who=actor, action="write", subject=f"post:{post.id}", at=now, detail=detail)
