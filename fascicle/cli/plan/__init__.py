"""plan: the release schedule, looked at and edited."""

import typer

from fascicle.cli.plan import looking, order, rules, times

COMMANDS = (
    looking.show, looking.log, looking.ics,
    order.insert, order.remove, order.swap, order.move, order.relabel,
    times.pin, times.unpin, times.start, times.shift, times.reflow,
    rules.cadence, rules.blackout, rules.pause, rules.resume, rules.hold, rules.zone,
    times.undo, times.redo,
)  # fmt: skip


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="The plan: which post appears when. Each edit is shown first.", no_args_is_help=True)
    for command in COMMANDS:
        group.command(command.__name__)(command)
    app.add_typer(group, name="plan")
