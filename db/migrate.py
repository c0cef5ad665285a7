"""Bringing a store's tables to what this program needs, and telling when they are not."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from db.engine import Store
from db.errors import StoreTooNew, StoreTooOld

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(store: Store) -> None:
    """Apply the missing migrations, all in one transaction. Raises StoreTooNew when the store knows more than we do."""
    _refuse_newer(store)
    config = _config()
    with store.writing() as session:
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "head")


def check_current(store: Store) -> None:
    """Raises StoreTooNew or StoreTooOld unless the store's tables are just those of this program."""
    _refuse_newer(store)
    current, head = _current(store), _script().get_current_head()
    if current != head:
        raise StoreTooOld(
            f"the store is at {current or 'no version'}, this program needs {head}; run `fascicle db upgrade`"
        )


def _refuse_newer(store: Store) -> None:
    current = _current(store)
    if current is not None and current not in {script.revision for script in _script().walk_revisions()}:
        raise StoreTooNew(
            f"the store is at version {current}, which this program does not know: it was written by a newer one. "
            "Run that one, or restore the backup made before the upgrade"
        )


def _current(store: Store) -> str | None:
    with store.reading() as session:
        return MigrationContext.configure(session.connection()).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
