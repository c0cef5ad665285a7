"""SQLite's log is moved into its file beside the writers."""

import shutil
import sqlite3
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import func, select

from db.checkpoints import checkpoint, checkpointing
from db.engine import Store, open_store
from db.tables import Audit, Base
from tests.making import NOON


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "fascicle.db"


@pytest.fixture
def kept(file: Path):
    """A store of one file, whose log is all in the file."""
    store = open_store(f"sqlite:///{file}")
    Base.metadata.create_all(store.engine)
    checkpoint(store)
    yield store
    store.close()


def done(action: str) -> Audit:
    return Audit(at=NOON, actor="ada", action=action, subject="series:1", detail={})


def in_the_file_alone(file: Path) -> int:
    """How many rows are there without the log."""
    alone = file.with_name("alone.db")
    shutil.copy(file, alone)
    with sqlite3.connect(alone) as connection:
        found: int = connection.execute("SELECT count(*) FROM audit").fetchone()[0]
    return found


def test_what_was_written_is_in_the_file_after_a_checkpoint(kept: Store, file: Path):
    with kept.writing() as session:
        session.add(done("pause"))
    before = in_the_file_alone(file)

    pages, moved = checkpoint(kept)

    assert (before, in_the_file_alone(file)) == (0, 1)
    assert pages == moved > 0


def test_a_checkpoint_waits_for_no_writer_and_holds_none_up(kept: Store, file: Path):
    with kept.writing() as session:
        session.add(done("pause"))

    with kept.writing() as session:
        session.add(done("resume"))
        session.flush()
        checkpoint(kept)

    assert in_the_file_alone(file) == 1
    with kept.reading() as session:
        assert session.scalar(select(func.count()).select_from(Audit)) == 2


def test_no_commit_moves_a_log_of_usual_length(kept: Store, file: Path):
    with kept.writing() as session:
        session.add(done("x" * 10_000_000))

    assert in_the_file_alone(file) == 0
    assert checkpoint(kept).pages > 2000


def test_it_is_done_again_and_again_until_the_work_ends(kept: Store, file: Path, monkeypatch: pytest.MonkeyPatch):
    twice, times = Event(), []

    def noted(store: Store) -> object:
        times.append(checkpoint(store))
        if len(times) > 1:
            twice.set()
        return times[-1]

    monkeypatch.setattr("db.checkpoints.checkpoint", noted)
    with kept.writing() as session:
        session.add(done("pause"))

    with checkpointing(kept, every=0.001):
        assert twice.wait(60)

    assert in_the_file_alone(file) == 1
