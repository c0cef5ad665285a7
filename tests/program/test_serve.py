"""`serve` as a process: it answers, releases what comes due, and stops cleanly."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.ports import free_port

PROGRAM = [sys.executable, "-m", "fascicle"]
PATIENCE = 120
"""Seconds; far more than anything needs on a quiet machine."""

pytestmark = pytest.mark.slow


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PROGRAM, *words], cwd=folder, capture_output=True, text=True, check=True)


@contextmanager
def served(folder: Path, *words: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    listen = f"127.0.0.1:{free_port()}"
    child = subprocess.Popen([*PROGRAM, "serve", *words], cwd=folder, env={**os.environ, "FASCICLE_LISTEN": listen})
    try:
        until(lambda: page(f"http://{listen}/healthz") == '{"ok":true}')
        yield f"http://{listen}", child
    finally:
        child.kill()
        child.wait()


def until(condition, *, patience: float = PATIENCE) -> None:
    """Wait for what another process does; fails after a long while."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def page(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return str(reply.read().decode())
    except OSError:
        return ""


def test_a_post_appears_on_its_page_and_in_its_feed_by_itself_and_the_program_ends_cleanly(tmp_path: Path):
    run(tmp_path, "init")
    run(tmp_path, "series", "create", "primer", "--title", "The Primer", "--zone", "UTC")
    due = (datetime.now(UTC) + timedelta(seconds=8)).replace(microsecond=0)
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "rain.md").write_text(f"---\ntitle: Rain\ndate: {due:%Y-%m-%d %H:%M:%S}\n---\nIt rains.\n")
    run(tmp_path, "import", str(posts), "--series", "primer")

    with served(tmp_path) as (url, child):
        assert "Rain" not in page(f"{url}/primer/") or datetime.now(UTC) >= due
        until(lambda: "It rains." in page(f"{url}/primer/rain/"))
        assert datetime.now(UTC) >= due
        until(lambda: "It rains." in page(f"{url}/primer/feed.atom"))
        child.send_signal(signal.SIGTERM)
        assert child.wait(PATIENCE) == 0

    shown = json.loads(run(tmp_path, "posts", "list", "primer", "--json").stdout)
    assert [(post["slug"], post["state"], post["seq"]) for post in shown] == [("rain", "released", 1)]
    assert asked_for_feeds(tmp_path) >= 1


def asked_for_feeds(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "fascicle.db")) as store:
        return store.execute("SELECT sum(many) FROM feed_requests").fetchone()[0] or 0


def test_under_dev_each_letter_is_kept_and_shown_and_no_relay_gets_any(tmp_path: Path):
    run(tmp_path, "init")
    run(tmp_path, "operators", "invite", "bob@example.org", "--role", "editor", "--by-letter")

    with served(tmp_path, "--dev") as (url, child):
        until(lambda: "bob@example.org" in page(f"{url}/outbox/"))
        child.send_signal(signal.SIGTERM)
        assert child.wait(PATIENCE) == 0

    [letter] = (tmp_path / "outbox").glob("*.eml")
    assert b"X-Original-To: bob@example.org" in letter.read_bytes()
    shown = json.loads(run(tmp_path, "deliveries", "list", "--json").stdout)
    assert [one["state"] for one in shown] == ["sent"]


def test_a_worker_that_meets_a_bug_ends_the_program_for_all_to_see(tmp_path: Path):
    run(tmp_path, "init")
    broken = "import scheduler.passes as p; p.Passes.write_feeds = lambda self: 1 / 0; "
    listen = {**os.environ, "FASCICLE_LISTEN": f"127.0.0.1:{free_port()}"}

    ended = subprocess.run(
        [sys.executable, "-c", f"import fascicle; {broken}from fascicle.cli import main; main()", "serve"],
        cwd=tmp_path,
        env=listen,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert ended.returncode == 1
    assert "worker failed" in ended.stderr
    assert "ZeroDivisionError" in ended.stderr
