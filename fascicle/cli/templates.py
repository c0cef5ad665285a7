"""templates: the words and the looks of letters and pages, the operator's own among them."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from db.errors import BadValue
from fascicle.app import templates_of
from fascicle.cli.context import JsonOption, config_of
from fascicle.cli.output import listing, say
from mail.checking import Mistake, built_in, check, own_files
from mail.samples import letters
from templates.environment import FOLDER
from templates.languages import languages


def list_templates(context: typer.Context, as_json: JsonOption = False) -> None:
    """The templates there are, and whose each is."""
    folder = config_of(context).templates
    own = set() if folder is None else set(own_files(folder))
    rows = [{"template": name, "from": "yours" if name in own else "built in"} for name in sorted({*built_in(), *own})]
    listing(rows, as_json=as_json, empty="")


def check_templates(context: typer.Context, as_json: JsonOption = False) -> None:
    """Render every letter in every state, language and format, and say where a template has a mistake."""
    config = config_of(context)
    found = check(templates_of(config), config.templates)
    if as_json:
        listing([_row(mistake) for mistake in found], as_json=True, empty="")
    else:
        for mistake in found:
            say(str(mistake))
        if not found:
            say(f"{len(letters())} letters render in every state, in {', '.join(languages())}.")
    if found:
        raise typer.Exit(1)


def _row(mistake: Mistake) -> dict[str, object]:
    return {"file": mistake.file, "line": mistake.line, "message": mistake.message}


def copy(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A letter, such as digest, or a file, such as email/letter.css.")],
) -> None:
    """Copy templates into your folder, to change them there. What is in it already is never overwritten."""
    folder = config_of(context).templates
    if folder is None:
        raise BadValue("config.yaml: templates: is not set; name a folder of your own, such as templates: letters")
    for file in _files(name):
        _copy(file, folder / file)


def _files(name: str) -> list[str]:
    files = [file for file in built_in() if file == name or file.startswith(f"email/{name}/")]
    if not files:
        raise BadValue(f"no letter and no template {name!r}; `fascicle templates list` shows those there are")
    return files


def _copy(file: str, target: Path) -> None:
    if target.exists():
        say(f"{target} is there already.")
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(FOLDER / file, target)
    except OSError as error:
        raise BadValue(f"{target}: cannot be written: {error.strerror}") from None
    say(f"Wrote {target}.")


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Templates of letters and pages.", no_args_is_help=True)
    group.command("list")(list_templates)
    group.command("check")(check_templates)
    group.command("copy")(copy)
    app.add_typer(group, name="templates")
