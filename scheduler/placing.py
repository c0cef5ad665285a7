"""Where imported posts go in a plan: what their sources say of number, date and draft, and what an operator said."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy.orm import Session

from db import feed_work, installation, plans, posts, releases, tags
from db.kept import noted
from db.said import say_count
from db.states import PostState, StoreKind
from db.tables import Audit, Post, Series
from importers.values import PostSource, number_key
from scheduler.cadence import parse_time
from scheduler.edit.apply import load, write_posts
from scheduler.edit.diff import Action
from scheduler.plan import settle, woven
from timing.wall import to_wall

WORDS = "words"
"""Under which a post notes, beside what its source said of the plan, the digest of the words it said."""


def hear(series: Series, post: Post, source: PostSource, *, words: str) -> frozenset[str]:
    """Take over what the source says of number, date and draft, and give the names of what that changes of the post.

    `words` is the digest of what it says besides, which is noted.

    Where it says what it said the last time, an operator's edit since then stands. A released post never moves.
    """
    wall = wall_time(source.wall, series)
    says = {"number": source.number, "date": source.wall and source.wall.isoformat(), "draft": source.draft}
    heard = {name for name in says if post.said is None or post.said.get(name) != says[name]}
    before = (post.number, (post.pinned, post.wall if post.pinned else None), post.state)
    post.said = says | {WORDS: words}
    if "number" in heard:
        post.number = source.number
    if post.seq is None and "date" in heard:
        post.pinned, post.earliest = wall is not None, None
        post.wall = wall or post.wall
    if post.seq is None and "draft" in heard and post.state in (PostState.draft, PostState.planned):
        post.state = PostState.draft if source.draft else PostState.planned
    if post.state == PostState.draft:
        # The slot it had is not its own any more; it gets another when it is finished.
        post.wall, post.due_at = post.wall if post.pinned else None, None
    after = (post.number, (post.pinned, post.wall if post.pinned else None), post.state)
    names = ("number", "date", "draft")
    return frozenset(
        name for name, old, new in zip(names, before, after, strict=True) if post.revision_id is None or old != new
    )


def wall_time(moment: date | datetime | None, series: Series) -> datetime | None:
    """A date without a time takes the series' hour."""
    if moment is None or isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, parse_time(series.hour))


def place(
    session: Session, series: Series, *, said: Mapping[str, frozenset[str]], actor: str, now: datetime
) -> frozenset[str]:
    """Give posts of whom a source says something new (by slug) their place in the plan; then release what is history.

    Gives the slugs of the others that had to move for it.
    The others keep their order. Only a post that was given its date just now can be history: one that was here before
    and is due is late, or held.
    """
    if not any(said.values()):
        return frozenset()
    session.flush()
    before = load(session, series)
    new = {post.key for post in before.waiting if said.get(post.slug)}
    waiting = woven(
        [post for post in before.waiting if post.key not in new],
        [post for post in before.waiting if post.key in new],
        # What was there stands where it comes; only what is new is looked at for a date of its own.
        date=lambda post: post.pin if post.key in new else post.wall,
        label=lambda post: (number_key(post.number), post.key),
    )
    after = settle(before.with_waiting(waiting), floor=to_wall(now, series.zone))
    write_posts(session, series.id, before, after, now=now)
    due = {post.key: post.due_at for post in before.waiting}
    moved = frozenset(post.slug for post in after.waiting if post.key not in new and due[post.key] != post.due_at)
    series.version += 1
    _record(session, series, sum(map(bool, said.values())), moves=len(moved), actor=actor, now=now)
    dated = {post.key for post in after.waiting if "date" in said.get(post.slug, ())}
    _release_history(session, series, dated, now=now)
    return moved


def _record(session: Session, series: Series, count: int, *, moves: int, actor: str, now: datetime) -> None:
    """What an import does to a plan cannot be taken back, and is a line of its history for that reason."""
    detail = {
        **noted(say_count("import of 1 post", "import of %(count)s posts", count)),
        "moves": moves,
        "last_seq": series.last_seq,
    }
    subject = plans.subject(series.id)
    session.add(Audit(at=now, actor=actor, action=Action.imported, subject=subject, detail=detail))


def _release_history(session: Session, series: Series, dated: set[int], *, now: datetime) -> None:
    """Posts dated in the past were out already: released on their own date, with no lateness, ping or letter."""
    if installation.the(session).kind == StoreKind.replay:
        return
    released = []
    for post in posts.due_of_series(session, series.id, now=now, limit=None):
        if post.id in dated and post.due_at is not None:
            releases.record(session, series, post, released_at=now, silent=True)
            released.append(post.id)
    feed_work.want(session, [feed_work.tag(tag) for tag in tags.of_posts(session, released)])
