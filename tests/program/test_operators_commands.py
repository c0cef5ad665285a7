"""The commands that say who may sign in."""

import re

import pytest

from tests.program.running import Program


def test_init_makes_a_link_for_the_first_owner(nowhere: Program):
    ended = nowhere("init", "--operator", "ada@example.org")

    assert ended.code == 0
    assert re.search(r"http://127\.0\.0\.1:8000/operator/welcome/[\w-]{43}\n", ended.out)
    [row] = nowhere("operators", "list", "--json").rows()
    assert (row["email"], row["role"]) == ("ada@example.org", "owner")


def test_invited_with_a_role_and_withdrawn(program: Program):
    assert program("operators", "invite", "bob@example.org", "--role", "editor").code == 0
    assert program("operators", "list", "--json").rows()[0]["role"] == "editor"

    assert "withdrawn" in program("operators", "remove", "bob@example.org").out
    assert program("operators", "list", "--json").rows() == []


def test_invited_by_a_letter_that_the_ledger_knows(program: Program):
    ended = program("operators", "invite", "bob@example.org", "--role", "editor", "--by-letter")

    [key] = re.findall(r"--edition (single:invitation:\d+:\d+)`", ended.out)
    [row] = program("deliveries", "list", "--edition", key, "--json").rows()
    assert (row["address"], row["state"]) == ("bob@example.org", "pending")
    assert "/operator/welcome/" not in ended.out


@pytest.mark.parametrize(
    "words", [("role", "eve@example.org", "viewer"), ("remove", "eve@example.org"), ("reset", "eve@example.org")]
)
def test_who_is_no_operator_is_named(program: Program, words: tuple[str, ...]):
    ended = program("operators", *words)

    assert ended.code == 2
    assert "no operator 'eve@example.org'" in ended.err


def test_what_is_no_address_is_refused(program: Program):
    ended = program("operators", "invite", "nonsense")

    assert ended.code == 2
    assert "'nonsense' is not an email address" in ended.err


def test_a_list_without_anybody_says_how_to_begin(program: Program):
    assert "fascicle operators invite" in program("operators", "list").out
