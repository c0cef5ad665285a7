"""A transaction in which nothing is said any more ends by itself, and whoever fell silent is told so in our words."""

import psycopg
import pytest
from sqlalchemy import text

from db.engine import Store, open_store
from db.errors import StoreUnreachable
from tests.conftest import new_database, url_of


def patience(url: str) -> str:
    store = open_store(url)
    with store.reading() as session:
        said = session.scalars(text("SHOW idle_in_transaction_session_timeout")).one()
    store.close()
    return str(said)


def test_the_server_is_to_end_silent_transactions_unless_it_has_a_rule_of_its_own(postgresql_server: str):
    url = url_of(postgresql_server, new_database(postgresql_server))
    between = "&" if "?" in url else "?"

    assert patience(url) == "1min"
    assert patience(f"{url}{between}options=-c%20idle_in_transaction_session_timeout%3D5s") == "5s"


def test_who_fell_silent_is_told_that_the_database_does_not_answer(postgresql_server: str):
    store = open_store(url_of(postgresql_server, new_database(postgresql_server)))

    # In the server's words, or, when it closed the line before they could be read, in the driver's.
    with pytest.raises(StoreUnreachable, match="the database does not answer"):
        fall_silent(store, postgresql_server)
    store.close()


def fall_silent(store: Store, server: str) -> None:
    """Speak again only when the server has given up waiting."""
    with store.writing() as session:
        session.execute(text("SET idle_in_transaction_session_timeout = 1"))
        until_it_is_gone(server, session.scalars(text("SELECT pg_backend_pid()")).one())
        session.execute(text("SELECT 1"))


def until_it_is_gone(server: str, process: int) -> None:
    """Ask until the server has ended a process of its own; fails with the test's own patience."""
    with psycopg.connect(server, autocommit=True) as other:
        for _ in range(1000):
            if other.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", (process,)).fetchone() is None:
                return
            other.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("the server let it be")
