"""import, posts: bringing writing in, and looking at it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from db import posts
from db import series as all_series
from db.errors import BadValue
from fascicle.cli import correcting
from fascicle.cli.context import JsonOption, NowOption, app_of, moment
from fascicle.cli.output import listing, record, say
from importers.listing import read_listing
from importers.markdown import read_folder
from importers.values import PostSource
from scheduler.intake import Change, NewSeries, Taken, take_in
from scheduler.rehearsal import done, rehearsed


def import_(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="A folder of Markdown, or a listing (.csv, .yaml).")],
    series: Annotated[str | None, typer.Option(help="The series that the posts of a folder belong to.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen; write nothing.")] = False,
    minor: Annotated[bool, typer.Option("--minor", help="Changes to posts that are out are no news.")] = False,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take in posts: all of them, or none when anything is wrong. Again, and only what changed is taken."""
    sources = _read(source, series)
    with app_of(context) as app:
        at = moment(app, now)
        defaults = NewSeries(app.config.site.zone, app.config.site.language)

        def take(session: Session) -> list[Taken]:
            return take_in(session, sources, slug=series, defaults=defaults, now=at, minor=minor)

        taken = rehearsed(app.store, take) if dry_run else done(app.store, take)
    listing([_row(one) for one in taken], as_json=as_json, empty="Nothing to take in.")
    if not as_json:
        moved = sum(one.change is Change.moved for one in taken)
        changed = sum(one.change in (Change.new, Change.changed) for one in taken)
        would = "would be" if dry_run else "were"
        say(f"{changed} of {len(taken) - moved} posts {would} taken in or changed.")
        if moved:
            others = "1 other post" if moved == 1 else f"{moved} other posts"
            say(f"{others} {would} moved to make room.")


def _read(source: Path, series: str | None) -> Sequence[PostSource]:
    if source.is_dir():
        if series is None:
            raise BadValue(f"{source} is a folder: say which series its posts belong to, with --series SLUG")
        return read_folder(source)
    return read_listing(source)


def _row(one: Taken) -> dict[str, object]:
    return {
        "series": one.series,
        "number": one.number,
        "title": one.title,
        "slug": one.slug,
        "change": one.change.value,
        "state": one.state,
        "when": one.wall,
        "zone": one.zone,
    }


def list_posts(
    context: typer.Context,
    series: Annotated[str | None, typer.Argument(help="Only the posts of this series.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Posts in the order of their plan."""
    with app_of(context) as app, app.store.reading() as session:
        chosen = [all_series.by_slug(session, series)] if series else all_series.all_series(session)
        rows = [
            {
                "series": one.slug,
                "number": written.post.number,
                "title": written.words.title,
                "slug": written.post.slug,
                "state": written.post.state,
                "when": written.post.wall,
                "zone": written.post.zone,
                "pinned": "pinned" if written.post.pinned else "",
                "seq": written.post.seq,
            }
            for one in chosen
            for written in posts.of_series(session, one.id)
        ]
    listing(rows, as_json=as_json, empty="No posts yet. `fascicle import FOLDER --series SLUG` brings them.")


def show_post(context: typer.Context, series: str, slug: str, as_json: JsonOption = False) -> None:
    """One post: its plan, its words."""
    with app_of(context) as app, app.store.reading() as session:
        written = posts.by_slug(session, all_series.by_slug(session, series), slug)
    post, words = written
    values = {
        "title": words.title,
        "series": series,
        "slug": post.slug,
        "number": post.number,
        "state": post.state,
        "when": post.wall,
        "zone": post.zone,
        "due_at": post.due_at,
        "seq": post.seq,
        "id": post.entry_id,
        "revision": words.number,
        "tags": words.tags,
        "summary": words.summary,
        "body": words.body,
    }
    record(values, as_json=as_json)


def add_to(app: typer.Typer) -> None:
    app.command("import")(import_)
    group = typer.Typer(help="Posts.", no_args_is_help=True)
    group.command("list")(list_posts)
    group.command("show")(show_post)
    correcting.add_to_posts(group)
    app.add_typer(group, name="posts")
