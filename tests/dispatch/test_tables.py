"""procrastinate's tables come with `init` and `db upgrade`, stand beside ours, and are brought up with the package."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from db import migrate
from db.engine import Store, open_store
from db.errors import StoreTooOld
from db.tables import Base
from scheduler.dispatch import tables
from tests.conftest import new_database, url_of


@pytest.fixture
def empty(postgresql_server: str, postgresql_template: str) -> Iterator[Store]:
    """A store without jobs."""
    store = open_store(url_of(postgresql_server, new_database(postgresql_server, postgresql_template)))
    yield store
    store.close()


def test_a_store_without_jobs_says_what_to_do(empty: Store):
    with pytest.raises(StoreTooOld, match="fascicle db upgrade"):
        tables.check_current(empty)


def test_an_upgraded_store_is_current_and_may_be_upgraded_again(empty: Store):
    tables.upgrade(empty)
    tables.check_current(empty)
    tables.upgrade(empty)
    tables.check_current(empty)


def test_our_own_tables_are_still_just_those_of_the_models(jobs_store: Store):
    def ours(_object: object, name: str, kind: str, *_more: object) -> bool:
        theirs = kind == "table" and name.startswith("procrastinate_")
        # What the database keeps for finding words has no table among the models.
        return not theirs and not (name or "").startswith("search_words")

    with jobs_store.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True, "include_object": ours})
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_ours_leaves_theirs_alone(jobs_store: Store):
    migrate.upgrade(jobs_store)

    tables.check_current(jobs_store)


def test_an_older_version_gets_the_migrations_that_it_misses(
    jobs_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "03.00.00_01_pre_old.sql").write_text("SELECT 1 / 0")
    (tmp_path / "99.00.00_01_pre_new.sql").write_text("CREATE TABLE procrastinate_new (); SELECT '100%'")
    monkeypatch.setattr(tables.SchemaManager, "get_migrations_path", lambda: str(tmp_path))
    with pytest.raises(StoreTooOld, match="older"):
        tables.check_current(jobs_store)

    tables.upgrade(jobs_store)

    tables.check_current(jobs_store)
    with jobs_store.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM procrastinate_new")) == 0


def test_an_upgrade_that_fails_changes_nothing(empty: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tables.SchemaManager, "get_schema", lambda: "CREATE TABLE procrastinate_jobs (); SELECT 1/0")
    with pytest.raises(Exception, match="division by zero"):
        tables.upgrade(empty)

    with pytest.raises(StoreTooOld, match="no tables"):
        tables.check_current(empty)
