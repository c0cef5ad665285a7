"""Migrations and models are one description of the same tables, on both databases."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from db import migrate
from db.engine import Store, open_store
from db.errors import StoreTooNew, StoreTooOld
from db.tables import Base
from tests.making import NOON


def not_of_search(name, kind, parents):
    """What databases keep for finding words has no table among the models."""
    return not (name or "").startswith("search_words")


def not_of_search_object(thing, name, kind, reflected, compare_to):
    return not_of_search(name, kind, {})


def test_migrations_make_just_the_tables_that_the_models_describe(store: Store):
    with store.reading() as session:
        options = {"compare_type": True, "include_name": not_of_search, "include_object": not_of_search_object}
        context = MigrationContext.configure(session.connection(), opts=options)
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


def test_upgrading_a_store_that_has_sent_letters_loses_none_of_them(empty_url: str):
    store = open_store(empty_url)
    upgraded_to(store, "0004")
    with store.writing() as session:
        for statement in A_LETTER_SENT:
            session.execute(text(statement), {"then": NOON})

    migrate.upgrade(store)

    with store.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM deliveries")) == 1
        assert session.scalar(text("SELECT count(*) FROM delivery_marks")) == 1
        assert session.scalar(text("SELECT priority FROM editions")) == 0
    store.close()


A_LETTER_SENT = (
    "INSERT INTO series (id, slug, entry_id, title, subtitle, summary, language, zone, hour, announces, missed, "
    "version, last_seq, created_at) "
    "VALUES (1, 's', 'e', 't', '', '', 'en', 'UTC', '07:00', false, 'release', 0, 1, :then)",
    "INSERT INTO subscribers (id, address, address_key, fingerprint, name, zone, hour, language, format, state, "
    "created_at) VALUES (1, 'a@b', 'a@b', 'f', '', 'UTC', 7, 'en', 'html', 'active', :then)",
    "INSERT INTO subscriptions (id, subscriber_id, series_id, frequency, weekday, state, watermark, created_at) "
    "VALUES (1, 1, 1, 'daily', 0, 'active', 1, :then)",
    "INSERT INTO editions (id, key, kind, moment, state, created_at) "
    "VALUES (1, 'k', 'digest', :then, 'finished', :then)",
    "INSERT INTO batches (id, edition_id, first, last, cursor, state, fence, attempts) "
    "VALUES (1, 1, 1, 1, 1, 'finished', 1, 0)",
    "INSERT INTO variants (id, edition_id, digest, language, format, posts, skeleton) "
    "VALUES (1, 1, 'd', 'en', 'html', '[]', '')",
    "INSERT INTO deliveries (id, edition_id, subscriber_id, batch_id, variant_id, address, name, date, state, "
    "ever_in_doubt, attempts) VALUES (1, 1, 1, 1, 1, 'a@b', '', :then, 'sent', false, 1)",
    "INSERT INTO delivery_marks (delivery_id, subscription_id, after, upto) VALUES (1, 1, 0, 1)",
)


def upgraded_to(store: Store, version: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with store.writing() as session:
        config.attributes["connection"] = session.connection()
        command.upgrade(config, version)
