"""What was missed: late, held, or let go by an operator."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from db import series as all_series
from db.engine import Store
from db.states import MissedPolicy
from db.tables import Post, Series
from scheduler.release import Rules, Verdict, release_due, release_overdue, verdict
from tests.making import RULES, a_house, a_series, released_slugs, releases_of, the_series
from tests.scheduler.releasing import DUE, MICROSECOND, planned


@pytest.fixture
def primer(store: Store) -> Series:
    a_house(store)
    with store.writing() as session:
        return a_series(session)


def test_what_was_missed_is_released_late_unless_the_series_says_otherwise(store: Store, primer: Series):
    planned(store, primer, "one")
    planned(store, primer, "two", due=DUE + timedelta(hours=3))

    release_due(store, now=DUE + timedelta(hours=4), rules=RULES)

    assert released_slugs(store) == ["one", "two"]
    assert [release.lateness_ms for release in releases_of(store)] == [4 * 3_600_000, 3_600_000]


def test_a_series_with_the_policy_hold_is_held_when_it_missed_a_post(store: Store, primer: Series):
    planned(store, primer, "one")
    with store.writing() as session:
        all_series.by_slug(session, "primer").missed = MissedPolicy.hold

    release_due(store, now=DUE + RULES.missed_after + MICROSECOND, rules=RULES)

    assert released_slugs(store) == []
    assert "one was due 2026-03-05 07:00 UTC" in (the_series(store).held_reason or "")


def test_a_series_with_the_policy_reflow_is_held_and_says_how_its_rest_moves(store: Store, primer: Series):
    planned(store, primer, "one")
    planned(store, primer, "two", due=DUE + timedelta(days=1))
    with store.writing() as session:
        all_series.by_slug(session, "primer").missed = MissedPolicy.reflow

    release_due(store, now=DUE + RULES.missed_after + MICROSECOND, rules=RULES)

    assert released_slugs(store) == []
    assert the_series(store).held_reason == (
        "one was due 2026-03-05 07:00 UTC and was not released in time; "
        "`fascicle plan reflow primer` moves it and the rest to coming slots"
    )


@pytest.mark.parametrize("policy", MissedPolicy)
def test_whatever_its_policy_a_series_is_released_while_it_is_in_time(
    store: Store, primer: Series, policy: MissedPolicy
):
    planned(store, primer, "one")
    with store.writing() as session:
        all_series.by_slug(session, "primer").missed = policy

    release_due(store, now=DUE + RULES.missed_after, rules=RULES)

    assert released_slugs(store) == ["one"]


def test_what_is_overdue_by_more_than_a_day_holds_the_series_and_later_posts_stay(store: Store, primer: Series):
    now = DUE + timedelta(hours=24) + MICROSECOND
    planned(store, primer, "one")
    planned(store, primer, "two", due=now)

    release_due(store, now=now, rules=RULES)

    held = the_series(store)
    assert released_slugs(store) == []
    assert held.held_at == now
    assert "one was due 2026-03-05 07:00 UTC" in (held.held_reason or "")


def test_a_day_late_to_the_microsecond_is_not_yet_held(store: Store, primer: Series):
    planned(store, primer, "one")

    release_due(store, now=DUE + timedelta(hours=24), rules=RULES)

    assert released_slugs(store) == ["one"]


def test_a_held_series_releases_nothing_at_later_wakes(store: Store, primer: Series):
    planned(store, primer, "one")
    release_due(store, now=DUE + timedelta(hours=25), rules=RULES)
    planned(store, primer, "two", due=DUE + timedelta(hours=26))

    release_due(store, now=DUE + timedelta(hours=26), rules=RULES)

    assert released_slugs(store) == []


def test_the_post_longest_overdue_decides_even_when_another_is_before_it_in_the_plan(store: Store, primer: Series):
    planned(store, primer, "first", due=DUE + timedelta(days=1))
    planned(store, primer, "second")
    with store.writing() as session:
        the_first, the_second = (session.query(Post).filter_by(slug=slug).one() for slug in ("first", "second"))
        the_first.position, the_second.position = 0, 1

    release_due(store, now=DUE + timedelta(days=2), rules=RULES)

    assert released_slugs(store) == []
    assert "second was due" in (the_series(store).held_reason or "")


def test_a_held_series_does_not_stop_another(store: Store, primer: Series):
    planned(store, primer, "one")
    with store.writing() as session:
        other = a_series(session, "other")
    planned(store, other, "two", due=DUE + timedelta(hours=25))

    release_due(store, now=DUE + timedelta(hours=25), rules=RULES)

    assert released_slugs(store) == ["two"]
    assert the_series(store, "other").held_at is None


def test_an_operator_may_release_what_a_hold_kept_back(store: Store, primer: Series):
    later = DUE + timedelta(hours=30)
    planned(store, primer, "one")
    planned(store, primer, "two", due=DUE + timedelta(hours=1))
    release_due(store, now=later, rules=RULES)

    with store.writing() as session:
        all_series.unhold(session, primer.id)
        made = release_overdue(session, all_series.by_slug(session, "primer"), now=later)

    assert made == 2
    assert released_slugs(store) == ["one", "two"]
    assert [release.lateness_ms for release in releases_of(store)] == [30 * 3_600_000, 29 * 3_600_000]


@pytest.mark.parametrize(
    ("policy", "way_out"),
    [
        (MissedPolicy.release, "fascicle series unhold primer"),
        (MissedPolicy.hold, "fascicle series unhold primer"),
        (MissedPolicy.reflow, "fascicle plan reflow primer"),
    ],
)
def test_the_log_says_that_a_series_is_held_and_the_way_out(
    store: Store, primer: Series, policy: MissedPolicy, way_out: str
):
    planned(store, primer, "one")
    with store.writing() as session:
        all_series.by_slug(session, "primer").missed = policy

    with capture_logs() as lines:
        release_due(store, now=DUE + timedelta(hours=25), rules=RULES)

    assert [(line["event"], line["why"], line["way_out"]) for line in lines] == [("series held", "overdue", way_out)]


@pytest.mark.parametrize(
    ("late", "policy", "expected"),
    [
        (timedelta(0), "hold", Verdict.release),
        (timedelta(minutes=5), "hold", Verdict.release),
        (timedelta(minutes=6), "hold", Verdict.missed),
        (timedelta(minutes=5), "reflow", Verdict.release),
        (timedelta(minutes=6), "reflow", Verdict.missed),
        (timedelta(minutes=6), "release", Verdict.release),
        (timedelta(hours=24), "release", Verdict.release),
        (timedelta(hours=25), "release", Verdict.overdue),
        (timedelta(hours=25), "hold", Verdict.overdue),
        (timedelta(hours=25), "reflow", Verdict.overdue),
    ],
)
def test_the_verdict_on_a_due_post(late: timedelta, policy: str, expected: Verdict):
    assert verdict(DUE, DUE + late, policy=policy, rules=Rules()) is expected
