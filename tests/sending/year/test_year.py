"""Whatever happens in a year, each reader gets what they are owed: once, in order, never too early, never unwanted."""

import logging
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from itertools import count
from pathlib import Path

import psycopg
import pytest
import structlog
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from db.states import InDoubtPolicy
from tests.conftest import new_database, url_of
from tests.making import a_house
from tests.sending.year import relay
from tests.sending.year.living import Year
from tests.sending.year.machine import Living
from tests.sending.year.node import Node

EXAMPLES = os.environ.get("FASCICLE_EXAMPLES")
"""How many years to live through instead of a hundred on SQLite and twenty on PostgreSQL."""
STEPS = 12


def live(a_url: Callable[[Path], str], *, examples: int) -> Counter[str]:
    """Live through so many years; gives what has happened in them, and how often."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    happened: Counter[str] = Counter()
    heard, rooms = relay.Relay(), count(1)
    with relay.running(heard) as quiet, tempfile.TemporaryDirectory() as folder:

        def a_year(begin: datetime, policy: str) -> Year:
            room = Path(folder) / str(next(rooms))
            room.mkdir()
            heard.forget()
            node = Node(a_url(room), room, heard.port, InDoubtPolicy(policy), quiet)
            a_house(node.hands, now=begin)
            happened["years"] += 1
            return Year(node, heard, begin, happened)

        machine = type("A_year", (Living,), {"a_year": staticmethod(a_year)})
        try:
            run_state_machine_as_test(machine, settings=_settings(examples))
        finally:
            print(dict(happened.most_common()))  # noqa: T201 - to see whether the years were worth living
    return happened


def _settings(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        # The same years each time, unless more are asked for: then others.
        derandomize=EXAMPLES is None,
        database=None,
        # Not shrunk unless asked for: a year is long, and can be read as it is.
        phases=[Phase.generate, Phase.shrink] if os.environ.get("FASCICLE_SHRINK") else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.long(minutes=8)
def test_a_year_on_sqlite_owes_nobody_anything(sqlite_template: Path):
    def a_url(room: Path) -> str:
        shutil.copy(sqlite_template, room / "store.db")
        return f"sqlite:///{room}/store.db"

    happened = live(a_url, examples=int(EXAMPLES or 100))

    # Or the years would be of nothing happening.
    assert [fact for fact in FACTS if not happened[fact] and EXAMPLES is None] == []


@pytest.mark.long(minutes=3)
def test_a_year_on_postgresql_owes_nobody_anything(postgresql_server: str, postgresql_template: str):
    names: list[str] = []

    def a_url(room: Path) -> str:
        drop(postgresql_server, names)
        names.append(new_database(postgresql_server, postgresql_template))
        return url_of(postgresql_server, names[-1])

    live(a_url, examples=int(EXAMPLES or 20))
    drop(postgresql_server, names)


def drop(server: str, names: list[str]) -> None:
    """Thousands of databases would fill the disk."""
    with psycopg.connect(server, autocommit=True) as connection:
        while names:
            connection.execute(f'DROP DATABASE "{names.pop()}" WITH (FORCE)')


FACTS = (
    "digest sent",
    "digest in_doubt",
    "instant sent",
    "a letter gave way",
    "letters that came twice",
    "killed over the calendar",
    "killed over letters",
    "step",
    "met the live run",
    "a post is withdrawn",
    "the plan is edited",
    "a reader pauses",
    "a reader says no",
    "an edition is steered",
)
"""What must have happened at least once."""
