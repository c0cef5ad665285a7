"""feeds catch-up: private feeds by which somebody catches up with a series at a pace of their own."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from db import catch_up_feeds, tokens
from db import series as all_series
from db.errors import BadValue
from db.tables import CatchUpFeed, Series
from fascicle.app import App
from fascicle.cli.context import JsonOption, app_of, operator, parse_instant
from fascicle.cli.output import listing, record
from mail.tokens import CATCH_UP
from scheduler import catch_up_edits
from scheduler.cadence import Cadence, parse_words
from scheduler.catch_up_feed import Reached, course_of, reached
from scheduler.catchup import MOST_POSTS
from timing.wall import is_zone, to_wall

SeriesName = Annotated[str, typer.Argument(metavar="SERIES", help="The slug of the series.")]
OneSeries = Annotated[str | None, typer.Argument(metavar="[SERIES]", help="Only feeds of this series.")]
Id = Annotated[int, typer.Argument(metavar="ID", help="The feed, by the id that `feeds catch-up list` shows.")]
From = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="CHAPTER", help="The first chapter: its number, its slug, or its place if none has a number."
    ),
]
PaceOption = Annotated[str, typer.Option(metavar="WORDS", help="When the next step comes, as a cadence.")]
Words = Annotated[str | None, typer.Argument(metavar="[WORDS]", help="The new pace, as 'every weekday at 07:00'.")]
Posts = Annotated[int, typer.Option(min=1, max=MOST_POSTS, help="Chapters in a step.")]
OtherPosts = Annotated[int | None, typer.Option(min=1, max=MOST_POSTS, help="Chapters in a step from now on.")]
Zone = Annotated[str | None, typer.Option(help="The reader's zone, such as Europe/Riga; the series' unless given.")]
Name = Annotated[str, typer.Option(help="Whose feed it is, for your own lists; readers do not see it.")]
At = Annotated[
    str | None,
    typer.Option(metavar="INSTANT", help="How far it will be at this instant with what is out; now unless given."),
]
Renew = Annotated[bool, typer.Option("--renew", help="Give the feed another address and let it go on.")]


def start(
    context: typer.Context,
    series: SeriesName,
    first: From = None,
    pace: PaceOption = "every day at 07:00",
    posts: Posts = 1,
    zone: Zone = None,
    name: Name = "",
    as_json: JsonOption = False,
) -> None:
    """Start a feed for one reader and print its private address."""
    with app_of(context) as app, app.store.writing() as session:
        now, found = app.now(), all_series.by_slug(session, series)
        zone = _zone(zone or found.zone)
        feed = catch_up_edits.start(
            session,
            found,
            pace=_pace(pace, zone, now),
            zone=zone,
            posts=posts,
            after=catch_up_edits.before_chapter(session, found, first) if first else 0,
            name=name,
            actor=operator(),
            now=now,
        )
        shown = _values(app, session, feed, found, now=now)
    record(shown, as_json=as_json)


def list_feeds(context: typer.Context, series: OneSeries = None, as_json: JsonOption = False) -> None:
    """Feeds with how far they are; not those that were revoked."""
    with app_of(context) as app, app.store.reading() as session:
        of = all_series.by_slug(session, series).id if series else None
        feeds = catch_up_feeds.every(session, of)
        rows = [_values(app, session, feed, found, now=app.now()) for feed, found in feeds]
    if not as_json:
        rows = [{name: row[name] for name in ("id", "name", "series", "pace", "state", "has", "next")} for row in rows]
    listing(rows, as_json=as_json, empty="No catch-up feeds: `fascicle feeds catch-up start SERIES` makes one.")


def show(context: typer.Context, feed_id: Id, at: At = None, as_json: JsonOption = False) -> None:
    """One feed: its address, its pace, how far it is, what comes next."""
    with app_of(context) as app, app.store.reading() as session:
        shown = _values(
            app, session, *catch_up_feeds.by_id(session, feed_id), now=parse_instant(at) if at else app.now()
        )
    record(shown, as_json=as_json)


def pause(context: typer.Context, feed_id: Id, as_json: JsonOption = False) -> None:
    """Take no steps until the feed is resumed."""
    _edit(context, feed_id, catch_up_edits.pause, as_json=as_json)


def resume(context: typer.Context, feed_id: Id, as_json: JsonOption = False) -> None:
    """Go on with the next slot of the pace."""
    _edit(context, feed_id, catch_up_edits.resume, as_json=as_json)


def pace(
    context: typer.Context, feed_id: Id, words: Words = None, posts: OtherPosts = None, as_json: JsonOption = False
) -> None:
    """Go faster or slower from now on; what the feed has stays as it is."""
    if words is None and posts is None:
        raise BadValue("which pace? Name one, as 'every weekday at 07:00', or --posts 2, or both")

    def change(session: Session, feed_id: int, *, actor: str, now: datetime) -> CatchUpFeed:
        zone = catch_up_feeds.by_id(session, feed_id)[0].zone
        new = _pace(words, zone, now) if words else None
        return catch_up_edits.change_pace(session, feed_id, pace=new, posts=posts, actor=actor, now=now)

    _edit(context, feed_id, change, as_json=as_json)


def next_(context: typer.Context, feed_id: Id, as_json: JsonOption = False) -> None:
    """Take the next step now, beside those of the pace."""
    _edit(context, feed_id, catch_up_edits.next_now, as_json=as_json)


def revoke(context: typer.Context, feed_id: Id, renew: Renew = False, as_json: JsonOption = False) -> None:
    """Let the feed's address lead nowhere from now on."""

    def taken_back(session: Session, feed_id: int, *, actor: str, now: datetime) -> CatchUpFeed:
        return catch_up_edits.revoke(session, feed_id, renew=renew, actor=actor, now=now)

    _edit(context, feed_id, taken_back, as_json=as_json)


