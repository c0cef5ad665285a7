"""What is foreseen by counting readers together is what would come out reader by reader."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.orm import Session

from db import crowds
from db.engine import Store
from db.states import Frequency, PostState, SubscriberState, SubscriptionState
from db.tables import CatchUp, DigestHour, Post, Revision, Subscriber, Subscription
from scheduler.cadence import parse_words
from scheduler.foresight import coming_posts
from scheduler.simulate import foresee, simulate
from tests.making import NOON, RULES, a_house, a_series
from tests.scheduler.walking import walked

SERIES = 3
OUT = 6
"""So many posts of each series are out."""
END = NOON + timedelta(days=31)
"""Clocks go forward in New York on the 8th day and in Riga on the 29th."""
ZONES = ("UTC", "Europe/Riga", "America/New_York", "Pacific/Kiritimati")
PACES = ("every day from 2026-02-20", "every 3 days from 2026-02-25", "thursdays from 2026-02-20")
EXAMPLES = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

catch_ups = st.fixed_dictionaries(
    {
        "pace": st.sampled_from(PACES),
        "posts": st.integers(1, 3),
        "next_on": st.none() | st.dates(date(2026, 2, 27), date(2026, 3, 12)),
        "paused_at": st.sampled_from([None, None, None, NOON]),
    }
)
follows = st.fixed_dictionaries(
    {
        "series": st.integers(1, SERIES),
        "frequency": st.sampled_from(list(Frequency)),
        "weekday": st.integers(0, 6),
        "watermark": st.integers(0, OUT),
        "state": st.sampled_from([SubscriptionState.active] * 4 + [SubscriptionState.left]),
        "catch_up": st.none() | st.none() | catch_ups,
    }
)
readers = st.fixed_dictionaries(
    {
        "zone": st.sampled_from(ZONES),
        "hour": st.sampled_from([7, 7, 7, 0, 2, 3, 23]),
        "state": st.sampled_from([SubscriberState.active] * 4 + [SubscriberState.paused]),
        "follows": st.lists(follows, max_size=SERIES, unique_by=lambda one: one["series"]),
    }
)
posts = st.tuples(st.integers(1, SERIES), st.integers(-2, 31 * 24).map(lambda hours: NOON + timedelta(hours=hours)))
houses = st.fixed_dictionaries(
    {
        "readers": st.lists(readers, max_size=8),
        "posts": st.lists(posts, max_size=12),
        "missed_days": st.integers(0, 9),
        "without_hours": st.sampled_from([(), (), ("UTC",)]),
    }
)


@pytest.fixture
def three(store: Store) -> Store:
    """Three series with some posts out, and nobody to read them."""
    a_house(store)
    with store.writing() as session:
        for number in range(1, SERIES + 1):
            assert a_series(session, f"s{number}", last_seq=OUT).id == number
    return store


def filled(session: Session, house: Mapping[str, Any]) -> None:
    numbers = count(1)
    for series, due in house["posts"]:
        a_post(session, next(numbers), series, due)
    for one in house["readers"]:
        a_reader(session, next(numbers), **one)
    places = {(one["zone"], one["hour"]) for one in house["readers"] if one["zone"] not in house["without_hours"]}
    last = NOON.date() - timedelta(days=house["missed_days"])
    session.add_all(
        DigestHour(zone=zone, hour=hour, next_date=last, next_due_at=NOON, last_date=last) for zone, hour in places
    )
    session.flush()


def a_post(session: Session, key: int, series: int, due: datetime) -> None:
    post = {"id": key, "series_id": series, "entry_id": f"urn:{key}", "slug": f"p{key}", "position": key}
    moment = {"state": PostState.planned, "due_at": due, "revision_id": key, "created_at": NOON}
    words = {"title": "A chapter", "summary": "", "tags": ["Rain"], "body": "", "digest": f"{key}", "created_at": NOON}
    session.execute(insert(Post).values(**post, **moment))
    session.execute(insert(Revision).values(id=key, post_id=key, number=1, **words))


def a_reader(session: Session, key: int, *, zone: str, hour: int, state: str, follows: Sequence[Any]) -> None:
    address = {"address": f"{key}", "address_key": f"{key}", "fingerprint": f"{key}"}
    place = {"zone": zone, "hour": hour, "language": "en", "state": state}
    session.execute(insert(Subscriber).values(id=key, **address, **place, created_at=NOON))
    for number, one in enumerate(follows, 10 * key):
        row = {name: one[name] for name in ("frequency", "weekday", "watermark", "state")}
        subscribed = {"id": number, "subscriber_id": key, "series_id": one["series"], "created_at": NOON}
        session.execute(insert(Subscription).values(**subscribed, **row))
        if one["catch_up"]:
            pace = parse_words(one["catch_up"]["pace"]).to_json()
            walk = one["catch_up"] | {"pace": pace, "started_at": NOON, "subscription_id": number}
            session.execute(insert(CatchUp).values(**walk))


@EXAMPLES
@given(house=houses)
def test_counting_together_foresees_what_walking_from_reader_to_reader_does(three: Store, house: dict[str, Any]):
    with three.writing() as session:
        filled(session, house)

        foreseen = simulate(session, since=NOON, until=END, rules=RULES)

        assert foreseen == walked(session, since=NOON, until=END, rules=RULES)
        session.rollback()


@EXAMPLES
@given(house=houses, days=st.integers(0, 30), hours=st.integers(0, 23))
def test_a_day_far_ahead_is_foreseen_as_by_going_through_all_before_it(
    three: Store, house: dict[str, Any], days: int, hours: int
):
    begin = NOON + timedelta(days=days, hours=hours)
    with three.writing() as session:
        filled(session, house)

        coming = coming_posts(session, NOON, END, ())
        day = foresee(session, coming, crowds.counted(session), since=NOON, begin=begin, until=END)

        every = walked(session, since=NOON, until=END, rules=RULES)
        assert day == [event for event in every if event.at >= begin]
        session.rollback()


@EXAMPLES
@given(house=houses)
def test_the_count_that_is_kept_is_the_count_that_was_made(three: Store, house: dict[str, Any]):
    with three.writing() as session:
        filled(session, house)
        counted = crowds.counted(session)
        crowds.begin(session, now=NOON, dead=NOON)

        crowds.keep(session, counted, counted_at=NOON)

        assert crowds.kept(session) == counted
        session.rollback()
