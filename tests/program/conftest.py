import shutil
from pathlib import Path

import pytest

from db import migrate
from db.engine import Store
from tests.program.running import Program


@pytest.fixture
def nowhere(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program in an empty folder. The tables of a new store are copied: tests/db shows how they come about."""
    upgrade = migrate.upgrade

    def copy_or_upgrade(store: Store) -> None:
        place = Path(store.engine.url.database or "")
        if store.is_sqlite and not place.exists():
            shutil.copy(sqlite_template, place)
        else:
            upgrade(store)

    monkeypatch.setattr(migrate, "upgrade", copy_or_upgrade)
    return Program(tmp_path)


@pytest.fixture
def program(nowhere: Program) -> Program:
    """After `init`."""
    assert nowhere("init").code == 0
    return nowhere


@pytest.fixture
def replay(nowhere: Program) -> Program:
    """A replay that stands at noon of 1 March 2026, with a series, a chapter due the next day, and a reader."""
    assert nowhere("init", "--replay", "--now", "2026-03-01T12:00:00Z").code == 0
    assert nowhere("series", "create", "rain", "--title", "Rain", "--zone", "UTC").code == 0
    nowhere.write("chapters/one.md", "---\ntitle: One\ndate: 2026-03-02 06:00\n---\nIt rained.\n")
    assert nowhere("import", "chapters", "--series", "rain").code == 0
    assert nowhere("subscribers", "add", "alice@example.org", "--zone", "UTC", "--hour", "7").code == 0
    return nowhere
