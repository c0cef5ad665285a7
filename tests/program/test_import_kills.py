"""A long import, killed again and again and run again: all of it is in, and nothing twice."""

import csv
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from db.engine import Store, open_store
from db.tables import Import, Subscriber, Subscription
from tests.program.running import Program

LINES = int(os.environ.get("FASCICLE_IMPORT_LINES", "20000"))
KILLS = int(os.environ.get("FASCICLE_IMPORT_KILLS", "5"))


def a_long_list(path: Path) -> None:
    """Every hundredth line is another spelling of one before."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("email", "name", "zone", "hour", "frequency", "series"))
        for number in range(LINES):
            email = f"Reader{number - 50}@Example.org" if number % 100 == 99 else f"reader{number}@example.org"
            writer.writerow((email, f"Reader {number}", "Europe/Riga", number % 24, "daily", "rain;songs"))


def start(folder: Path, path: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from fascicle.cli import main; main()", "subscribers", "import", str(path)]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def line_of(store: Store) -> int:
    with store.reading() as session:
        row = session.scalar(select(Import))
        return row.line if row else 0


def killed_at(store: Store, child: subprocess.Popen[bytes], line: int) -> int:
    """Kill it once that line is in; gives the line it had come to then."""
    while line_of(store) < line:
        try:
            child.wait(timeout=0.005)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(f"it ended before line {line}: {child.stderr and child.stderr.read().decode()}")
    child.send_signal(signal.SIGKILL)
    child.communicate()
    return line_of(store)


@pytest.mark.long
def test_an_import_killed_again_and_again_is_complete_and_takes_nothing_in_twice(empty_url: str, tmp_path: Path):
    chance = random.Random(f"import on {empty_url.partition(':')[0]}")
    program = Program(tmp_path)
    program("init")
    program.configure("sqlite:///fascicle.db", empty_url)
    (tmp_path / "node.json").unlink()
    assert program("init").code == 0
    for slug in ("rain", "songs"):
        assert program("series", "create", slug, "--title", slug.title()).code == 0
    a_long_list(tmp_path / "readers.csv")
    store = open_store(empty_url)

    points = sorted(chance.sample(range(2, LINES // 2), KILLS))
    stood = [killed_at(store, start(tmp_path, tmp_path / "readers.csv"), point) for point in points]
    last = start(tmp_path, tmp_path / "readers.csv")
    _, said = last.communicate()

    assert last.returncode == 0, said.decode()
    assert stood == sorted(stood)
    assert f"it goes on below line {stood[-1]}." in said.decode()
    _check(store)
    store.close()


def _check(store: Store) -> None:
    with store.reading() as session:
        addresses = Counter(session.scalars(select(Subscriber.address_key)))
        follows = Counter(session.scalars(select(Subscription.subscriber_id)))
        [row] = session.scalars(select(Import))
    once = {f"reader{number}@example.org" for number in range(LINES) if number % 100 != 99}
    assert addresses == dict.fromkeys(once, 1)
    assert set(follows.values()) == {2}
    assert len(follows) == len(once)
    assert row.counts == {"new": len(once), "changed": LINES - len(once)}
    assert row.finished_at is not None
