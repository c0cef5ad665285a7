"""letters outdated, letters correct: whose letter has the words from before a correction, and telling them of it."""

from typing import Annotated

import typer

from db import corrections, posts
from db import series as all_series
from db.corrections import Holders
from fascicle.cli.context import JsonOption, app_of, operator
from fascicle.cli.output import listing, record, say
from scheduler import copies
from scheduler.corrections import holders, look_up, tell
from scheduler.steer import By
from timing.clocks import machine_now

SeriesName = Annotated[str, typer.Argument(metavar="SERIES", help="The slug of the series.")]
PostSlug = Annotated[str, typer.Argument(metavar="POST", help="The slug of the post.")]
NoteOption = Annotated[str, typer.Option("--note", metavar="TEXT", help="What has changed, in a line for readers.")]


def outdated(context: typer.Context, series: SeriesName, post: PostSlug, as_json: JsonOption = False) -> None:
    """Name those whose letter carries another revision of a post than the present one, such as before a correction."""
    with app_of(context) as app, app.store.reading() as session:
        row = posts.by_slug(session, all_series.by_slug(session, series), post).post
        rows = [
            {
                "address": letter.address,
                "revision": letter.revision,
                "edition": letter.edition,
                "state": letter.state,
                "at": letter.settled_at,
            }
            for letter in corrections.outdated(session, row)
        ]
    listing(rows, as_json=as_json, empty="No letter carries another revision than the present one.")


def correct(
    context: typer.Context,
    series: SeriesName,
    post: PostSlug,
    note: NoteOption,
    revision: Annotated[
        list[int] | None, typer.Option("--revision", help="Only letters with this revision; may be said again.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many it would be.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Tell those whose letter has the words from before a correction, each once: a short letter with your note."""
    with app_of(context) as app:
        copies.check(app.store, app.config.node_file)
        with app.store.reading() as session:
            found = look_up(session, series, post, note=note, revisions=revision or ())
            who = holders(session, found)
        if not as_json:
            _say(who)
        told = 0
        if who.to_tell and not dry_run and (yes or typer.confirm("Send it?", default=False)):
            by = By(operator(), machine_now(), note)
            told = tell(app.store, app.house, found, by, now=app.now())
    if as_json:
        record({"edition": found.key, **who._asdict(), "written": told}, as_json=True)
    elif told:
        say(f"{_counted(told, 'letter')} on the way: edition {found.key}.")


def _say(who: Holders) -> None:
    say(f"{_counted(who.to_tell, 'reader')} to be told.")
    for count, words in (
        (who.told, "told already, or about to be"),
        (who.paused, "with a pause, who can be told after it: ask again then"),
        (who.gone, "who got the chapter and left since"),
    ):
        if count:
            say(f"{_counted(count, 'reader')} {words}.")
    if who.under_way:
        say(f"{_counted(who.under_way, 'letter')} with the old words under way still: ask again after that.")


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def add_to(group: typer.Typer) -> None:
    group.command("outdated")(outdated)
    group.command("correct")(correct)
