"""A worker that the machine stops past its lease, and lets go on."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from db.states import InDoubtPolicy
from tests.dispatch.floor import WAYS
from tests.dispatch.kills.conftest import Begin
from tests.dispatch.kills.life import Life
from tests.dispatch.kills.points import Blow, Moment
from tests.fleet.fleet import until

READERS = 130
EVERYBODY = [f"reader{number}@example.org" for number in range(1, READERS + 1)]
PATIENCE = 60
NTH = {"sends a body": 40, "sends a dot": 40, "writes into the ledger": 3}
"""It is frozen before it does so for this time."""


def is_frozen(pid: int | None) -> bool:
    """Whether a process is stopped by a signal."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@pytest.mark.long
@pytest.mark.parametrize("policy", InDoubtPolicy)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("step", NTH)
def test_a_worker_frozen_past_its_lease_sends_one_letter_too_many_at_most(
    begin: Begin, way: str, step: str, policy: InDoubtPolicy
):
    drain = begin(way, READERS, connections=10, policy=policy)
    with frozen_at(drain.life, step) as frozen:
        drain.note_uncertain()
        drain.wait()
        drain.life = drain.life.by("another")
        drain.to_the_end()
        late = drain.taken.again()

        go_on(frozen)

    assert frozen.exitcode == 0
    assert late.letters().total() <= 1
    drain.check(EVERYBODY)


@contextmanager
def frozen_at(life: Life, step: str) -> Iterator[BaseProcess]:
    """A process that is stopped there, and killed in the end whatever became of it."""
    process = life.begin(Blow(NTH[step], step, Moment.before, signal.SIGSTOP))
    try:
        until(lambda: is_frozen(process.pid), PATIENCE)
        yield process
    finally:
        process.kill()
        process.join()


def go_on(process: BaseProcess) -> None:
    assert process.pid
    os.kill(process.pid, signal.SIGCONT)
    process.join(PATIENCE)
