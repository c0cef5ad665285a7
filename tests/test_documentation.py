"""What can be said on the command line or in the configuration is explained, and every link leads somewhere."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import click
import pytest
import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fascicle.cli import app
from fascicle.config import Config
from mail.letter import LetterPost, PostsLetter
from mail.samples import letters, samples
from mail.skeleton import GAPS

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
COMMANDS = (REFERENCE / "commands.md").read_text(encoding="utf-8")
CONFIGURATION = (REFERENCE / "configuration.md").read_text(encoding="utf-8")
# The chapters of the example series link to pages of a site, not to files.
CHAPTERS = ROOT / "examples" / "llm-primer"
LINK = re.compile(r"!?\[[^]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by all the words that call it."""
    waiting = [("fascicle", typer.main.get_command(app))]
    while waiting:
        words, command = waiting.pop()
        subcommands = getattr(command, "commands", None)
        if subcommands is None:
            yield words, command
        else:
            waiting += [(f"{words} {name}", below) for name, below in subcommands.items()]


def options() -> Iterator[tuple[str, str]]:
    for words, command in commands():
        for parameter in command.params:
            if parameter.param_type_name == "option":
                yield from ((words, name) for name in parameter.opts)
    root = typer.main.get_command(app)
    yield from (("fascicle", name) for option in root.params for name in option.opts)


def section_of(words: str) -> str:
    """The part of the reference that explains a command: from its heading to the next."""
    if words == "fascicle":
        return COMMANDS.split("\n## ")[0]
    found = re.search(rf"^### {re.escape(words)}(?= |$).*?(?=^##|\Z)", COMMANDS, re.MULTILINE | re.DOTALL)
    return found[0] if found else ""


def chapter_of(words: str) -> str:
    """What the reference says of all commands of a chapter, before the first of them."""
    chapters = COMMANDS.split("\n## ")
    chapter = next((one for one in chapters if f"\n### {words}" in one), "")
    return chapter.split("\n### ")[0]


def keys(model: type[BaseModel] = Config, above: tuple[str, ...] = ()) -> Iterator[str]:
    """Every key of the configuration by its path; `main` stands for the name of a relay, `[]` for a place in a list."""
    for name, field in model.model_fields.items():
        path = (*above, field.alias or name)
        inner = model_of(field.annotation)
        if inner is None:
            yield ".".join(path)
        elif is_list(field):
            yield ".".join(path)
            yield from keys(inner, (*above, f"{path[-1]}[]"))
        else:
            yield from keys(inner, (*path, "main") if is_mapping(field) else path)


def model_of(annotation: Any) -> type[BaseModel] | None:
    candidates = (annotation, *get_args(annotation))
    return next((one for one in candidates if isinstance(one, type) and issubclass(one, BaseModel)), None)


def is_mapping(field: FieldInfo) -> bool:
    return getattr(field.annotation, "__origin__", None) is dict


def is_list(field: FieldInfo) -> bool:
    return getattr(field.annotation, "__origin__", None) in (list, tuple)


def pages() -> list[Path]:
    beside = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
    return sorted(page for page in beside if CHAPTERS not in page.parents)


def links(page: Path) -> list[str]:
    """The relative links of a page; those in code are examples."""
    found = LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8")))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head).strip().lower().replace(" ", "-") for head in heads}


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    return target.exists() and (not anchor or anchor in anchors(target))


@pytest.mark.parametrize("words", sorted(words for words, _ in commands()))
def test_every_command_is_explained(words: str) -> None:
    assert section_of(words)


@pytest.mark.parametrize(("words", "option"), sorted(set(options())))
def test_every_option_is_explained_with_its_command(words: str, option: str) -> None:
    common = option in ("--help", "-h")

    assert f"`{option}" in section_of("fascicle" if common else words) + chapter_of(words)


@pytest.mark.parametrize("key", sorted(keys()))
def test_every_setting_is_explained_with_its_variable(key: str) -> None:
    variable = "in the list" if "[]" in key else "`FASCICLE_" + key.upper().replace(".", "__") + "`"

    assert f"| `{key}` | {variable} |" in CONFIGURATION


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert [link for link in links(page) if not leads_somewhere(page, link)] == []


LETTERS = (REFERENCE / "letters.md").read_text(encoding="utf-8")


def given() -> Iterator[str]:
    """Every name that a template of a letter can print."""
    yield from (f"letter.{field.name}" for field in dataclasses.fields(PostsLetter))
    yield from (f"post.{field.name}" for field in dataclasses.fields(LetterPost))
    yield from GAPS


@pytest.mark.parametrize("name", sorted(given()))
def test_every_value_of_a_letter_is_explained(name: str):
    assert f"`{name}`" in LETTERS


@pytest.mark.parametrize("letter", letters())
def test_every_letter_is_explained_with_what_it_is_about(letter: str):
    about = {name for sample in samples() if sample.letter == letter for name in sample.about}

    [row] = [line for line in LETTERS.splitlines() if line.startswith(f"| `{letter}` |")] or [LETTERS]
    assert f"`{letter}`" in row
    assert all(f"`{name}`" in row for name in about)


SHOWN = [(REFERENCE / name).read_text(encoding="utf-8") for name in ("mail-rules.md", "journeys.md")]


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`(tests/[\w/]+\.py::\w+)`", "".join(SHOWN)))))
def test_every_test_that_shows_a_rule_of_mail_or_walks_a_journey_is_there(named: str):
    file, _, name = named.partition("::")

    assert f"\ndef {name}(" in (ROOT / file).read_text(encoding="utf-8")
