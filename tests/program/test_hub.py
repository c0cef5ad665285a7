"""The hub as the program tells it: from a release to a ping, through kills, and without delaying a letter."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from db import series as all_series
from fascicle.app import HUB_PATIENCE, opened
from fascicle.config import read_config
from fascicle.sink import sink
from tests.feeds.hub import LocalHub, a_hub, answers, hangs
from tests.making import a_planned_post, a_reader
from tests.program.running import Program
from tests.scheduler.releasing import PATIENCE, until
from timing.clocks import machine_now

FEEDS = [
    f"http://127.0.0.1:8000/{name}.{form}" for name in ("feeds/all", "rain/feed") for form in ("atom", "json", "rss")
]


@pytest.fixture
def rain(program: Program) -> Program:
    """A live house with a series whose chapter is due since a moment, and a reader who wants it at once."""
    program("series", "create", "rain", "--title", "Rain", "--zone", "UTC")
    now = machine_now()
    with opened(read_config(program.folder / "config.yaml")) as app, app.store.writing() as session:
        series = all_series.by_slug(session, "rain")
        a_planned_post(session, series, now - timedelta(seconds=1), now=now - timedelta(days=1), slug="one")
        a_reader(session, frequency="instant", now=now - timedelta(days=1))
    return program


def with_hub(program: Program, url: str, *, private: bool = True) -> Program:
    program.configure("hub: null", f'hub: "{url}"')
    if private:
        program.configure("# hub_private: true", "hub_private: true")
    return program


@contextmanager
def at_work(program: Program, *, patience: int = HUB_PATIENCE) -> Iterator[subprocess.Popen[bytes]]:
    """Clock and worker in a process of their own, which has so much patience with its hub."""
    start = f"from fascicle import app; app.HUB_PATIENCE = {patience}; from fascicle.cli import main; main()"
    serve = [sys.executable, "-c", start, "serve", "--roles", "clock,worker"]
    child = subprocess.Popen(serve, cwd=program.folder, env={**os.environ})
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def told(hub: LocalHub) -> set[str]:
    return {topic for topic in hub.topics if topic in FEEDS}


def letters(outbox: Path) -> list[Path]:
    return list(outbox.glob("*.eml"))


def test_a_release_tells_the_hub_once_of_each_feed_that_it_changes(rain: Program):
    with a_hub() as hub:
        with_hub(rain, hub.url)
        first, second = rain("release"), rain("release")

    assert (first.code, second.code) == (0, 0)
    assert set(FEEDS) <= set(hub.topics)
    assert len(hub.topics) == len(set(hub.topics))


def test_feeds_that_are_built_anew_tell_the_hub_what_it_missed_and_no_more(rain: Program):
    with a_hub() as hub:
        rain("release")
        with_hub(rain, hub.url)
        rain("feeds", "build", "--all")
        missed = len(hub.forms)
        rain("feeds", "build", "--all")

    assert told(hub) == set(FEEDS)
    assert len(hub.forms) == missed


def test_a_hub_that_hangs_delays_a_release_by_seconds_and_the_doctor_says_what_is_owed(rain: Program):
    with a_hub(hangs) as hub:
        with_hub(rain, hub.url)
        done = rain("release")
        findings = {row["part"]: row for row in rain("doctor", "--json").rows()}

    assert (done.code, len(hub.forms)) == (0, 1)
    assert findings["hub"]["state"] == "wrong"
    assert "no answer within 5 seconds" in findings["hub"]["finding"]
    assert "tried again at" in findings["hub"]["finding"]


def test_the_doctor_is_content_with_a_hub_that_was_told(rain: Program):
    with a_hub() as hub:
        with_hub(rain, hub.url)
        rain("release")
        findings = {row["part"]: row for row in rain("doctor", "--json").rows()}

    assert (findings["hub"]["state"], findings["hub"]["finding"]) == ("ok", f"{hub.url} has been told of all news")


def test_the_doctor_finds_a_hub_that_must_not_be_told(program: Program):
    findings = {
        row["part"]: row for row in with_hub(program, "http://localhost:1/", private=False)("doctor", "--json").rows()
    }

    assert findings["hub"]["state"] == "wrong"
    assert "`hub_private: true` allows" in findings["hub"]["finding"]


@pytest.mark.parametrize("url", ["ftp://hub.example/", "https://a:b@hub.example/", "https://hub.example:99999/"])
def test_what_is_no_address_of_a_hub_is_refused_by_its_path(program: Program, url: str):
    done = with_hub(program, url)("series", "list")

    assert done.code == 2
    assert "config.yaml: feeds.hub: " in done.err


def test_a_replay_tells_nobody(replay: Program):
    with a_hub() as hub:
        with_hub(replay, hub.url)("release", "--now", "2026-03-02T07:00:00Z")

    assert hub.forms == []


@pytest.mark.slow
def test_a_program_killed_while_it_tells_the_hub_tells_it_when_it_runs_again(rain: Program):
    with a_hub(hangs, answers(202)) as hub:
        with_hub(rain, hub.url)
        with at_work(rain) as first:
            until(lambda: hub.forms)
            first.kill()
            first.wait()
        with at_work(rain) as second:
            until(lambda: set(FEEDS) <= set(hub.topics[1:]))
            second.send_signal(signal.SIGTERM)
            assert second.wait(PATIENCE) == 0

    assert len(hub.topics[1:]) == len(set(hub.topics[1:]))


@pytest.mark.slow
def test_a_hub_that_hangs_delays_no_letter_and_the_program_still_ends(rain: Program, tmp_path: Path):
    outbox = tmp_path / "outbox"
    with a_hub(hangs) as hub, sink(outbox) as port:
        with_hub(rain, hub.url).relay_at(port)
        with at_work(rain, patience=30) as child:
            until(lambda: hub.forms)
            begin = time.monotonic()
            until(lambda: letters(outbox))
            waited = time.monotonic() - begin
            child.send_signal(signal.SIGTERM)
            assert child.wait(PATIENCE) == 0

    assert waited < 25
