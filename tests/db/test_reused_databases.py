"""What the other tests rest on: a database that was handed out before is as a new one, or is not handed out again."""

import psycopg
import pytest

from db.engine import Store, open_store
from tests.conftest import databases_like, url_of
from tests.making import a_house, a_reader, a_series, contents
from tests.reusing import Reused


@pytest.fixture
def databases(postgresql_server: str, postgresql_template: str) -> Reused:
    return databases_like(postgresql_server, postgresql_template)


def a_store(server: str, name: str) -> Store:
    return open_store(url_of(server, name))


def fill(store: Store) -> int:
    """Gives the number of its series."""
    a_house(store)
    with store.writing() as session:
        series = a_series(session)
        a_reader(session)
    store.close()
    return series.id


def test_it_comes_back_with_nothing_in_it_and_counts_from_the_beginning(postgresql_server: str, databases: Reused):
    with databases.one() as first:
        numbers = [fill(a_store(postgresql_server, first))]
    with databases.one() as second:
        store = a_store(postgresql_server, second)
        left = {table for table, rows in contents(store).items() if rows}
        numbers.append(fill(store))

    assert first == second
    assert (left, numbers) == (set(), [1, 1])


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE series ADD COLUMN odd integer",
        "CREATE INDEX odd ON series (title)",
        "UPDATE alembic_version SET version_num = '0001'",
        """
        INSERT INTO audit (at, actor, action, subject, detail)
        SELECT now(), 'x', 'x', 'x', '{}' FROM generate_series(1, 20000)
        """,
    ],
    ids=["a column", "an index", "another version", "very many rows"],
)
def test_one_that_cannot_be_made_as_it_was_is_not_handed_out_again(
    postgresql_server: str, databases: Reused, change: str
):
    with (
        databases.one() as first,
        psycopg.connect(url_of(postgresql_server, first).replace("+psycopg", ""), autocommit=True) as connection,
    ):
        connection.execute(change)  # type: ignore[call-overload]
    with databases.one() as second:
        pass

    assert first != second


def test_one_to_which_somebody_is_still_connected_is_not_handed_out_again(postgresql_server: str, databases: Reused):
    with databases.one() as first:
        forgotten = psycopg.connect(url_of(postgresql_server, first).replace("+psycopg", ""))
    with databases.one() as second:
        forgotten.close()

    assert first != second
