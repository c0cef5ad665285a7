"""Whether a limit is held by two processes together: run by hand, `make bench-mail` has the rates without one.

Two workers send an edition to an smtp-sink by the real clock, once with a limit for the relay, and once with a fifth
of it for the readers' domain beside it.
"""

import argparse
import tempfile
from pathlib import Path

from databases import new_store, postgresql
from house import BODIES
from letters import DUE, counted, read_by
from mailing import Case, by_workers
from sqlalchemy import func, select
from wire import sink

from db.engine import Store
from db.tables import Delivery
from scheduler.passes import Clockwork
from scheduler.release import Rules


def measured(store: Store, port: int, folder: Path, limits: dict[str, str], letters: int) -> float:
    """Letters a second, from the first to the last that the relay took."""
    read_by(store, letters, BODIES["4 kB"])
    Clockwork(store, folder / "node.json", Rules()).wake(DUE)
    url = store.engine.url.render_as_string(hide_password=False)
    by_workers(Case(processes=2), url, letters=letters, port=port, profile=None, limits=limits)
    assert counted(store) == {"sent": letters}, counted(store)
    with store.reading() as session:
        first, last = session.execute(select(func.min(Delivery.settled_at), func.max(Delivery.settled_at))).one()
    return (letters - 1) / (last - first).total_seconds()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rate", type=int, default=500)
    asked = parser.parse_args()
    relay, domain = {"relay": f"{asked.rate}/s"}, {"domain": f"{asked.rate // 5}/s"}
    cases = [(relay, asked.rate), (relay | domain, asked.rate // 5)]
    with sink() as port, tempfile.TemporaryDirectory() as folder, postgresql() as server:
        for kind, place in {"sqlite": f"sqlite:///{folder}", "postgresql": server}.items():
            for limits, rate in cases:
                with new_store(place) as store, tempfile.TemporaryDirectory() as node:
                    found = measured(store, port, Path(node), limits, rate * asked.seconds)
                    print(f"{kind}, {limits}: {found:.1f}/s, {100 * found / rate - 100:+.1f} %", flush=True)


if __name__ == "__main__":
    main()
