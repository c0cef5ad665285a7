"""Edits in the store: only what was previewed, over what was seen; a history that can be walked both ways."""

from datetime import date, timedelta

import pytest

from db import plans
from db import series as all_series
from db.engine import Store
from db.errors import BadValue
from db.tables import Series
from scheduler.edit import (
    AddBlackout,
    Edit,
    Insert,
    NewZone,
    Pin,
    PlanChanged,
    Preview,
    Proposal,
    Reflow,
    Relabel,
    Remove,
    Swap,
    apply,
    apply_at_once,
    load,
    proposing,
    redoing,
    stacks,
    undoing,
)
from scheduler.plan import Plan
from scheduler.release import release_due
from tests.making import (
    RULES,
    a_house,
    a_series,
    a_source,
    at,
    feed_work_raised,
    feed_work_wanted,
    in_threads,
    released_slugs,
    taken_in,
    the_post,
    the_series,
)
from tests.scheduler.planning import DAILY, NOW, day, moments


@pytest.fixture
def primer(store: Store) -> Series:
    """Chapters 1 to 5, from 2 to 6 March at 07:00 UTC."""
    a_house(store, now=NOW)
    with store.writing() as session:
        series = a_series(session, cadence=DAILY.to_json(), now=NOW)
        sources = [a_source(f"Chapter {number}", slug=f"c{number}", number=str(number)) for number in range(1, 6)]
        taken_in(session, series, sources, now=NOW)
        return series


def the_plan(store: Store, series: Series) -> Plan:
    with store.reading() as session:
        return load(session, all_series.by_slug(session, series.slug))


def seen(store: Store, series: Series, proposal: Proposal, *, now=NOW) -> tuple[int, Preview]:
    with store.reading() as session:
        row = all_series.by_slug(session, series.slug)
        return row.version, proposal(session, row, now)


def done(store: Store, series: Series, proposal: Proposal, *, who: str = "alice", now=NOW) -> Preview:
    version, thought = seen(store, series, proposal, now=now)
    with store.writing() as session:
        return apply(session, series.id, proposal, version=version, hash=thought.diff.hash, actor=who, now=now)


def do(store: Store, series: Series, *edits: Edit, now=NOW) -> None:
    for edit in edits:
        done(store, series, proposing(edit), now=now)


def order(store: Store, series: Series) -> str:
    return " ".join(moments(the_plan(store, series)))


def test_what_is_done_is_what_was_previewed(store: Store, primer: Series):
    _, thought = seen(store, primer, proposing(Remove("c2")))

    do(store, primer, Remove("c2"))

    assert the_plan(store, primer) == thought.after
    assert the_post(store, "c3").due_at == at("2026-03-03 07:00")
    assert the_post(store, "c2").state == "draft"


def test_an_edit_over_a_plan_that_changed_is_refused_and_names_who_changed_it(store: Store, primer: Series):
    version, thought = seen(store, primer, proposing(Remove("c2")))
    done(store, primer, proposing(Remove("c5")), who="bob")

    with store.writing() as session, pytest.raises(PlanChanged, match="bob has changed the plan of primer"):
        apply(
            session, primer.id, proposing(Remove("c2")), version=version, hash=thought.diff.hash, actor="alice", now=NOW
        )

    assert order(store, primer) == "c1 c2 c3 c4"


def test_an_edit_whose_outcome_time_has_changed_is_refused(store: Store, primer: Series):
    proposal = proposing(Pin("c5", day(2, 9)))
    version, thought = seen(store, primer, proposal)
    over, later = {"version": version, "hash": thought.diff.hash}, NOW + timedelta(days=1)

    with store.writing() as session, pytest.raises(PlanChanged, match="time has changed the plan of primer"):
        apply(session, primer.id, proposal, **over, actor="alice", now=later)

    assert order(store, primer) == "c1 c2 c3 c4 c5"


