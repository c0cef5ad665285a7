"""A worker and its relay in virtual time: where both would wait, the machine's clock leaps."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from db.states import InDoubtPolicy
from scheduler.passes import Passes
from tests.mail.faulty import FaultyRelay, listening
from tests.mail.virtual import VirtualLoop, on_one_processor
from tests.sending.office import Office


def deliver(
    office: Office, relay: FaultyRelay, now: datetime, *, policy: InDoubtPolicy = InDoubtPolicy.resend
) -> timedelta:
    """All that can be sent from `now` on; gives how long it took."""
    office.machine = now
    with leaping(office, relay, policy=policy) as passes:
        passes.send_letters(now)
    return office.machine - now


@contextmanager
def leaping(office: Office, relay: FaultyRelay, *, policy: InDoubtPolicy = InDoubtPolicy.resend) -> Iterator[Passes]:
    """A worker on one loop with its relay, as both must be for time to leap."""

    def leapt(seconds: float) -> None:
        office.machine += timedelta(seconds=seconds)

    loop = VirtualLoop(leapt)
    server = listening(relay)
    with (
        on_one_processor(),
        office.worker(loop.run_until_complete(server.__aenter__()), policy=policy, loop=lambda: loop) as passes,
    ):
        try:
            yield passes
        finally:
            loop.run_until_complete(server.__aexit__(None, None, None))
