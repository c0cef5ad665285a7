"""subscribers catch-up: reading a series from its past, by mail."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from db import series as all_series
from db import subscribers
from db.errors import BadValue
from db.tables import Series, Subscriber, Subscription
from fascicle.cli.context import NowOption, app_of, moment
from fascicle.cli.output import say
from scheduler import catchup, readers

PaceOption = Annotated[str, typer.Option(help="Their days in words: every day, mondays and thursdays, every 3 days.")]
PostsOption = Annotated[int, typer.Option(help="Posts that a letter brings.")]


@dataclass(frozen=True)
class _Reading:
    """One reader and one series, in a transaction of their own."""

    session: Session
    reader: Subscriber
    series: Series
    now: datetime

    @property
    def subscription(self) -> Subscription:
        held = subscribers.subscription(self.session, self.reader.id, self.series.id)
        if held is None:
            raise BadValue(f"{self.reader.address} does not follow {self.series.slug}")
        return held


@contextmanager
def _reading(context: typer.Context, email: str, series: str, now: str | None) -> Iterator[_Reading]:
    with app_of(context) as app, app.store.writing() as session:
        reader = subscribers.by_address(session, email)
        yield _Reading(session, reader, all_series.by_slug(session, series), moment(app, now))


def start(
    context: typer.Context,
    email: str,
    series: str,
    begin: Annotated[str, typer.Option("--from", help="Number or slug of the first chapter; the very first one.")] = "",
    pace: PaceOption = "every day",
    posts: PostsOption = 1,
    now: NowOption = None,
) -> None:
    """Send a series from its past at a pace of the reader's, until it meets the live run and goes on with that."""
    with _reading(context, email, series, now) as one:
        today = catchup.today_of(one.reader, one.now)
        chosen = catchup.parse_pace(pace, posts, today=today)
        first = catchup.first_seq(one.session, one.series, begin or None)
        held = readers.follow(one.session, one.reader, one.series, frequency=None, now=one.now)
        catchup.start(one.session, held, chosen, first=first, now=one.now)
        said = chosen.cadence.in_words()
    say(f"{email} reads {series} from {begin or 'the beginning'} on, {said}.")


def change_pace(
    context: typer.Context, email: str, series: str, pace: str, posts: PostsOption = 1, now: NowOption = None
) -> None:
    """Go on faster or slower."""
    with _reading(context, email, series, now) as one:
        chosen = catchup.parse_pace(pace, posts, today=catchup.today_of(one.reader, one.now))
        catchup.change_pace(one.session, one.subscription, chosen)
        said = chosen.cadence.in_words()
    say(f"{email} reads {series} on, {said}.")


def pause(context: typer.Context, email: str, series: str, now: NowOption = None) -> None:
    """Stand still in a series until `resume`."""
    with _reading(context, email, series, now) as one:
        catchup.pause(one.session, one.subscription, now=one.now)
    say(f"{email} stands still in {series}.")


def resume(context: typer.Context, email: str, series: str, now: NowOption = None) -> None:
    """Go on with the next day of the pace."""
    with _reading(context, email, series, now) as one:
        catchup.resume(one.session, one.subscription, today=catchup.today_of(one.reader, one.now))
    say(f"{email} reads {series} on.")


def next_now(context: typer.Context, email: str, series: str, now: NowOption = None) -> None:
    """Send the next step at once; the pace goes on as it was."""
    with _reading(context, email, series, now) as one:
        catchup.next_now(one.session, one.subscription, now=one.now)
    say(f"The next letter of {series} to {email} goes out now.")


def end(context: typer.Context, email: str, series: str, now: NowOption = None) -> None:
    """Leave out the rest of the past: from the next post on, the reader is with the live run."""
    with _reading(context, email, series, now) as one:
        catchup.end(one.session, one.subscription, last_seq=one.series.last_seq)
    say(f"{email} reads {series} from its next post on.")


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Reading a series from its past.", no_args_is_help=True)
    group.command("start")(start)
    group.command("pace")(change_pace)
    group.command("pause")(pause)
    group.command("resume")(resume)
    group.command("next")(next_now)
    group.command("end")(end)
    app.add_typer(group, name="catch-up")
