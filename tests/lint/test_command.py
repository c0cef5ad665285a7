"""`fascicle lint` as operators run it."""

import re
import shlex
from pathlib import Path

import click
import pytest
import typer

from fascicle.cli import app
from tests.lint.making import a_mess, found
from tests.making import at
from tests.program.running import Program

CSV = "series,number,title,summary,date,body_file\n"


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """After `init`, with a series of three chapters of which the second lacks."""
    program = Program(tmp_path)
    assert program("init").code == 0
    program.write("one.md", "It rained.\n")
    program.write(
        "listing.csv", f"{CSV}harbour,1,One,It rains.,2999-03-01,one.md\nharbour,3,Three,On.,2999-03-02,one.md\n"
    )
    assert program("import", "listing.csv").code == 0
    return program


def test_findings_are_told_with_their_mends(program: Program):
    done = program("lint")

    assert done.code == 1
    assert "harbour\n  warning  there is no 2, though there is 3  [number-missing]\n" in done.out
    assert "`fascicle import FOLDER --series harbour`" in done.out
    assert done.out.endswith("1 warning\n")


def test_programs_read_json(program: Program):
    done = program("lint", "--json")

    [finding] = done.rows()
    assert done.code == 1
    assert (finding["rule"], finding["severity"], finding["series"]) == ("number-missing", "warning", "harbour")
    assert (finding["post"], finding["place"]) == (None, "2")
    assert finding["message"]
    assert finding["mend"]


def test_one_series_may_be_asked_for(program: Program):
    assert program("series", "create", "island", "--title", "The Island").code == 0

    assert program("lint", "island").code == 0
    assert program("lint", "harbour").code == 1


def test_a_series_that_is_not_there_is_wrong_usage(program: Program):
    done = program("lint", "nowhere")

    assert done.code == 2
    assert "no series 'nowhere'" in done.err


def test_without_findings_it_says_so(program: Program):
    program.write("two.csv", f"{CSV}harbour,2,Two,Still.,2999-03-01 12:00,one.md\n")
    assert program("import", "two.csv").code == 0
    assert program("series", "set", "harbour", "--lint-off", "double-booked-day").code == 0

    done = program("lint")

    assert (done.code, done.out) == (0, "No findings.\n")


def test_no_findings_are_an_empty_list_for_programs(program: Program):
    assert program("series", "set", "harbour", "--lint-off", "number-missing").code == 0

    done = program("lint", "--json")

    assert (done.code, done.rows()) == (0, [])


def test_mends_are_commands_that_can_be_pasted():
    mends = [one.mend for one in found(a_mess(), now=at("2026-03-05 12:00"))]
    pasted = [shlex.split(words) for mend in mends for words in re.findall(r"`fascicle ([^`]+)`", mend)]

    read = [understood(typer.main.get_command(app), words) for words in pasted]

    assert {"fascicle plan pin", "fascicle plan relabel", "fascicle import", "fascicle series set"} <= set(read)


def understood(command: click.Command, words: list[str], name: str = "fascicle") -> str:
    """The name of the command that words call. Raises click.UsageError for words that it does not understand."""
    subcommands = getattr(command, "commands", None)
    if subcommands is None:
        command.make_context(name, words)
        return name
    return understood(subcommands[words[0]], words[1:], f"{name} {words[0]}")
