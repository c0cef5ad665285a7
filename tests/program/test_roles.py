"""Clock, worker and web as processes of their own on one PostgreSQL, in both ways of handing work out."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from db.engine import open_store
from db.tables import Post
from fascicle.sample import write_sample
from fascicle.sink import sink
from tests.conftest import new_database, url_of
from tests.ports import free_port
from tests.program.running import Program
from tests.program.test_serve import PATIENCE, PROGRAM, page, until
from timing.clocks import machine_now


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[int]:
    with sink(tmp_path / "outbox") as port:
        yield port


@pytest.mark.slow
@pytest.mark.parametrize("way", ["embedded", "procrastinate"])
def test_each_role_in_processes_of_its_own_release_write_and_send_together(
    nowhere: Program, relay: int, way: str, postgresql_server: str
):
    listen = f"127.0.0.1:{free_port()}"
    set_up(nowhere, way, url_of(postgresql_server, new_database(postgresql_server)), listen, relay)
    outbox = nowhere.folder / "outbox"

    with ExitStack() as stack:
        roles = ("clock", "worker", "worker", "web")
        children = [stack.enter_context(a_process(nowhere.folder, role)) for role in roles]
        until(lambda: "It rains." in page(f"http://{listen}/primer/feed.atom"))
        until(lambda: list(outbox.glob("*.eml")))
        for child in children:
            child.send_signal(signal.SIGTERM)
        ended = [child.wait(PATIENCE) for child in children]

    assert ended == [0, 0, 0, 0]
    assert len(list(outbox.glob("*.eml"))) == 1


def set_up(program: Program, way: str, url: str, listen: str, relay: int) -> None:
    """Alice, and a chapter that is due in a moment, which she wants at once."""
    write_sample(program.folder / "config.yaml")
    program.configure("database: sqlite:///fascicle.db", f"database: {url}")
    program.configure("dispatch: embedded", f"dispatch: {way}")
    program.configure("listen: 127.0.0.1:8000", f"listen: {listen}")
    program.relay_at(relay)
    assert program("init").code == 0
    assert program("series", "create", "primer", "--title", "The Primer", "--zone", "UTC").code == 0
    assert program("subscribers", "add", "alice@example.org", "--frequency", "instant").code == 0
    program.write("posts/rain.md", "---\ntitle: Rain\ndate: 2100-01-01\n---\nIt rains.\n")
    assert program("import", "posts", "--series", "primer").code == 0
    bring_forward(url)


def bring_forward(url: str) -> None:
    """Have the chapter come due in a moment, however long it took to take it in."""
    store = open_store(url)
    due = machine_now() + timedelta(seconds=2)
    with store.writing() as session:
        session.execute(update(Post).values(wall=due.replace(tzinfo=None), due_at=due))
    store.close()


class a_process(subprocess.Popen[bytes]):  # noqa: N801 - it is used as a phrase
    """`serve` in one role, killed at the end of the block if it still runs."""

    def __init__(self, folder: Path, role: str) -> None:
        super().__init__([*PROGRAM, "serve", "--roles", role], cwd=folder)

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.wait()


def test_procrastinate_is_refused_without_postgresql(program: Program):
    program.configure("dispatch: embedded", "dispatch: procrastinate")

    ended = program("doctor", "--json")

    assert ended.code == 1
    assert "config.yaml: dispatch: this needs PostgreSQL" in ended.rows()[0]["finding"]


@pytest.mark.slow
def test_the_doctor_looks_at_jobs(program: Program, postgresql_server: str):
    url = url_of(postgresql_server, new_database(postgresql_server))
    program.configure("dispatch: embedded", "dispatch: procrastinate")
    program.configure("database: sqlite:///fascicle.db", f"database: {url}")
    before = findings(program)
    (program.folder / "node.json").unlink()
    assert program("init").code == 0

    after = findings(program)

    assert "fascicle db upgrade" in before["database"]
    assert after["jobs"] == "0 wait, 0 are under way"


def findings(program: Program) -> dict[str, str]:
    return {row["part"]: row["finding"] for row in program("doctor", "--json").rows()}
