"""The slots of any cadence, against looking at every day."""

from datetime import datetime, time, timedelta
from itertools import islice, takewhile

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.cadence import Cadence, offered, slots, why_closed
from tests.scheduler.cadences import FIRST_DAY, busy_cadences, horizon, plain_slots


@settings(deadline=None)
@given(cadence=busy_cadences())
def test_slots_are_those_that_looking_at_every_day_finds(cadence: Cadence):
    end = horizon(cadence)

    found = list(takewhile(lambda slot: slot <= end, slots(cadence)))

    assert found == list(plain_slots(cadence))


@settings(deadline=None)
@given(cadence=busy_cadences(), ahead=st.timedeltas(timedelta(days=-9), timedelta(days=400)))
def test_jumping_ahead_equals_walking(cadence: Cadence, ahead: timedelta):
    after = datetime.combine(cadence.start or FIRST_DAY, time(7)) + ahead
    end = horizon(cadence)

    found = list(takewhile(lambda slot: slot <= end, slots(cadence, after=after)))

    assert found == [slot for slot in plain_slots(cadence) if slot > after]


@settings(deadline=None)
@given(cadence=busy_cadences())
def test_the_offered_without_a_reason_are_the_slots(cadence: Cadence):
    end = horizon(cadence)

    found = [slot.at for slot in takewhile(lambda slot: slot.at <= end, offered(cadence)) if slot.why is None]

    assert found == list(takewhile(lambda slot: slot <= end, slots(cadence)))


@settings(deadline=None)
@given(cadence=busy_cadences())
def test_a_reason_is_what_the_moment_itself_is_told(cadence: Cadence):
    found = list(islice(offered(cadence), 50))

    assert [slot.why for slot in found] == [why_closed(cadence, slot.at) for slot in found]
