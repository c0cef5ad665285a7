"""procrastinate's tables in our store: made beside ours, and brought to what the installed version needs."""

from pathlib import Path

from procrastinate.schema import SchemaManager
from sqlalchemy import text
from sqlalchemy.orm import Session

from db.engine import Store
from db.errors import StoreTooOld
from scheduler.dispatch.jobs import driver_of

# procrastinate keeps no record of which of its migrations a database has; a comment on its first table is ours.
_READ = "SELECT to_regclass('procrastinate_jobs'), obj_description(to_regclass('procrastinate_jobs'), 'pg_class')"


def upgrade(store: Store) -> None:
    """Make the tables, or apply the migrations that they miss, in one transaction."""
    with store.writing() as session:
        there, version = _seen(session)
        if version == newest():
            return
        for statements in _missing(version) if there else [SchemaManager.get_schema()]:
            driver_of(session).execute(statements)
        session.execute(text(f"COMMENT ON TABLE procrastinate_jobs IS '{newest()}'"))


def check_current(store: Store) -> None:
    """Raises StoreTooOld unless the tables are there, for the version that is installed."""
    with store.reading() as session:
        there, version = _seen(session)
    if not there:
        raise StoreTooOld("dispatch: procrastinate has no tables in this store yet; run `fascicle db upgrade`")
    if version is None or version < newest():
        raise StoreTooOld("procrastinate's tables in this store are of an older version; run `fascicle db upgrade`")


def newest() -> str:
    """The name of the last migration that the installed procrastinate brings."""
    return _migrations()[-1].stem


def _seen(session: Session) -> tuple[bool, str | None]:
    there, version = session.execute(text(_READ)).one()
    return there is not None, version


def _missing(version: str | None) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in _migrations() if path.stem > (version or "")]


def _migrations() -> list[Path]:
    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
