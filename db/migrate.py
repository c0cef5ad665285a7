"""Bringing a store's tables to what this program needs, and telling when they are not."""

from pathlib import Path

from sqlalchemy import inspect, text

from db.engine import Store
from db.errors import StoreTooNew, StoreTooOld
from db.said import say

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(store: Store) -> None:
    """Apply the missing migrations, all in one transaction. Raises StoreTooNew when the store knows more than we do."""
    # Imported here because it costs every start a quarter of a second and 12 MB, and hardly any start upgrades.
    from alembic import command
    from alembic.config import Config

    _refuse_newer(_current(store))
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with store.writing() as session:
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "head")


def check_current(store: Store) -> None:
    """Raises StoreTooNew or StoreTooOld unless the store's tables are just those of this program."""
    current, head = _current(store), known_versions()[-1]
    _refuse_newer(current)
    if current != head:
        raise StoreTooOld(
            say(
                "the store is at %(current)s, this program needs %(head)s; run `fascicle db upgrade`",
                current=current or say("no version"),
                head=head,
            )
        )


def known_versions() -> list[str]:
    """The versions that this program knows, oldest first: each migration's file is named by its number."""
    return sorted(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


def _refuse_newer(current: str | None) -> None:
    if current is not None and current not in known_versions():
        raise StoreTooNew(
            f"the store is at version {current}, which this program does not know: it was written by a newer one. "
            "Run that one, or restore the backup made before the upgrade"
        )


def _current(store: Store) -> str | None:
    with store.reading() as session:
        if not inspect(session.connection()).has_table("alembic_version"):
            return None
        version: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
        return version
