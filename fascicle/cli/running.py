"""serve, demo: the program at work."""

import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Annotated

import structlog
import typer

from db.errors import BadValue, FascicleError
from fascicle.app import App, opened, working
from fascicle.cli.context import JsonOption, config_of
from fascicle.cli.operating import entrance_of_the_demo, welcome_the_first
from fascicle.cli.output import listing, say, warn
from fascicle.demo import DEMO_END, Stage, report, set_up
from fascicle.logs import set_up_logs
from fascicle.relaying import sent_nowhere
from fascicle.serve import ROLES, run_web
from fascicle.serve import serve as run
from fascicle.sink import sink
from scheduler import replay
from scheduler.replay import calendar_of

log = structlog.get_logger()


def serve(
    context: typer.Context,
    roles: Annotated[str, typer.Option(help="Which of clock, worker, web this process is.")] = ",".join(ROLES),
    dev: Annotated[
        bool, typer.Option("--dev", help="Keep each letter in outbox/ and show it at /outbox/; no relay gets any.")
    ] = False,
) -> None:
    """Release, send and serve pages until stopped."""
    chosen = frozenset(role.strip() for role in roles.split(","))
    if unknown := sorted(chosen - set(ROLES)):
        raise BadValue(f"--roles: {unknown[0]!r} is not a role; use {', '.join(ROLES)}")
    set_up_logs("info")
    with ExitStack() as stack:
        config, outbox = config_of(context), None
        if dev:
            outbox = config.file.resolve().parent / "outbox"
            config = sent_nowhere(config, port=stack.enter_context(sink(outbox)))
        app = stack.enter_context(opened(config))
        if calendar_of(app.store) is not None:
            raise BadValue("this store was made for replay: its calendar moves by --now; `fascicle demo` shows one")
        if "web" in chosen:
            welcome_the_first(app)
        run(app, roles=chosen, outbox=outbox)


def demo(
    folder: Annotated[
        Path | None, typer.Option("--dir", help="Where the demo lives; a fresh folder unless given.")
    ] = None,
    until_done: Annotated[
        bool, typer.Option("--until-done", help="Replay at full speed, print a summary, end.")
    ] = False,
    seconds_per_day: Annotated[float, typer.Option(help="How long a day of the calendar takes.")] = 4.0,
    listen: Annotated[str, typer.Option(help="Where the pages are.")] = "127.0.0.1:8000",
    relay: Annotated[int | None, typer.Option(help="Port of your own SMTP server on this machine.")] = None,
    database: Annotated[str, typer.Option(help="Another database for the demo's store.")] = "sqlite:///fascicle.db",
    as_json: JsonOption = False,
) -> None:
    """The example series from 17 February to 17 March 2026 on a fast calendar: pages, feeds, letters."""
    place = folder or Path(tempfile.mkdtemp(prefix="fascicle-demo-"))
    with ExitStack() as stack:
        port = relay or stack.enter_context(sink(place / "outbox"))
        stage = Stage(place.resolve(), listen, port, database)
        app = stack.enter_context(opened(set_up(stage)))
        if until_done:
            _replay(app, Event(), seconds_per_day=0)
            _summary(app, stage, as_json=as_json)
        else:
            _show(app, stage, seconds_per_day)


def _replay(app: App, stopping: Event, *, seconds_per_day: float) -> None:
    def pace(before: datetime, after: datetime) -> bool:
        rest = (after - before) / timedelta(days=1) * seconds_per_day
        return not (stopping.wait(rest) if rest else stopping.is_set())

    with working(app, stopping=stopping) as passes:
        replay.run(passes, DEMO_END, pace=pace)


def _summary(app: App, stage: Stage, *, as_json: bool) -> None:
    with app.store.reading() as session:
        found = report(session)
    listing([asdict(line) for line in found.lines], as_json=as_json, empty="")
    for trouble in found.troubles:
        warn(trouble)
    if not as_json:
        say(f"Everything is in {stage.folder}: feeds in public/, letters in outbox/.")
    if found.troubles:
        raise typer.Exit(1)
    if not as_json:
        say("Every post came out on its day, and every reader got each of them in exactly one letter.")


def _show(app: App, stage: Stage, seconds_per_day: float) -> None:
    site = app.config.site.url
    say(f"The calendar runs from 17 February to 17 March 2026, a day every {seconds_per_day:g} seconds.")
    for what, address in (("Pages", "/"), ("Letters", "/outbox/"), ("Feed", "/feeds/all.atom")):
        say(f"  {what + ':':10}{site}{address}")
    say(f"  Schedule: {entrance_of_the_demo(app)}  (for operators; opens once)")
    say(f"  Folder:   {stage.folder}")
    say("Ctrl-C ends it.")
    stopping = Event()
    mover = Thread(target=_move, args=(app, stopping, seconds_per_day), name="calendar", daemon=True)
    mover.start()
    try:
        run_web(app, outbox=stage.outbox)
    finally:
        stopping.set()
        mover.join(10)


def _move(app: App, stopping: Event, seconds_per_day: float) -> None:
    try:
        _replay(app, stopping, seconds_per_day=seconds_per_day)
    except FascicleError as error:
        log.error("replay stopped", problem=str(error))
        return
    if not stopping.is_set():
        say("The calendar has reached 18 March: everything is out. The pages stay until Ctrl-C.")


def add_to(app: typer.Typer) -> None:
    app.command()(serve)
    app.command()(demo)
