from datetime import timedelta

import pytest
from sqlalchemy import func, select

from db import feed_work
from db import series as all_series
from db.engine import Store
from db.states import MissedPolicy
from db.tables import EditionCut, Post, Series, Subscription
from scheduler.cadence import Cadence, Every
from scheduler.release import Rules, Verdict, release_due, release_overdue, verdict
from tests.making import (
    NOON,
    RULES,
    a_house,
    a_planned_post,
    a_reader,
    a_series,
    a_source,
    at,
    edition_keys,
    feed_work_wanted,
    in_threads,
    released_slugs,
    releases_of,
    taken_in,
    the_post,
    the_series,
)

DUE = at("2026-03-05 07:00")
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def primer(store: Store) -> Series:
    a_house(store)
    with store.writing() as session:
        return a_series(session)


def planned(store: Store, series: Series, *slugs: str, due=DUE, **values: object) -> None:
    """Posts of one series that are due at one instant."""
    with store.writing() as session:
        for slug in slugs:
            a_planned_post(session, series, due, slug=slug, **values)


def test_a_post_is_not_released_before_its_instant(store: Store, primer: Series):
    planned(store, primer, "one")

    assert release_due(store, now=DUE - MICROSECOND, rules=RULES) == []
    assert the_post(store, "one").state == "planned"
    assert releases_of(store) == []


def test_a_post_is_released_at_its_instant(store: Store, primer: Series):
    planned(store, primer, "one")

    done = release_due(store, now=DUE, rules=RULES)

    assert [(one.slug, one.seq, one.lateness_ms) for one in done] == [("one", 1, 0)]
    assert the_post(store, "one").state == "released"


def test_a_post_is_released_once_when_the_clock_wakes_twice(store: Store, primer: Series):
    planned(store, primer, "one")

    release_due(store, now=DUE, rules=RULES)
    again = release_due(store, now=DUE, rules=RULES)

    assert again == []
    assert released_slugs(store) == ["one"]


def test_four_threads_release_each_post_once_and_in_order(store: Store, primer: Series):
    slugs = [f"chapter-{number:02}" for number in range(20)]
    planned(store, primer, *slugs)

    done = in_threads(4, lambda: release_due(store, now=DUE, rules=RULES))

    assert sorted(one.slug for some in done for one in some) == slugs
    assert released_slugs(store) == slugs
    assert [release.seq for release in releases_of(store)] == list(range(1, 21))


def test_seqs_have_no_gap_and_follow_the_plan(store: Store, primer: Series):
    planned(store, primer, "third", due=DUE + timedelta(hours=2))
    planned(store, primer, "first")
    planned(store, primer, "second", due=DUE + timedelta(hours=1))

    release_due(store, now=DUE + timedelta(hours=1), rules=RULES)
    release_due(store, now=DUE + timedelta(hours=2), rules=RULES)

    assert released_slugs(store) == ["first", "second", "third"]
    assert [release.seq for release in releases_of(store)] == [1, 2, 3]
    assert the_series(store).last_seq == 3


def test_lateness_is_recorded_in_milliseconds(store: Store, primer: Series):
    planned(store, primer, "one")

    release_due(store, now=DUE + timedelta(seconds=1, milliseconds=250), rules=RULES)

    [release] = releases_of(store)
    assert release.lateness_ms == 1250
    assert release.planned_at == DUE
    assert release.released_at == DUE + timedelta(milliseconds=1250)


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


def test_a_series_with_the_policy_hold_is_released_while_it_is_in_time(store: Store, primer: Series):
    planned(store, primer, "one")
    with store.writing() as session:
        all_series.by_slug(session, "primer").missed = MissedPolicy.hold

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


def test_the_post_longest_overdue_decides_even_when_another_is_before_it_in_the_plan(store: Store):
    a_house(store)
    daily = Cadence(Every.day, DUE.time(), at("2026-03-07 00:00").date())
    with store.writing() as session:
        primer = a_series(session, cadence=daily.to_json())
        undated, pinned = (
            a_source(slug="undated", number="1"),
            a_source(slug="pinned", number="2", wall=DUE.replace(tzinfo=None)),
        )
        taken_in(session, primer, [undated, pinned])

    release_due(store, now=DUE + timedelta(days=2), rules=RULES)

    assert released_slugs(store) == []
    assert "pinned was due" in (the_series(store).held_reason or "")


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


