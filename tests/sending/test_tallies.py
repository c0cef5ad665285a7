"""Letters of editions that are over are counted once, and again when they change after all."""

import pytest

from db import editions, figures, personal, subscribers, tallies
from db.states import DeliveryState, InDoubtPolicy
from scheduler import steer
from scheduler.tallying import tally_one
from tests.mail.faulty import DROP, FaultyRelay
from tests.making import at
from tests.sending.office import Office, running
from tests.sending.steering import KEY, ME, MORNING, READERS, with_readers

COUNTS = {"sent": 9, "in_doubt": 1}


@pytest.fixture
def over(office: Office) -> Office:
    """Ten letters went out at 07:00; the answer to one of them was lost."""
    with_readers(office)
    with running(FaultyRelay({"dot": [DROP, "250 2.0.0 fine"]})) as port:
        office.run(MORNING, port, policy=InDoubtPolicy.hold)
    return office


def kept(office: Office) -> dict[str, int] | None:
    with office.store.reading() as session:
        return editions.by_key(session, KEY).tally


def test_an_edition_is_counted_once_when_it_is_over(over: Office):
    first, second = tally_one(over.store), tally_one(over.store)

    assert (first, second) == (True, False)
    assert kept(over) == COUNTS


def test_an_edition_that_goes_out_is_not_kept_count_of(office: Office):
    with_readers(office)
    with office.worker(1) as passes:
        passes.clockwork.wake(MORNING)

    assert not tally_one(office.store)


def test_the_figures_of_a_day_are_the_same_before_and_after(over: Office):
    with over.store.reading() as session:
        before = figures.letters(session, at("2026-03-01 00:00"))

    tally_one(over.store)

    with over.store.reading() as session:
        after = figures.letters(session, at("2026-03-01 00:00"))
    assert sorted(after) == sorted(before)
    assert {one.kind: one.many for one in after} == COUNTS


def test_an_edition_of_which_a_letter_is_sent_again_is_counted_again(over: Office):
    tally_one(over.store)
    [doubtful] = [one.id for one in over.deliveries() if one.state == DeliveryState.in_doubt]

    steer.resend(over.store, [doubtful], ME)
    meanwhile = kept(over)
    with running(FaultyRelay({})) as port:
        over.run(MORNING, port, policy=InDoubtPolicy.hold)
    tally_one(over.store)

    assert meanwhile is None
    assert kept(over) == {"sent": 10}


def test_letters_of_who_was_erased_are_counted_no_more(over: Office):
    tally_one(over.store)

    with over.store.writing() as session:
        personal.forget(session, subscribers.by_address(session, READERS[-1]).id)
    tally_one(over.store)

    assert sum((kept(over) or {}).values()) == 9


def test_a_count_of_what_went_on_meanwhile_is_not_kept(over: Office):
    with over.store.reading() as session:
        seen = tallies.uncounted(session)
    assert seen is not None
    [doubtful] = [one.id for one in over.deliveries() if one.state == DeliveryState.in_doubt]
    steer.resend(over.store, [doubtful], ME)

    with over.store.writing() as session:
        noted = tallies.note(session, seen, COUNTS)

    assert not noted
    assert kept(over) is None