def test_of_two_editors_at_the_same_moment_one_wins_and_the_other_is_told(store: Store, primer: Series):
    version, thought = seen(store, primer, proposing(Swap("c1", "c5")))

    def try_it() -> bool:
        try:
            with store.writing() as session:
                proposal, hash = proposing(Swap("c1", "c5")), thought.diff.hash
                apply(session, primer.id, proposal, version=version, hash=hash, actor="x", now=NOW)
        except PlanChanged:
            return False
        return True

    assert sorted(in_threads(4, try_it)) == [False, False, False, True]
    assert order(store, primer) == "c5 c2 c3 c4 c1"


def test_every_edit_is_on_record_with_who_when_and_what(store: Store, primer: Series):
    done(store, primer, proposing(Swap("c1", "c2")), who="bob")

    with store.reading() as session:
        record = plans.history(session, primer.id)[-1]
    assert (record.actor, record.at, record.action) == ("bob", NOW, "edit")
    assert record.detail["words"] == "swap c1 and c2"
    assert [entry["slug"] for entry in record.detail["posts"]] == ["c2", "c1"]


def test_undo_takes_back_any_number_of_edits_and_redo_does_them_again(store: Store, primer: Series):
    before = the_plan(store, primer)
    do(store, primer, Swap("c1", "c5"), Remove("c3"), AddBlackout(date(2026, 3, 4), date(2026, 3, 9), "a fair"))
    edited = the_plan(store, primer)

    done(store, primer, undoing(3))
    taken_back = the_plan(store, primer)
    done(store, primer, redoing(3))

    assert taken_back == before
    assert the_plan(store, primer) == edited


def test_a_new_edit_ends_what_can_be_done_again(store: Store, primer: Series):
    do(store, primer, Swap("c1", "c5"))
    done(store, primer, undoing(1))
    do(store, primer, Remove("c3"))

    with pytest.raises(BadValue, match="no edit can be done again"):
        seen(store, primer, redoing(1))


def test_an_edit_before_a_release_cannot_be_undone_and_it_is_said_why(store: Store, primer: Series):
    do(store, primer, Swap("c1", "c2"))
    release_due(store, now=at("2026-03-02 07:00"), rules=RULES)

    with pytest.raises(BadValue, match="'swap c1 and c2' cannot be undone: c2 came out since"):
        seen(store, primer, undoing(1), now=at("2026-03-02 08:00"))


def test_an_edit_after_a_release_can_be_undone(store: Store, primer: Series):
    release_due(store, now=at("2026-03-02 07:00"), rules=RULES)
    later = at("2026-03-02 08:00")
    before = the_plan(store, primer)
    do(store, primer, Remove("c3"), now=later)

    done(store, primer, undoing(1), now=later)

    assert the_plan(store, primer) == before


def test_an_import_that_adds_posts_cannot_be_undone(store: Store, primer: Series):
    do(store, primer, Swap("c1", "c2"))
    with store.writing() as session:
        taken_in(session, all_series.lock(session, primer.id), [a_source(slug="c6", number="6")], now=NOW)

    with pytest.raises(BadValue, match="no edit can be undone"):
        seen(store, primer, undoing(1))


def test_an_import_of_a_corrected_text_leaves_edits_undoable_and_as_they_are(store: Store, primer: Series):
    do(store, primer, Swap("c1", "c2"), Pin("c4", day(20)))
    plan = the_plan(store, primer)
    with store.writing() as session:
        source = a_source("Chapter 4", slug="c4", number="4", body="Without the mistake.")
        taken_in(session, all_series.lock(session, primer.id), [source], now=NOW)

    with store.reading() as session:
        assert len(stacks(plans.history(session, primer.id)).done) == 2
    assert the_plan(store, primer) == plan


def test_importing_again_revives_no_date_that_an_operator_changed(store: Store, primer: Series):
    dated = a_source("Chapter 6", slug="c6", number="6", wall=day(20))
    with store.writing() as session:
        taken_in(session, all_series.lock(session, primer.id), [dated], now=NOW)
    do(store, primer, Pin("c6", day(25)))

    with store.writing() as session:
        taken_in(session, all_series.lock(session, primer.id), [dated], now=NOW)

    assert the_post(store, "c6").wall == day(25)


