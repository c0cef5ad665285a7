"""Migrations and models are one description of the same tables, on both databases."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from db import migrate
from db.engine import Store, open_store
from db.errors import StoreTooNew, StoreTooOld
from db.tables import Base


def test_migrations_make_just_the_tables_that_the_models_describe(store: Store):
    with store.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_an_upgraded_store_is_current(empty_url: str):
    store = open_store(empty_url)
    migrate.upgrade(store)
    migrate.check_current(store)
    migrate.upgrade(store)
    migrate.check_current(store)
    store.close()


def test_an_empty_database_is_told_to_upgrade(empty_url: str):
    store = open_store(empty_url)
    with pytest.raises(StoreTooOld, match="fascicle db upgrade"):
        migrate.check_current(store)
    store.close()


def test_a_store_of_a_newer_program_is_refused_untouched(store: Store):
    with store.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreTooNew, match="newer"):
        migrate.check_current(store)
    with pytest.raises(StoreTooNew):
        migrate.upgrade(store)


def test_the_versions_we_name_by_file_are_those_that_alembic_knows():
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    assert sorted(one.revision for one in script.walk_revisions()) == migrate.known_versions()
    assert script.get_current_head() == migrate.known_versions()[-1]