def test_a_release_asks_for_the_feeds_of_its_series_and_of_all(store: Store, primer: Series):
    planned(store, primer, "one")
    before = feed_work_wanted(store)

    release_due(store, now=DUE, rules=RULES)

    wanted = feed_work_wanted(store)
    assert wanted[feed_work.topic_of(primer.id)] == before[feed_work.topic_of(primer.id)] + 1
    assert wanted["all"] == before["all"] + 1


def test_feeds_are_asked_for_in_the_same_transaction_as_the_release(
    store: Store, primer: Series, monkeypatch: pytest.MonkeyPatch
):
    planned(store, primer, "one")
    before = feed_work_wanted(store)
    monkeypatch.setattr("db.feed_work.want", _fail)

    with pytest.raises(RuntimeError, match="killed here"):
        release_due(store, now=DUE, rules=RULES)

    assert the_post(store, "one").state == "planned"
    assert releases_of(store) == []
    assert feed_work_wanted(store) == before


def _fail(*_args: object) -> None:
    raise RuntimeError("killed here")


def test_an_instant_reader_gets_one_edition_for_all_posts_released_together(store: Store, primer: Series):
    with store.writing() as session:
        a_reader(session, frequency="instant")
    planned(store, primer, "one", "two", "three")

    release_due(store, now=DUE, rules=RULES)

    assert edition_keys(store) == [f"instant:{primer.id}:3"]
    with store.reading() as session:
        assert session.scalars(select(EditionCut.cut)).all() == [3]


def test_each_release_transaction_has_an_instant_edition_of_its_own(store: Store, primer: Series):
    with store.writing() as session:
        a_reader(session, frequency="instant")
    planned(store, primer, "one")
    planned(store, primer, "two", due=DUE + timedelta(hours=1))

    release_due(store, now=DUE, rules=RULES)
    release_due(store, now=DUE + timedelta(hours=1), rules=RULES)

    assert edition_keys(store) == [f"instant:{primer.id}:1", f"instant:{primer.id}:2"]


def test_without_an_instant_reader_there_is_no_instant_edition(store: Store, primer: Series):
    with store.writing() as session:
        a_reader(session, frequency="daily")
    planned(store, primer, "one")

    release_due(store, now=DUE, rules=RULES)

    assert edition_keys(store) == []


def test_an_instant_reader_who_left_sets_nothing_going(store: Store, primer: Series):
    with store.writing() as session:
        a_reader(session, frequency="instant")
        session.query(Subscription).update({"state": "left"})
    planned(store, primer, "one")

    release_due(store, now=DUE, rules=RULES)

    assert edition_keys(store) == []


def test_a_draft_is_never_released(store: Store, primer: Series):
    planned(store, primer, "one", draft=True)

    release_due(store, now=DUE + timedelta(hours=1), rules=RULES)

    assert released_slugs(store) == []


def test_two_thousand_posts_due_at_one_instant_are_all_released(store: Store, primer: Series):
    with store.writing() as session:
        session.add_all(a_bare_post(primer, number) for number in range(2000))

    done = release_due(store, now=DUE, rules=RULES)

    assert [one.seq for one in done] == list(range(1, 2001))
    with store.reading() as session:
        assert session.scalar(select(func.count()).where(Post.state == "released")) == 2000


def a_bare_post(series: Series, number: int) -> Post:
    return Post(
        series_id=series.id,
        entry_id=f"tag:example.org,2026:{number}",
        slug=f"chapter-{number:04}",
        position=number,
        state="planned",
        pinned=True,
        wall=DUE.replace(tzinfo=None),
        zone="UTC",
        due_at=DUE,
        created_at=NOON,
    )


@pytest.mark.parametrize(
    ("late", "policy", "expected"),
    [
        (timedelta(0), "hold", Verdict.release),
        (timedelta(minutes=5), "hold", Verdict.release),
        (timedelta(minutes=6), "hold", Verdict.missed),
        (timedelta(minutes=6), "release", Verdict.release),
        (timedelta(hours=24), "release", Verdict.release),
        (timedelta(hours=25), "release", Verdict.overdue),
        (timedelta(hours=25), "hold", Verdict.overdue),
    ],
)
def test_the_verdict_on_a_due_post(late: timedelta, policy: str, expected: Verdict):
    assert verdict(DUE, DUE + late, policy=policy, rules=Rules()) is expected
