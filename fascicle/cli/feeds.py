"""feeds build, check, preview: what is published."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, time, timedelta
from itertools import groupby
from threading import Event
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from db import expected, feed_work, posts, tags
from db import series as all_series
from db.errors import BadValue
from db.tables import Series
from fascicle.app import working
from fascicle.cli import catch_up
from fascicle.cli.context import JsonOption, app_of, parse_instant
from fascicle.cli.output import listing, say, warn
from feeds.check import Finding, Severity, paths_of, read_model
from feeds.check import check as look
from feeds.form import Form
from feeds.preview import coming
from feeds.storage import Storage
from scheduler.cadence import parse_date
from timing.wall import to_instant

All = Annotated[bool, typer.Option("--all", help="Write all feeds anew, not only those that are behind.")]
Archives = Annotated[bool, typer.Option("--archives", help="Archives too, under other addresses.")]
Paths = Annotated[list[str], typer.Argument(metavar="[PATH]…", help="Only these documents, as primer/feed.atom.")]
SeriesName = Annotated[str, typer.Argument(metavar="SERIES", help="The slug of the series.")]
FormOption = Annotated[Form, typer.Option("--form", help="atom, rss or json.")]
At = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="The end of this day in the series' zone, or an instant; now unless given."),
]
PostOption = Annotated[str | None, typer.Option("--post", metavar="SLUG", help="Only the entry of this post.")]


def build(context: typer.Context, every: All = False, archives: Archives = False) -> None:
    """Write the feeds that are behind."""
    with app_of(context) as app, working(app, stopping=Event()) as passes:
        if every or archives:
            with app.store.writing() as session:
                _want_all(session, app.storage, archives=archives)
        passes.write_feeds()
        passes.ping_hubs()
        with app.store.reading() as session:
            behind, total = feed_work.behind(session), feed_work.count(session)
    for _topic, problem in behind:
        warn(problem or "a feed is being written by another process")
    say(f"{total - len(behind)} of {total} feeds are up to date.")
    if behind:
        raise typer.Exit(1)


def _want_all(session: Session, storage: Storage, *, archives: bool) -> None:
    """Every document there is or was; what is kept of encoded entries is not trusted."""
    locked = all_series.lock_all(session, [one.slug for one in all_series.all_series(session)])
    for series in locked.values():
        if archives:
            all_series.new_generation(series)
    expected.forget_fragments(session)
    left = {path.split("/")[1] for path in storage.paths("tag") if path.count("/") > 1}
    feed_work.want(
        session,
        [
            feed_work.ALL,
            feed_work.OPML,
            *(feed_work.topic_of(one.id) for one in locked.values()),
            *(feed_work.tag(tag) for tag in tags.every(session) | left),
            *(feed_work.gone(slug) for slug in expected.former_slugs(session)),
        ],
    )


def check(context: typer.Context, paths: Paths = [], as_json: JsonOption = False) -> None:  # noqa: B006 - Typer copies it
    """Look for what readers would trip over in what is published. Changes nothing; exit code 1 for findings."""
    with app_of(context) as app:
        with app.store.reading() as session:
            model = read_model(session, app.publication, now=app.now())
        _refuse_unknown(paths, {*paths_of(model), *app.storage.paths()})
        found = look(model, app.storage, paths)
    if as_json:
        listing([asdict(one) for one in found], as_json=True, empty="")
    else:
        _tell(found, len(paths or paths_of(model)))
    if any(one.severity is not Severity.note for one in found):
        raise typer.Exit(1)


def _refuse_unknown(paths: Sequence[str], known: set[str]) -> None:
    for path in paths:
        if path not in known:
            raise BadValue(
                f"{path!r} is no document of ours; one is {min(known)!r}, named from the root of the storage"
            )


def _tell(found: Sequence[Finding], looked_at: int) -> None:
    ordered = sorted(found, key=lambda one: one.path)
    for path, findings in groupby(ordered, key=lambda one: one.path):
        say(path)
        for one in findings:
            say(f"  {one.severity:<7}  {one.message}  [{one.rule}]")
            say(f"  {'':<7}  {one.mend}")
        say("")
    counts = Counter(one.severity for one in found)
    told = ", ".join(_counted(severity, counts[severity]) for severity in Severity if counts[severity])
    say(f"{told or 'No findings'} in {looked_at} {'document' if looked_at == 1 else 'documents'}.")


def _counted(severity: Severity, count: int) -> str:
    return f"{count} {severity}{'' if count == 1 else 's'}"


def preview(
    context: typer.Context, series: SeriesName, form: FormOption = Form.ATOM, at: At = None, post: PostOption = None
) -> None:
    """Print a feed as it will be when all that is planned comes out in time: for operators, not for readers."""
    with app_of(context) as app, app.store.reading() as session:
        found = all_series.by_slug(session, series)
        due = posts.by_slug(session, found, post).post.due_at if post else None
        until = _instant(at, found) if at else max(app.now(), due or app.now())
        what = coming(session, app.publication, found, now=app.now(), at=until)
        shown = what.document(form) if post is None else what.entry(form, post)
    if shown is None:
        raise BadValue(
            f"{post} of {series} is neither out nor planned by then; `fascicle plan show {series}` has the plan"
        )
    # As it is, and on lines of its own.
    sys.stdout.write(shown.decode().removesuffix("\n") + "\n")


def _instant(text: str, series: Series) -> datetime:
    if "T" in text:
        return parse_instant(text)
    end = datetime.combine(parse_date(text) + timedelta(days=1), time())
    return to_instant(end, series.zone) - timedelta(seconds=1)


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Feeds.", no_args_is_help=True)
    for command in (build, check, preview):
        group.command(command.__name__)(command)
    catch_up.add_to(group)
    app.add_typer(group, name="feeds")
