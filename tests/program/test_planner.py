"""The planner of `serve`: editions are opened beside the clock, by a thread whose end is the program's."""

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.program.running import Program

PATIENCE = 120
"""Seconds; far more than anything needs on a quiet machine."""

pytestmark = pytest.mark.slow


def serving(program: Program, broken: str) -> subprocess.Popen[bytes]:
    """`serve --roles clock` in which cutting an edition does something else."""
    change = f"import threading, scheduler.passes as passes; passes.cut_some = lambda *_: {broken}; "
    start = f"import fascicle; {change}from fascicle.cli import main; main()"
    words = [sys.executable, "-c", start, "serve", "--roles", "clock"]
    return subprocess.Popen(words, cwd=program.folder, stderr=subprocess.PIPE)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


@pytest.fixture
def rain(program: Program) -> Program:
    """With a series that has no post yet."""
    assert program("series", "create", "rain", "--title", "Rain", "--zone", "UTC").code == 0
    return program


def plan_soon(program: Program) -> datetime:
    due = (datetime.now(UTC) + timedelta(seconds=4)).replace(microsecond=0)
    program.write("chapters/one.md", f"---\ntitle: One\ndate: {due:%Y-%m-%d %H:%M:%S}\n---\nIt rained.\n")
    assert program("import", "chapters", "--series", "rain").code == 0
    return due


def released(program: Program) -> bool:
    return [post["state"] for post in program("posts", "list", "rain", "--json").rows()] == ["released"]


def test_a_post_is_released_while_the_opening_of_an_edition_takes_for_ever(rain: Program):
    child = serving(rain, "(open('opening', 'w').close(), threading.Event().wait())")

    try:
        until((rain.folder / "opening").exists)
        due = plan_soon(rain)
        early = released(rain) and datetime.now(UTC) < due
        until(lambda: released(rain))
    finally:
        child.kill()
        child.communicate()

    assert not early


def test_a_planner_that_meets_a_bug_ends_the_program_for_all_to_see(program: Program):
    child = serving(program, "1 / 0")

    _, told = child.communicate(timeout=PATIENCE)

    assert child.returncode == 1
    assert b"planner failed" in told
    assert b"ZeroDivisionError" in told
