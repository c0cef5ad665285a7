"""Whatever the relay does, the ledger knows of each letter that was taken, and each is taken once or named in doubt."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from db.engine import open_store
from db.states import InDoubtPolicy
from db.tables import Delivery, Subscription
from tests.conftest import new_database, url_of
from tests.mail.drawing import faults
from tests.mail.faults import HANGS_UP, Answer, Fault, says
from tests.mail.faulty import Accepted, FaultyRelay
from tests.making import NOON, a_house, a_reader, a_series, at
from tests.sending.leaping import deliver
from tests.sending.office import Office

pytestmark = pytest.mark.slow

READERS = ("alice@example.org", "bob@example.org", "carol@example.org")
MORNING = at("2026-03-02 07:00")
# Each fault ends some time: a relay that leaves every copy in doubt gets another one each 30 seconds, without end.
scripts = faults(recipients=READERS).map(lambda script: [replace(fault, times=fault.times or 3) for fault in script])
PIPELINING = ("PIPELINING",)
FORGETS = Answer(line=b"250 queued\r\n", forgets=True)
offered = st.sampled_from([PIPELINING, PIPELINING, ()])
policies = st.sampled_from(InDoubtPolicy)
unhurried = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@settings(unhurried, max_examples=30)
@given(script=scripts, policy=policies, offers=offered)
@example(script=[Fault("dot", HANGS_UP, letter=1)], policy=InDoubtPolicy.resend, offers=())
@example(script=[Fault("dot", HANGS_UP, letter=1)], policy=InDoubtPolicy.hold, offers=PIPELINING)
@example(script=[Fault("dot", says("250 fine", after=601), letter=1)], policy=InDoubtPolicy.resend, offers=PIPELINING)
@example(script=[Fault("dot", FORGETS, times=2)], policy=InDoubtPolicy.resend, offers=PIPELINING)
def test_the_ledger_knows_what_was_taken_on_sqlite(
    script: list[Fault], policy: InDoubtPolicy, offers: tuple[str, ...], sqlite_template: Path
):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(sqlite_template, Path(folder) / "store.db")
        with an_office(f"sqlite:///{folder}/store.db", Path(folder)) as office:
            check(office, policy, lived_through(office, script, policy, offers))


@settings(unhurried, max_examples=8)
@given(script=scripts, policy=policies, offers=offered)
def test_the_ledger_knows_what_was_taken_on_postgresql(
    script: list[Fault],
    policy: InDoubtPolicy,
    offers: tuple[str, ...],
    postgresql_server: str,
    postgresql_template: str,
):
    url = url_of(postgresql_server, new_database(postgresql_server, postgresql_template))
    with tempfile.TemporaryDirectory() as folder, an_office(url, Path(folder)) as office:
        check(office, policy, lived_through(office, script, policy, offers))


@contextmanager
def an_office(url: str, folder: Path) -> Iterator[Office]:
    """Three readers, and it is the hour of their digest, which is planned and not sent yet."""
    store = open_store(url)
    try:
        a_house(store)
        office = Office(store, folder, NOON, NOON)
        with store.writing() as session:
            a_series(session)
            for address in READERS:
                a_reader(session, address)
        office.plan("one", MORNING - timedelta(hours=1))
        office.machine = office.calendar = MORNING
        with office.worker(0) as passes:
            passes.clockwork.wake(MORNING)
        yield office
    finally:
        store.close()


def lived_through(
    office: Office, script: list[Fault], policy: InDoubtPolicy, offers: tuple[str, ...]
) -> Sequence[Accepted]:
    """What was taken in three hours of this relay and three half days of a good one."""
    faulty, good = FaultyRelay(script), FaultyRelay([])
    faulty.offers = good.offers = offers
    for relay, pause in [(faulty, timedelta(hours=1))] * 3 + [(good, timedelta(hours=12))] * 3:
        deliver(office, relay, office.machine, policy=policy)
        office.machine += pause
    return [*faulty.accepted, *good.accepted]


def check(office: Office, policy: InDoubtPolicy, accepted: Sequence[Accepted]) -> None:
    copies = Counter(one.recipient for one in accepted)
    assert len({one.recipient for one in accepted}) == len(set(accepted))  # all copies of a letter are the same bytes
    rows = office.deliveries()
    assert [row.address for row in rows] == list(READERS)
    for row in rows:
        event(
            f"{row.state}, {'ever' if row.ever_in_doubt else 'never'} in doubt, {policy}, copies {copies[row.address]}"
        )
        check_row(row, policy, copies[row.address])
        assert watermark(office, row) == (row.state == "sent" or row.ever_in_doubt)


def check_row(row: Delivery, policy: InDoubtPolicy, copies: int) -> None:
    if row.ever_in_doubt:
        assert row.state in ("sent", "in_doubt")
        assert copies >= (row.state == "sent")
    else:
        assert row.state in ("sent", "hard")
        assert copies == (row.state == "sent")
    if policy is InDoubtPolicy.hold:
        assert copies <= 1


def watermark(office: Office, row: Delivery) -> int:
    with office.store.reading() as session:
        return session.scalars(select(Subscription.watermark).filter_by(subscriber_id=row.subscriber_id)).one()
