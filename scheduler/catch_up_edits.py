"""What may be asked of a catch-up feed: to start, pause, resume, go at another pace, take a step now, end.

Each is noted with its moment, and changes nothing that was due by then. The caller commits.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from db import catch_up_feeds, posts, tokens
from db.errors import BadValue
from db.states import PostState
from db.tables import Audit, CatchUpFeed, Series
from importers.values import number_key
from mail.tokens import CATCH_UP
from scheduler.cadence import Cadence
from scheduler.catch_up_feed import Course, Reached, Step, Stretch, course_of, reached
from scheduler.catchup import MOST_POSTS
from timing.wall import is_zone


def how_far(session: Session, feed: CatchUpFeed, *, now: datetime) -> Reached:
    """How far a feed is by now."""
    return reached(course_of(feed), catch_up_feeds.out(session, feed.series_id, after=feed.after), now=now)


def start(
    session: Session,
    series: Series,
    *,
    pace: Cadence,
    zone: str,
    actor: str,
    now: datetime,
    posts: int = 1,
    after: int = 0,
    name: str = "",
) -> CatchUpFeed:
    """A new feed, whose first step is the first slot of its pace after now. Raises BadValue."""
    if series.retired_at is not None:
        raise BadValue(f"{series.slug} is retired; nobody can catch up with it")
    if not is_zone(zone):
        raise BadValue(f"{zone!r} is not a zone; write it as Europe/Riga")
    first = Stretch(now, pace, posts)
    _check_pace(first)
    feed = CatchUpFeed(
        series_id=series.id,
        name=name,
        zone=zone,
        after=after,
        stretches=[first.to_json()],
        asked=[],
        created_at=now,
    )
    session.add(feed)
    session.flush()
    _note(session, feed, "start", actor=actor, now=now)
    return feed


def pause(session: Session, feed_id: int, *, actor: str, now: datetime) -> CatchUpFeed:
    """Take no step after now. Raises BadValue for a feed that rests already, or is live."""
    feed, last = _walking(session, feed_id, now=now)
    if last.paused:
        raise BadValue(
            f"catch-up feed {feed_id} is paused already; `fascicle feeds catch-up resume {feed_id}` ends that"
        )
    _add(feed, replace(last, since=now, paused=True))
    _note(session, feed, "pause", actor=actor, now=now)
    return feed


def resume(session: Session, feed_id: int, *, actor: str, now: datetime) -> CatchUpFeed:
    """Go on with the first slot after now. Raises BadValue for a feed that is not paused."""
    feed, last = _walking(session, feed_id, now=now)
    if not last.paused:
        raise BadValue(f"catch-up feed {feed_id} is not paused")
    _add(feed, replace(last, since=now, paused=False))
    _note(session, feed, "resume", actor=actor, now=now)
    return feed


def change_pace(
    session: Session, feed_id: int, *, pace: Cadence | None, posts: int | None, actor: str, now: datetime
) -> CatchUpFeed:
    """Another pace, or number of posts a step, from now on; a pause goes on. Raises BadValue."""
    feed, last = _walking(session, feed_id, now=now)
    new = replace(last, since=now, pace=pace or last.pace, posts=last.posts if posts is None else posts)
    _check_pace(new)
    _add(feed, new)
    _note(session, feed, "pace", actor=actor, now=now)
    return feed


def next_now(session: Session, feed_id: int, *, actor: str, now: datetime) -> CatchUpFeed:
    """A step at this moment, beside those of the pace and even in a pause. Raises BadValue."""
    feed, last = _walking(session, feed_id, now=now)
    feed.asked = [*feed.asked, Step(now, last.posts).to_json()]
    _note(session, feed, "next", actor=actor, now=now)
    return feed


def revoke(session: Session, feed_id: int, *, renew: bool, actor: str, now: datetime) -> CatchUpFeed:
    """Let the feed's address lead nowhere; with `renew` it has another one. Raises BadValue."""
    feed, _ = catch_up_feeds.lock(session, feed_id)
    _refuse_revoked(feed)
    tokens.raise_counter(session, CATCH_UP, feed.id)
    if not renew:
        feed.revoked_at = now
    _note(session, feed, "renew" if renew else "revoke", actor=actor, now=now)
    return feed


def before_chapter(session: Session, series: Series, text: str) -> int:
    """The seq after which a feed begins so that this chapter comes first.

    A chapter is named by its number, or its slug; in a series without numbers by its place, 1 for the first that is
    out. Raises BadValue.
    """
    out = [written.post for written in posts.of_series(session, series.id) if written.post.state == PostState.released]
    out.sort(key=lambda post: post.seq or 0)
    named = [post for post in out if post.number is not None and number_key(post.number) == number_key(text)]
    named += [post for post in out if post.slug == text]
    if not named and text in map(str, range(1, len(out) + 1)) and not any(post.number for post in out):
        named = [out[int(text) - 1]]
    if not named or named[0].seq is None:
        raise BadValue(
            f"no chapter {text!r} of {series.slug} is out; `fascicle posts list {series.slug}` shows those that are"
        )
    return named[0].seq - 1


def _walking(session: Session, feed_id: int, *, now: datetime) -> tuple[CatchUpFeed, Stretch]:
    """A feed that has not met the live run, locked, with its last stretch. Raises BadValue for any other."""
    feed, series = catch_up_feeds.lock(session, feed_id)
    _refuse_revoked(feed)
    if series.retired_at is not None:
        raise BadValue(
            f"{series.slug} is retired, and its catch-up feeds with it; `fascicle series reopen` comes first"
        )
    course = course_of(feed)
    if now < _last_asked(course):
        raise BadValue(
            f"catch-up feed {feed_id} was changed at {_last_asked(course):%Y-%m-%d %H:%M:%SZ}; that is later"
        )
    joined_at = how_far(session, feed, now=now).joined_at
    if joined_at is not None:
        raise BadValue(
            f"catch-up feed {feed_id} has caught up with {series.slug} on {joined_at:%Y-%m-%d}: "
            "what comes out is in it at once"
        )
    return feed, course.stretches[-1]


def _last_asked(course: Course) -> datetime:
    return max(course.stretches[-1].since, *(step.at for step in course.asked), course.start)


def _refuse_revoked(feed: CatchUpFeed) -> None:
    if feed.revoked_at is not None:
        raise BadValue(f"catch-up feed {feed.id} was revoked on {feed.revoked_at:%Y-%m-%d}; start another one")


def _add(feed: CatchUpFeed, stretch: Stretch) -> None:
    feed.stretches = [*feed.stretches, stretch.to_json()]


def _check_pace(stretch: Stretch) -> None:
    """A pace must go on for as long as there are posts, which nobody knows beforehand."""
    if not 1 <= stretch.posts <= MOST_POSTS:
        raise BadValue(f"posts {stretch.posts}: from 1 to {MOST_POSTS} go into one step")
    if stretch.pace.rhythm is None or any(one.last is None for one in stretch.pace.blackouts):
        raise BadValue("a pace goes on and on; write such as every day at 07:00")


def _note(session: Session, feed: CatchUpFeed, action: str, *, actor: str, now: datetime) -> None:
    detail = {"stretches": len(feed.stretches), "asked": len(feed.asked)}
    session.add(Audit(at=now, actor=actor, action=f"catch-up {action}", subject=f"catch-up:{feed.id}", detail=detail))
