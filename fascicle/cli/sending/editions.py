"""editions: one sending of many letters each."""

from threading import Event
from typing import Annotated

import typer

from db import batches, deliveries
from db import editions as all_editions
from db.states import EditionState
from fascicle.app import working
from fascicle.cli.context import JsonOption, NowOption, app_of, moment
from fascicle.cli.output import listing, record, say, warn
from fascicle.cli.sending.showing import by_state, show
from fascicle.cli.sending.steering import ReasonOption, by, letters
from scheduler import editions, replay, steer
from scheduler.replay import calendar_of

Key = Annotated[str, typer.Argument(help="The edition, such as digest:Europe/Berlin:07:2026-03-05.")]


def list_editions(
    context: typer.Context,
    state: Annotated[EditionState | None, typer.Option(help="Only editions in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 100,
    singles: Annotated[bool, typer.Option("--singles", help="Single letters too, such as confirmations.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Editions, the newest first, with the states of their letters."""
    with app_of(context) as app, app.store.reading() as session:
        found = all_editions.page(session, state=state, limit=limit, singles=singles)
        counts = deliveries.counts_of(session, [one.id for one in found])
    rows = [{"edition": one.key, "moment": one.moment, "state": one.state, **by_state(counts[one.id])} for one in found]
    empty = f"No edition is {state}." if state else "No editions yet: they come when somebody is owed a post."
    listing(rows, as_json=as_json, empty=empty)


def send(context: typer.Context, now: NowOption = None, as_json: JsonOption = False) -> None:
    """Plan the editions that are due and send what can be sent, once. Exit code 1 while letters wait or failed."""
    with app_of(context) as app, working(app, stopping=Event()) as passes:
        at = moment(app, now)
        if calendar_of(app.store) is not None:
            replay.run(passes, at)
        else:
            passes.clockwork.open_editions(at)
        passes.send_letters(at)
        with app.store.reading() as session:
            counts = deliveries.counts(session)
            unfinished, problems = editions.unfinished(session), batches.problems(session)
            paused = all_editions.page(session, state=EditionState.paused, limit=10, singles=True)
    record(by_state(counts), as_json=as_json)
    for problem, retry_at in problems:
        warn(f"{problem}; next try {retry_at:%H:%M:%S} UTC" if retry_at else problem)
    for edition in paused:
        warn(f"{edition.key} is paused; `fascicle editions resume {edition.key}` lets it go on")
    if unfinished or paused or counts.get("hard"):
        raise typer.Exit(1)


def pause(context: typer.Context, key: Key, reason: ReasonOption = "") -> None:
    """Send nothing more of an edition until it is resumed."""
    with app_of(context) as app:
        steer.pause(app.store, key, by(reason))
    say(f"{key} is paused. Letters that the relay has this moment still come to their end; the others wait.")
    say(f"`fascicle editions resume {key}` lets it go on.")


def resume(context: typer.Context, key: Key, reason: ReasonOption = "") -> None:
    """Let a paused edition go on where it stood."""
    with app_of(context) as app:
        steer.resume(app.store, key, by(reason))
    say(f"{key} goes on; `fascicle editions show {key} --watch` follows it.")


def cancel(context: typer.Context, key: Key, reason: ReasonOption = "") -> None:
    """Send nothing more of an edition, ever. What its readers are owed still comes with the next one."""
    with app_of(context) as app:
        waiting = steer.cancel(app.store, key, by(reason))
    say(f"{key} is cancelled; {letters(waiting)} will not be sent.")
    say("What they carried stays owed, and comes with the next edition; `fascicle posts withdraw` keeps a post back.")


def retry(context: typer.Context, key: Key, reason: ReasonOption = "") -> None:
    """Try the soft letters of an edition now, instead of at their hour."""
    with app_of(context) as app:
        tried = steer.retry(app.store, key, by(reason))
    say(f"{letters(tried)} will be tried now." if tried else "No letter of it waits for another try.")


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Editions: one sending of many letters.", no_args_is_help=True)
    group.command("list")(list_editions)
    group.command("show")(show)
    group.command("send")(send)
    group.command("pause")(pause)
    group.command("resume")(resume)
    group.command("cancel")(cancel)
    group.command("retry")(retry)
    app.add_typer(group, name="editions")
