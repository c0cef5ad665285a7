"""plan show, log, ics: looking at a plan."""

import sys
from datetime import datetime, time, timedelta
from typing import Annotated

import typer

from db import plans
from db import series as all_series
from db.errors import BadValue
from db.states import PostState
from db.tables import Series
from fascicle.cli.context import JsonOption, app_of, parse_instant
from fascicle.cli.output import listing, say
from fascicle.cli.plan.proposing import SeriesName, day
from feeds.calendar import operator_calendar, reader_calendar
from scheduler.edit import cadence_of, load, stacks
from scheduler.edit.history import can_walk, summary
from scheduler.plan import Placed, Plan
from timing.wall import to_instant, to_wall

LAST_YEAR = 9000
"""Dates end a thousand years later, and zones must be able to count on."""

At = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="As it will be at the end of this day in the series' zone, or at an instant."),
]


def show(context: typer.Context, series: SeriesName, at: At = None, as_json: JsonOption = False) -> None:
    """The plan of a series: what is out, what comes when, and why then."""
    with app_of(context) as app, app.store.reading() as session:
        found = all_series.by_slug(session, series)
        plan, now = load(session, found), app.now()
    when = _instant(at, found) if at else now
    rows = [_row(post, plan, _instant(at, found) if at else None, now) for post in plan.posts]
    listing(rows, as_json=as_json, empty=f"No posts yet. `fascicle import FOLDER --series {series}` brings them.")
    if not as_json:
        _headline(found, plan, when)


def _instant(text: str, series: Series) -> datetime:
    if "T" in text:
        return parse_instant(text)
    if day(text).year > LAST_YEAR:
        raise BadValue(f"{text} is too far away; name a day up to the year {LAST_YEAR}")
    end = datetime.combine(day(text) + timedelta(days=1), time())
    return to_instant(end, series.zone) - timedelta(seconds=1)


def _row(post: Placed, plan: Plan, ahead: datetime | None, now: datetime) -> dict[str, object]:
    """What is so now, or, with a moment to look ahead to, what will be so then."""
    planned = post.seq is None and post.state == PostState.planned
    then = planned and plan.held is None and ahead is not None and post.due_at is not None and post.due_at <= ahead
    late = planned and post.due_at is not None and post.due_at <= now
    tied = "pinned" if post.pin else f"not before {post.earliest:%Y-%m-%d %H:%M}" if post.earliest else ""
    return {
        "number": post.number,
        "title": post.title,
        "slug": post.slug,
        "when": post.wall,
        "state": "released" if then else "overdue" if late else post.state,
        "how": tied,
    }


def _headline(series: Series, plan: Plan, when: datetime) -> None:
    say(f"{series.title}: {cadence_of(series).in_words()}, times of {plan.zone}.")
    say(f"It is {to_wall(when, plan.zone):%A, %Y-%m-%d %H:%M} there.")
    if plan.held:
        say(f"Held: {plan.held.reason}. `fascicle series unhold {series.slug}` lets it go on.")


def ics(
    context: typer.Context,
    series: Annotated[str | None, typer.Argument(help="Only this series; all of them unless given.")] = None,
    readers: Annotated[bool, typer.Option("--readers", help="Only what readers may see.")] = False,
) -> None:
    """Print the plan as a calendar (iCalendar), for a calendar program to take in."""
    make = reader_calendar if readers else operator_calendar
    with app_of(context) as app, app.store.reading() as session:
        found = all_series.by_slug(session, series) if series else None
        document = make(session, found, app.calendars)
    # As it is: lines end in CR LF there.
    sys.stdout.write(document.decode())


def log(context: typer.Context, series: SeriesName, as_json: JsonOption = False) -> None:
    """Who changed the plan, when and how; the newest first."""
    with app_of(context) as app, app.store.reading() as session:
        row = all_series.by_slug(session, series)
        history = plans.history(session, row.id)
        found = stacks(history)
    can = {record.id: "undo" for record in found.done} | {record.id: "redo" for record in found.undone}
    # What came out since stands in the way.
    can = {record.id: can[record.id] for record in history if can_walk(record, row) and record.id in can}
    rows = [{**summary(record), "can": can.get(record.id, "")} for record in reversed(history)]
    listing(rows, as_json=as_json, empty="Nobody has changed this plan yet.")
