"""series, release: the serials and their coming out."""

from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer

from db import feed_work, posts
from db import series as all_series
from db.states import PostState
from db.tables import Series
from fascicle.app import App, working
from fascicle.cli import correcting
from fascicle.cli.context import JsonOption, NowOption, app_of, moment, operator
from fascicle.cli.output import listing, say, warn
from fascicle.seriesfile import read_series_file
from scheduler.cadence import Cadence
from scheduler.release import release_overdue
from scheduler.replay import calendar_of, leap
from scheduler.series_settings import Settings, apply

Zone = Annotated[str | None, typer.Option(help="IANA zone in which the series lives, such as Europe/Riga.")]
Every = Annotated[str | None, typer.Option(help="The rhythm: day, weekday, 'monday, thursday', '2 weeks', month …")]
Start = Annotated[str | None, typer.Option(help="The first day of the cadence, such as 2026-03-03.")]
At = Annotated[str | None, typer.Option(help="The time of day of the cadence, and of dates without one.")]
Missed = Annotated[str | None, typer.Option(help="When a moment was missed: release (late), hold or reflow.")]
Count = Annotated[int | None, typer.Option("--announced-count", min=1, help="How many chapters were announced.")]
Since = Annotated[str | None, typer.Option("--announced-from", help="The first day that was announced.")]
Until = Annotated[str | None, typer.Option("--announced-until", help="The last day that was announced.")]
Buffer = Annotated[int | None, typer.Option(min=0, help="Lint warns when fewer posts than this are planned ahead.")]
Off = Annotated[list[str], typer.Option("--lint-off", help="A rule of lint that does not count here.")]
On = Annotated[list[str], typer.Option("--lint-on", help="A rule of lint that counts again.")]


def list_series(context: typer.Context, as_json: JsonOption = False) -> None:
    """All series, with what is out and what comes next."""
    with app_of(context) as app, app.store.reading() as session:
        rows = []
        for one in all_series.all_series(session):
            written = [found.post for found in posts.of_series(session, one.id)]
            planned = [post for post in written if post.state == PostState.planned]
            rows.append(
                {
                    "slug": one.slug,
                    "title": one.title,
                    "cadence": _words(one),
                    "zone": one.zone,
                    "posts": len(written),
                    "released": one.last_seq,
                    "next": min((post.wall for post in planned if post.wall), default=None),
                    "held": one.held_reason,
                }
            )
    empty = (
        "No series yet. Give one a title and a rhythm: `fascicle series create SLUG --title … --every day --start …`"
    )
    listing(rows, as_json=as_json, empty=empty)


def _words(series: Series) -> str:
    return Cadence.from_json(series.cadence).in_words() if series.cadence else "dates of its own"


def create(
    context: typer.Context,
    slug: str,
    title: Annotated[str, typer.Option(help="The title that readers see.")],
    zone: Zone = None,
    every: Every = None,
    start: Start = None,
    at: At = None,
    missed: Missed = None,
) -> None:
    """Make a series."""
    settings = Settings.of(slug=slug, title=title, zone=zone, every=every, start=start, at=at, missed=missed)
    _apply(context, settings, must_exist=False)
    say(f"Series {slug} is there. Next: `fascicle import FOLDER --series {slug}`.")


def set_(
    context: typer.Context,
    slug: str,
    title: Annotated[str | None, typer.Option(help="The title that readers see.")] = None,
    every: Every = None,
    start: Start = None,
    at: At = None,
    missed: Missed = None,
    count: Count = None,
    since: Since = None,
    until: Until = None,
    buffer: Buffer = None,
    off: Off = [],  # noqa: B006 - Typer copies it
    on: On = [],  # noqa: B006
) -> None:
    """Change a series; a new cadence gives the posts that are not out yet new dates."""
    values = {"title": title, "at": at, "missed": missed, "buffer": buffer, "lint_off": off, "lint_on": on}
    announced = {"announced_count": count, "announced_from": since, "announced_until": until}
    settings = Settings.of(slug=slug, every=every, start=start, **values, **announced)
    moves = _apply(context, settings, must_exist=True)
    say(f"Series {slug} is changed.{_told_moves(slug, moves)}")
    if at and not (every or start):
        say("Dates without a time take the new hour; `--every` or `--start` beside it gives it to the cadence as well.")


def _told_moves(slug: str, moves: int) -> str:
    if not moves:
        return ""
    return f" {moves} {'post moves' if moves == 1 else 'posts move'}; `fascicle plan undo {slug}` takes that back."


def _apply(context: typer.Context, settings: Settings, *, must_exist: bool) -> int:
    with app_of(context) as app, app.store.writing() as session:
        if must_exist:
            all_series.by_slug(session, settings.slug)
        return apply(session, settings, **_given(app), create=not must_exist)


def _given(app: App) -> dict[str, Any]:
    """What applying settings needs to know beside them."""
    site = app.config.site
    return {"zone": site.zone, "language": site.language, "actor": operator(), "now": app.now()}


def load(context: typer.Context, file: Annotated[Path, typer.Argument(help="A YAML list of series.")]) -> None:
    """Make or change the series that a file describes, as examples/llm-primer/series.yaml does."""
    found = read_series_file(file)
    with app_of(context) as app, app.store.writing() as session:
        all_series.lock_all(session, [settings.slug for settings in found])
        for settings in found:
            moves = apply(session, settings, **_given(app), create=None)
            say(f"{settings.slug} is as {file.name} says.{_told_moves(settings.slug, moves)}")


def unhold(context: typer.Context, slug: str) -> None:
    """Let a held series go on: what is overdue is released now, late and in order."""
    with app_of(context) as app:
        now = app.now()
        with app.store.writing() as session:
            series = all_series.by_slug(session, slug)
            if series.held_at is None:
                say(f"Series {slug} is not held.")
                return
            all_series.unhold(session, series.id)
            count = release_overdue(session, series, now=now)
    say(f"Series {slug} goes on; {count} overdue {'post is' if count == 1 else 'posts are'} released.")


def release(context: typer.Context, now: NowOption = None, as_json: JsonOption = False) -> None:
    """Release what is due, once, and write the feeds it changes."""
    with app_of(context) as app, working(app, stopping=Event()) as passes:
        at = moment(app, now)
        replays = calendar_of(app.store) is not None
        done = leap(passes.clockwork, at) if replays else passes.clockwork.release(at)
        passes.write_feeds()
        passes.ping_hubs()
        with app.store.reading() as session:
            held, behind = all_series.held(session), feed_work.behind(session)
    rows = [
        {"series": one.series, "seq": one.seq, "number": one.number, "post": one.slug, "lateness_ms": one.lateness_ms}
        for one in done
    ]
    listing(rows, as_json=as_json, empty="Nothing is due.")
    for series in held:
        warn(f"{series.slug} is held: {series.held_reason}. `fascicle series unhold {series.slug}` lets it go on.")
    for _topic, problem in behind:
        warn(problem or "a feed is being written by another process")
    if held or behind:
        raise typer.Exit(1)


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Series.", no_args_is_help=True)
    group.command("list")(list_series)
    group.command("create")(create)
    group.command("set")(set_)
    group.command("load")(load)
    group.command("unhold")(unhold)
    correcting.add_to_series(group)
    app.add_typer(group, name="series")
    app.command()(release)
