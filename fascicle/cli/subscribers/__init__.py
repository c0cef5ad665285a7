"""subscribers: who reads by mail."""

import typer

from fascicle.cli.subscribers import catching_up, choices, exporting, importing, showing, taking_in


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Subscribers by mail.", no_args_is_help=True)
    group.command("add")(taking_in.add)
    group.command("import")(importing.import_)
    group.command("export")(exporting.export)
    group.command("list")(showing.list_subscribers)
    group.command("show")(showing.show)
    group.command("change")(choices.change)
    group.command("follow")(choices.follow)
    group.command("pause")(choices.pause)
    group.command("resume")(choices.resume)
    group.command("leave")(taking_in.leave)
    catching_up.add_to(group)
    app.add_typer(group, name="subscribers")
