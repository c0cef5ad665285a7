"""How late an idle `fascicle serve --roles clock` releases 1,000 posts, ten a second: run by hand, `make bench`.

Two figures for each database: the lateness stored with each release (when its wake-up began), and the lateness of the
log line that follows its commit (when readers could see it). Beside them, in the same seconds, a bare loop that waits
for the same instants and does nothing: what this machine's timers cost by themselves.
"""

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

from databases import both, new_url, plan
from sqlalchemy import select

from db.engine import Store, open_store
from db.tables import Release

PROGRAM = [sys.executable, "-m", "fascicle"]
POSTS = 1000
APART = timedelta(milliseconds=100)
HEAD_START = timedelta(seconds=8)
"""For the program to start before the first post is due."""
AFTER = timedelta(seconds=3)


def now() -> datetime:
    return datetime.now(UTC)


def wait_until(moment: datetime) -> None:
    resting = Event()
    while (rest := (moment - now()).total_seconds()) > 0:
        resting.wait(rest)


def milliseconds(late: timedelta) -> float:
    return late / timedelta(milliseconds=1)


def bare_loop(dues: list[datetime], late: list[float]) -> None:
    for due in dues:
        wait_until(due)
        late.append(milliseconds(now() - due))


def measure(url: str, folder: Path) -> dict[str, list[float]]:
    """Milliseconds late, by what was measured."""
    env = {**os.environ, "FASCICLE_DATABASE": url}
    subprocess.run([*PROGRAM, "init"], cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL)
    store = open_store(url)
    first = now() + HEAD_START
    dues = [first + number * APART for number in range(POSTS)]
    plan(store, [dues])
    bare: list[float] = []
    # Half-way between two posts, so that loop and program do not wait for each other's processor.
    loop = Thread(target=bare_loop, args=([due + APART / 2 for due in dues], bare))
    loop.start()
    lines = _serve_until(dues[-1] + AFTER, folder, env)
    loop.join()
    stored = _stored(store)
    store.close()
    assert len(stored) == len(lines) == POSTS, f"{len(stored)} releases, {len(lines)} lines of {POSTS}"
    seen = [
        milliseconds(datetime.fromisoformat(line["timestamp"]) - dues[int(line["post"].removeprefix("chapter-"))])
        for line in lines
    ]
    return {"stored": stored, "after the commit": seen, "a bare loop": bare}


def _serve_until(end: datetime, folder: Path, env: dict[str, str]) -> list[dict[str, str]]:
    """Run the clock alone until a moment; gives the log lines of its releases."""
    told = folder / "log"
    with told.open("w") as file:
        child = subprocess.Popen([*PROGRAM, "serve", "--roles", "clock"], cwd=folder, env=env, stderr=file)
        try:
            wait_until(end)
        finally:
            child.terminate()
            child.wait(30)
    lines = [json.loads(line) for line in told.read_text().splitlines()]
    return [line for line in lines if line["event"] == "post released"]


def _stored(store: Store) -> list[float]:
    with store.reading() as session:
        rows = session.execute(select(Release.released_at, Release.planned_at))
        return [milliseconds(released_at - planned_at) for released_at, planned_at in rows]


def told(late: list[float]) -> str:
    ranked = sorted(late)
    middle, high = ranked[len(ranked) // 2], ranked[len(ranked) * 99 // 100 - 1]
    return f"p50 {middle:.1f} ms, p99 {high:.1f} ms, max {ranked[-1]:.1f} ms"


def main() -> None:
    with both() as places:
        for kind, place in places.items():
            with tempfile.TemporaryDirectory() as folder:
                for what, late in measure(new_url(place), Path(folder)).items():
                    print(f"{kind}, {what}: {told(late)}", flush=True)


if __name__ == "__main__":
    main()
