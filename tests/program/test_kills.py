"""A replay killed again and again, then resumed: nothing lost, nothing twice but what the ledger named as in doubt."""

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from db import releases
from db.deliveries import Letter
from db.engine import Store, open_store
from db.states import DeliveryState, PostState
from db.tables import Delivery, Edition, Post, Subscriber, Variant
from fascicle.app import opened
from fascicle.config import read_config
from fascicle.sink import sink
from scheduler.letters import bytes_of

KILLS = int(os.environ.get("FASCICLE_KILLS", "10"))
CONNECTIONS = 10
EVENTS = 700
"""A few more than a whole replay logs; half of them are spent on average before the last kill."""


@dataclass
class Replay:
    """The program as a child process, and what its ledger said after each kill."""

    folder: Path
    url: str
    port: int
    kills: int = 0
    named: set[tuple[str, str]] = field(default_factory=set)
    most_in_doubt: int = 0

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", "from fascicle.cli import main; main()", "demo", "--until-done"]
        command += ["--dir", str(self.folder), "--relay", str(self.port), "--database", self.url]
        quiet = {**os.environ, "FASCICLE_LOG": "info"}
        return subprocess.Popen(command, env=quiet, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run_and_kill(self, lives_for: int) -> int | None:
        """Kill it after so many events; gives its exit code, or None when it was killed."""
        child = self.start()
        assert child.stderr is not None
        for _ in range(lives_for):
            if not child.stderr.readline():
                break
        else:
            child.send_signal(signal.SIGKILL)
        code = child.wait()
        child.communicate()
        if code == -signal.SIGKILL:
            self.kills += 1
            self._note_doubts()
            return None
        return code

    def _note_doubts(self) -> None:
        doubts = self.rows(DeliveryState.intent, DeliveryState.in_doubt)
        self.named |= doubts
        self.most_in_doubt = max(self.most_in_doubt, len(doubts))

    def rows(self, *states: DeliveryState) -> set[tuple[str, str]]:
        """The (address, edition) of the letters in these states."""
        store = open_store(self.url)
        try:
            with store.reading() as session:
                statement = select(Delivery.address, Edition.key).join(Edition, Edition.id == Delivery.edition_id)
                return {(address, key) for address, key in session.execute(statement.where(Delivery.state.in_(states)))}
        finally:
            store.close()


@pytest.mark.long(minutes=1)
def test_a_replay_killed_at_random_moments_loses_nothing_and_repeats_only_what_was_in_doubt(
    empty_url: str, tmp_path: Path
):
    chance = random.Random(f"kills on {empty_url.partition(':')[0]}")
    outbox = tmp_path / "received"
    with sink(outbox) as port:
        replay = Replay(tmp_path / "demo", empty_url, port)
        while replay.kills < KILLS:
            ended = replay.run_and_kill(chance.randint(1, max(2, EVENTS // KILLS)))
            assert ended is None, "the replay came to its end before it was killed often enough"
        code = replay.run_and_kill(1_000_000)

    assert code == 0, "the summary of the replay found something that was not as planned"
    assert replay.most_in_doubt <= CONNECTIONS
    _check_releases(empty_url)
    _check_letters(tmp_path / "demo", replay, outbox)


def _check_releases(url: str) -> None:
    store = open_store(url)
    with store.reading() as session:
        released = releases.all_releases(session)
        posts = session.scalars(select(Post)).all()
    store.close()
    assert {post.state for post in posts} == {PostState.released}
    assert len(released) == len(posts) == len({release.post_id for release, _, _ in released}) == 21
    assert all(release.released_at == release.planned_at for release, _, _ in released)


def _check_letters(folder: Path, replay: Replay, outbox: Path) -> None:
    received = _received(outbox)
    with opened(read_config(folder / "config.yaml")) as app, app.store.reading() as session:
        sent = _sent(app.store)
        for delivery, variant, key in sent:
            message = bytes_of(app.house, app.token_counter, Letter(delivery, variant, key))
            copies = received.pop((delivery.address, message), 0)
            assert copies >= 1, f"{key} to {delivery.address} is called sent and never arrived"
            assert copies == 1 or (delivery.address, key) in replay.named, (
                f"{key} to {delivery.address}: {copies} copies"
            )
        readers = session.scalars(select(Subscriber)).all()
    assert not received, "a letter arrived that the ledger does not know, or not byte for byte"
    assert len({delivery.address for delivery, _, _ in sent}) == len(readers) == 12


def _sent(store: Store) -> list[tuple[Delivery, Variant, str]]:
    with store.reading() as session:
        statement = (
            select(Delivery, Variant, Edition.key)
            .join(Variant, Variant.id == Delivery.variant_id)
            .join(Edition, Edition.id == Delivery.edition_id)
            .where(Delivery.state == DeliveryState.sent)
        )
        return [(delivery, variant, key) for delivery, variant, key in session.execute(statement)]


def _received(outbox: Path) -> Counter[tuple[str, bytes]]:
    counted: Counter[tuple[str, bytes]] = Counter()
    for path in sorted(outbox.glob("*.eml")):
        first, _, message = path.read_bytes().partition(b"\r\n")
        counted[first.removeprefix(b"X-Original-To: ").decode(), message] += 1
    return counted