def test_a_new_date_in_the_source_counts(store: Store, primer: Series):
    do(store, primer, Pin("c5", day(25)))
    with store.writing() as session:
        source = a_source("Chapter 5", slug="c5", number="5", wall=day(12, 9))
        taken_in(session, all_series.lock(session, primer.id), [source], now=NOW)

    assert the_post(store, "c5").wall == day(12, 9)


def test_a_post_taken_out_of_the_plan_is_not_put_back_by_importing_it_again(store: Store, primer: Series):
    do(store, primer, Remove("c3"))

    with store.writing() as session:
        source = a_source("Chapter 3", slug="c3", number="3", body="Corrected.")
        taken_in(session, all_series.lock(session, primer.id), [source], now=NOW)

    assert order(store, primer) == "c1 c2 c4 c5"


def test_an_undo_does_not_lift_a_hold_that_came_by_itself(store: Store, primer: Series):
    do(store, primer, Remove("c5"))
    with store.writing() as session:
        all_series.hold(session, primer.id, reason="c1 was missed", now=NOW)

    done(store, primer, undoing(1))

    assert the_series(store).held_reason == "c1 was missed"


def test_reflow_lifts_the_hold_and_nothing_of_it_comes_out_at_once(store: Store, primer: Series):
    late = at("2026-03-04 12:00")
    release_due(store, now=late, rules=RULES)
    held = the_series(store).held_at

    do(store, primer, Reflow(), now=late)
    release_due(store, now=late, rules=RULES)

    assert held == late
    assert the_series(store).held_at is None
    assert released_slugs(store) == []
    assert the_post(store, "c1").wall == day(5)


def test_a_change_of_moments_is_counted_for_calendars(store: Store, primer: Series):
    do(store, primer, Swap("c1", "c2"))

    assert [the_post(store, slug).sequence for slug in ("c1", "c2", "c3")] == [1, 1, 0]
    assert the_post(store, "c1").moved_at == NOW


def test_another_zone_is_written_beside_every_post_to_come(store: Store, primer: Series):
    do(store, primer, NewZone("Europe/Riga"))

    assert the_series(store).zone == "Europe/Riga"
    assert {the_post(store, f"c{number}").zone for number in range(1, 6)} == {"Europe/Riga"}
    assert the_post(store, "c1").due_at == at("2026-03-02 05:00")


def test_a_new_number_of_a_post_that_is_out_renews_the_feeds(store: Store, primer: Series):
    release_due(store, now=at("2026-03-02 07:00"), rules=RULES)
    before = feed_work_wanted(store)

    do(store, primer, Relabel("c1", "0"), now=at("2026-03-02 08:00"))

    assert the_post(store, "c1").number == "0"
    assert feed_work_raised(store, before) == {f"series:{primer.id}": 1, "all": 1}


def test_a_draft_is_put_into_the_plan(store: Store, primer: Series):
    with store.writing() as session:
        taken_in(session, all_series.lock(session, primer.id), [a_source(slug="extra", draft=True)], now=NOW)

    do(store, primer, Insert("extra", before="c1"))

    assert order(store, primer) == "extra c1 c2 c3 c4 c5"
    assert the_post(store, "extra").state == "planned"


def test_releases_follow_the_order_that_an_edit_made(store: Store, primer: Series):
    do(store, primer, Swap("c1", "c3"))

    release_due(store, now=at("2026-03-02 08:00"), rules=RULES)
    release_due(store, now=at("2026-03-03 08:00"), rules=RULES)
    release_due(store, now=at("2026-03-04 08:00"), rules=RULES)

    assert released_slugs(store) == ["c3", "c2", "c1"]


def test_an_edit_that_nobody_asked_to_see_first_is_on_record_too(store: Store, primer: Series):
    with store.writing() as session:
        apply_at_once(session, all_series.lock(session, primer.id), Remove("c1"), actor="carol", now=NOW)

    with store.reading() as session:
        assert plans.history(session, primer.id)[-1].actor == "carol"
    assert order(store, primer) == "c2 c3 c4 c5"