def _edit(context: typer.Context, feed_id: int, what: Callable[..., CatchUpFeed], *, as_json: bool) -> None:
    """Do it now, then show the feed as it is."""
    with app_of(context) as app, app.store.writing() as session:
        now = app.now()
        what(session, feed_id, actor=operator(), now=now)
        session.flush()
        shown = _values(app, session, *catch_up_feeds.by_id(session, feed_id), now=now)
    record(shown, as_json=as_json)


def _zone(name: str) -> str:
    if not is_zone(name):
        raise BadValue(f"{name!r} is not a zone; write it as Europe/Riga")
    return name


def _pace(words: str, zone: str, now: datetime) -> Cadence:
    """Counted from the reader's own today, unless the words say from when."""
    return parse_words(words, start=to_wall(now, zone).date())


def _values(app: App, session: Session, feed: CatchUpFeed, series: Series, *, now: datetime) -> dict[str, Any]:
    course = course_of(feed)
    out = catch_up_feeds.out(session, series.id, after=feed.after)
    far = reached(course, out, now=now)
    last = course.stretches[-1]
    return {
        "id": feed.id,
        "name": feed.name,
        "series": series.slug,
        "address": _address(app, session, feed, series),
        "pace": last.pace.in_words(),
        "posts": last.posts,
        "zone": feed.zone,
        "state": _state(feed, series, far, paused=last.paused),
        "has": f"{len(far.shown)} of {sum(1 for one in out if one.withdrawn_at is None)}",
        "next": far.next_due,
        "caught_up": far.joined_at,
    }


def _address(app: App, session: Session, feed: CatchUpFeed, series: Series) -> str | None:
    if feed.revoked_at is not None:
        return None
    token = app.tokens.make(CATCH_UP, feed.id, tokens.counter(session, CATCH_UP, feed.id))
    return app.addresses.catch_up(series.slug, token)


def _state(feed: CatchUpFeed, series: Series, far: Reached, *, paused: bool) -> str:
    if feed.revoked_at is not None:
        return "revoked"
    if series.retired_at is not None:
        return "retired"
    if far.joined_at is not None:
        return "finished" if series.ended_at is not None else "live"
    return "paused" if paused else "catching up"


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Private feeds by which somebody catches up with a series.", no_args_is_help=True)
    group.command("start")(start)
    group.command("list")(list_feeds)
    group.command("show")(show)
    group.command("pause")(pause)
    group.command("resume")(resume)
    group.command("pace")(pace)
    group.command("next")(next_)
    group.command("revoke")(revoke)
    app.add_typer(group, name="catch-up")
