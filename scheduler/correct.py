"""Correcting what is out: withdrawing, restoring, renaming, ending, retiring. Ids stay; former addresses lead on."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from db import feed_work, installation, moves, plans, posts, tags
from db import series as all_series
from db.engine import Store
from db.errors import BadValue
from db.kept import noted
from db.said import say, worded
from db.states import PostState
from db.tables import Audit, Post, Series, Withdrawal
from importers.slugs import trouble_with
from scheduler.edit.diff import Action
from scheduler.naming import named
from text.addresses import RESERVED_POST_SLUGS, RESERVED_SERIES_SLUGS, check_slug

log = structlog.get_logger()


def withdraw(session: Session, series: Series, slug: str, *, actor: str, now: datetime) -> None:
    """Take back a post that is out: its page is gone, feeds say so, letters to come leave it out. Raises BadValue."""
    series, post = _locked(session, series, slug)
    if post.state != PostState.released:
        words = say(
            "%(slug)s is %(state)s, not out; only what is out can be withdrawn", slug=slug, state=named(post.state)
        )
        english = f"{slug} is {post.state}, not out; `fascicle plan remove` takes a post out of the plan"
        raise BadValue(worded(english, words))
    post.state, post.withdrawn_at = PostState.withdrawn, now
    _corrected(session, series, [post], say("withdraw %(post)s", post=slug), actor=actor, now=now)


def restore(session: Session, series: Series, slug: str, *, actor: str, now: datetime) -> None:
    """Put a withdrawn post back, with the seq it had: only readers who have not come to it yet get it by mail."""
    series, post = _locked(session, series, slug)
    if post.state != PostState.withdrawn or post.seq is None:
        values = {"slug": slug, "state": named(post.state)}
        raise BadValue(say("%(slug)s is %(state)s; only what was withdrawn can be restored", **values))
    assert post.withdrawn_at is not None
    session.add(Withdrawal(post_id=post.id, withdrawn_at=post.withdrawn_at, restored_at=now))
    post.state, post.withdrawn_at = PostState.released, None
    _corrected(session, series, [post], say("restore %(post)s", post=slug), actor=actor, now=now)


def rename_post(session: Session, series: Series, slug: str, new: str, *, actor: str, now: datetime) -> None:
    """Give a post another slug; the address it had leads on to the new one. Raises BadValue."""
    series, post = _locked(session, series, slug)
    if trouble := trouble_with(new, RESERVED_POST_SLUGS):
        raise BadValue(say("post %(slug)r: %(trouble)s", slug=new, trouble=trouble))
    if any(written.post.slug == new for written in posts.of_series(session, series.id)):
        raise BadValue(say("%(series)s has a post %(slug)r already", series=series.slug, slug=new))
    if post.seq is not None:
        moves.note_post(session, post, now=now)
    moves.forget_post(session, series.id, new)
    post.slug = new
    _corrected(session, series, [post], say("rename %(old)s to %(new)s", old=slug, new=new), actor=actor, now=now)


def rename_series(session: Session, series: Series, new: str, *, actor: str, now: datetime) -> None:
    """Give a series another slug; all addresses it had lead on to the new ones. Raises BadValue."""
    series = all_series.lock(session, series.id)
    if trouble := check_slug(new, RESERVED_SERIES_SLUGS):
        raise BadValue(f"series {new!r}: {trouble}")
    if all_series.find(session, new):
        raise BadValue(f"series {new!r} is there already")
    old = series.slug
    moves.note_series(session, series, now=now)
    moves.forget_series(session, new)
    series.slug = new
    feed_work.want(session, [feed_work.gone(old)])
    _all_corrected(
        session, series, say("rename the series from %(old)s to %(new)s", old=old, new=new), actor=actor, now=now
    )


def end(session: Session, series: Series, *, actor: str, now: datetime) -> None:
    """Say in the feed of a series that it has come to its end. Raises BadValue unless all of it is out."""
    series = all_series.lock(session, series.id)
    if series.ended_at is not None:
        raise BadValue(f"{series.slug} has ended on {series.ended_at:%Y-%m-%d} already")
    if any(written.post.state == PostState.planned for written in posts.of_series(session, series.id)):
        raise BadValue(f"{series.slug} has planned posts still; release them or take them out of the plan first")
    series.ended_at = now
    _audit(session, series, say("end of the series"), actor=actor, now=now)
    feed_work.want(session, [feed_work.topic_of(series.id), feed_work.OPML])


def reopen(session: Session, series: Series, *, actor: str, now: datetime) -> None:
    """Let a series that has ended, or is retired, go on; what was planned then is a draft now. Raises BadValue."""
    series = all_series.lock(session, series.id)
    if series.ended_at is None and series.retired_at is None:
        raise BadValue(f"{series.slug} has neither ended nor is it retired")
    for post, _ in posts.of_series(session, series.id):
        if series.retired_at is not None and post.withdrawn_at == series.retired_at:
            # No withdrawal of this post: who catches up goes on as if the series had not been away.
            post.state, post.withdrawn_at = PostState.released, None
    series.ended_at = series.retired_at = None
    _all_corrected(session, series, say("the series goes on"), actor=actor, now=now)


def retire(session: Session, series: Series, *, actor: str, now: datetime) -> None:
    """Take a series off the site: its addresses say that it is gone, and nothing of it comes out. Raises BadValue."""
    series = all_series.lock(session, series.id)
    if series.retired_at is not None:
        raise BadValue(f"{series.slug} is retired since {series.retired_at:%Y-%m-%d} already")
    series.retired_at = now
    feed_work.want(session, [feed_work.gone(series.slug)])
    _all_corrected(session, series, say("retire the series"), actor=actor, now=now)
    for post, _ in posts.of_series(session, series.id):
        if post.state == PostState.released:
            post.state, post.withdrawn_at = PostState.withdrawn, now
        elif post.state == PostState.planned:
            post.state, post.due_at = PostState.draft, None
            post.wall = post.wall if post.pinned else None


def move_site(store: Store, url: str, *, now: datetime) -> None:
    """Notice that the site has another address than its documents say; all are written anew, with their old ids."""
    with store.reading() as session:
        if installation.the(session).site_url == url:
            return
    with store.writing() as session:
        house = installation.the(session)
        before, house.site_url = house.site_url, url
        topics = [feed_work.ALL, feed_work.OPML, *(feed_work.tag(tag) for tag in tags.every(session))]
        for series in all_series.lock_all(session, [one.slug for one in all_series.all_series(session)]).values():
            topics.append(feed_work.topic_of(series.id))
            if before is not None:
                all_series.new_generation(series)
        feed_work.want(session, topics)
        if before is not None:
            log.info("site moved", before=before, now=url, at=now)


def _locked(session: Session, series: Series, slug: str) -> tuple[Series, Post]:
    return all_series.lock(session, series.id), posts.by_slug(session, series, slug).post


def _corrected(
    session: Session, series: Series, changed: Sequence[Post], words: str, *, actor: str, now: datetime
) -> None:
    _audit(session, series, words, actor=actor, now=now)
    if any(post.seq is not None and post.seq <= series.archived_seq for post in changed):
        all_series.new_generation(series)
    topics = [feed_work.topic_of(series.id), feed_work.ALL]
    topics += [feed_work.tag(tag) for tag in tags.of_posts(session, [post.id for post in changed])]
    feed_work.want(session, topics)
    session.flush()


def _all_corrected(session: Session, series: Series, words: str, *, actor: str, now: datetime) -> None:
    _audit(session, series, words, actor=actor, now=now)
    all_series.new_generation(series)
    topics = [feed_work.topic_of(series.id), feed_work.ALL, feed_work.OPML]
    feed_work.want(session, [*topics, *(feed_work.tag(tag) for tag in tags.of_series(session, series.id))])
    session.flush()


def _audit(session: Session, series: Series, words: str, *, actor: str, now: datetime) -> None:
    detail = {**noted(words), "last_seq": series.last_seq}
    subject = plans.subject(series.id)
    session.add(Audit(at=now, actor=actor, action=Action.correction, subject=subject, detail=detail))
    series.version += 1
