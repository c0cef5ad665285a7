"""Each edit of a plan, told with a daily series whose chapters 1 to 5 come from 2 to 6 March at 07:00."""

from dataclasses import replace
from datetime import date, time

import pytest

from db.errors import BadValue
from scheduler.cadence import Blackout, Cadence, parse_words
from scheduler.edit import (
    AddBlackout,
    Edit,
    Insert,
    Keep,
    MoveAlone,
    MoveBeside,
    MoveWithRest,
    NewCadence,
    NewZone,
    Pause,
    Pin,
    Reflow,
    Relabel,
    Remove,
    RemoveBlackout,
    Renumber,
    Resume,
    ShiftDays,
    ShiftSlots,
    StartAll,
    Swap,
    Unpin,
)
from scheduler.plan import Hold
from tests.making import at
from tests.scheduler.planning import DAILY, NOW, a_plan, a_post, after, day, edited, moments, out

FIVE = a_plan()
WITH_PIN = a_plan(a_post(1), a_post(2), a_post(3, pin=day(4, 18)), a_post(4), a_post(5))


def the_days(plan: dict[str, object]) -> str:
    """The order with the days of March: "c1 2, c2 3"."""
    return ", ".join(f"{slug} {wall.day if wall else '–'}" for slug, wall in plan.items())


def test_the_plan_before_any_edit():
    assert the_days(moments(FIVE)) == "c1 2, c2 3, c3 4, c4 5, c5 6"


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (Remove("c2"), "c1 2, c3 3, c4 4, c5 5"),
        (Swap("c1", "c4"), "c4 2, c2 3, c3 4, c1 5, c5 6"),
        (MoveBeside("c1", after="c3"), "c2 2, c3 3, c1 4, c4 5, c5 6"),
        (MoveBeside("c5", before="c1"), "c5 2, c1 3, c2 4, c3 5, c4 6"),
        (MoveAlone("c2", day(9)), "c1 2, c3 4, c4 5, c5 6, c2 9"),
        (MoveWithRest("c3", day(10)), "c1 2, c2 3, c3 10, c4 11, c5 12"),
        (MoveWithRest("c3", day(9, 18)), "c1 2, c2 3, c3 10, c4 11, c5 12"),
        (Pin("c3", day(9, 18)), "c1 2, c2 3, c3 9, c4 10, c5 11"),
        (Pin("c4", day(3)), "c1 2, c4 3, c2 4, c3 5, c5 6"),
        (ShiftSlots("c2", 2), "c1 2, c2 3, c3 6, c4 7, c5 8"),
        (ShiftDays("c2", 3), "c1 2, c2 3, c3 7, c4 8, c5 9"),
        (AddBlackout(date(2026, 3, 3), date(2026, 3, 5), "a fair"), "c1 2, c2 6, c3 7, c4 8, c5 9"),
        (Pause(date(2026, 3, 4), None, "a rest"), "c1 2, c2 3, c3 –, c4 –, c5 –"),
        (Pause(date(2026, 3, 4), date(2026, 3, 6), "a rest"), "c1 2, c2 3, c3 7, c4 8, c5 9"),
        (StartAll(date(2026, 3, 10)), "c1 10, c2 11, c3 12, c4 13, c5 14"),
        (StartAll(date(2026, 3, 1)), "c1 2, c2 3, c3 4, c4 5, c5 6"),
        (NewCadence(parse_words("every 2 days at 18:00 from 1 March 2026")), "c1 1, c2 3, c3 5, c4 7, c5 9"),
    ],
)
def test_what_an_edit_does_to_five_chapters(edit: Edit, expected: str):
    assert the_days(after(FIVE, edit)) == expected


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (Remove("c1"), "c2 2, c3 4, c4 5, c5 6"),
        (Swap("c1", "c3"), "c3 2, c2 3, c1 4, c4 5, c5 6"),
        (ShiftSlots("c1", 1), "c1 2, c2 4, c3 4, c4 5, c5 6"),
        (ShiftDays("c1", 1), "c1 2, c2 4, c3 5, c4 6, c5 7"),
        (Unpin("c3"), "c1 2, c2 3, c3 4, c4 5, c5 6"),
        (AddBlackout(date(2026, 3, 4), date(2026, 3, 5), "a fair"), "c1 2, c2 3, c3 4, c4 6, c5 7"),
        (Pause(date(2026, 3, 4), date(2026, 3, 8), "a rest"), "c1 2, c2 3, c3 9, c4 10, c5 11"),
    ],
)
def test_what_an_edit_does_when_the_third_chapter_is_pinned(edit: Edit, expected: str):
    assert the_days(after(WITH_PIN, edit)) == expected


def test_a_draft_is_inserted_where_its_number_belongs():
    plan = a_plan(a_post(1), a_post(3), a_post(2, state="draft"))

    assert the_days(after(plan, Insert("c2"))) == "c1 2, c2 3, c3 4"


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (Insert("c9", after="c1"), "c1 2, c9 3, c2 4"),
        (Insert("c9", before="c1"), "c9 2, c1 3, c2 4"),
        (Insert("c9"), "c1 2, c2 3, c9 4"),
    ],
)
def test_a_draft_is_inserted_beside_a_post(edit: Edit, expected: str):
    plan = a_plan(a_post(1), a_post(2), a_post(9, state="draft"))

    assert the_days(after(plan, edit)) == expected


def test_a_post_goes_first_after_the_last_that_is_out():
    plan = a_plan(out(1, day(1)), a_post(2), a_post(3))

    assert the_days(after(plan, MoveBeside("c3", after="c1"))) == "c3 2, c2 3"


def test_what_was_shifted_can_be_shifted_back():
    shifted = edited(FIVE, ShiftSlots("c2", 4)).after

    assert the_days(after(shifted, ShiftSlots("c2", -1))) == "c1 2, c2 3, c3 7, c4 8, c5 9"
    assert the_days(after(shifted, ShiftDays("c2", -3))) == "c1 2, c2 3, c3 5, c4 6, c5 7"


def test_more_slots_back_than_there_are_is_refused():
    shifted = edited(FIVE, ShiftSlots("c2", 4)).after

    with pytest.raises(BadValue, match="only 4 free slots lie before c3"):
        edited(shifted, ShiftSlots("c2", -5))


def test_a_swap_with_a_pinned_post_exchanges_the_pin():
    found = edited(WITH_PIN, Swap("c1", "c3")).after

    assert {post.slug: post.pin for post in found.waiting if post.pin} == {"c1": day(4, 18)}


def test_posts_are_numbered_on_from_one():
    found = edited(FIVE, Renumber("c3", 7)).after

    assert [post.number for post in found.waiting] == ["1", "2", "7", "8", "9"]


def test_a_new_number_moves_nothing():
    found = edited(FIVE, Relabel("c3", "2a"))

    assert found.diff.moves == 0
    assert [(change.before.number, change.after.number) for change in found.diff.changes] == [("3", "2a")]


def test_a_post_is_named_by_its_number_too():
    assert after(FIVE, Remove("2")) == after(FIVE, Remove("c2"))


def test_a_number_that_two_posts_have_is_no_name():
    plan = a_plan(a_post(1), a_post(2, number="1"))

    with pytest.raises(BadValue, match="2 posts have the number 1; name one by its slug: c1, c2"):
        edited(plan, Remove("1"))


def test_a_pause_is_ended_by_resume_and_its_first_days_stay_closed():
    paused = edited(FIVE, Pause(date(2026, 3, 3), None, "a rest")).after

    resumed = edited(paused, Resume(date(2026, 3, 5))).after

    assert the_days(moments(resumed)) == "c1 2, c2 5, c3 6, c4 7, c5 8"
    assert resumed.cadence.blackouts == (Blackout(date(2026, 3, 3), date(2026, 3, 4), "a rest"),)


def test_a_blackout_is_removed_by_any_of_its_days():
    closed = edited(FIVE, AddBlackout(date(2026, 3, 3), date(2026, 3, 5), "a fair")).after

    assert moments(edited(closed, RemoveBlackout(date(2026, 3, 4))).after) == moments(FIVE)


def test_a_new_cadence_keeps_the_blackouts():
    closed = edited(FIVE, AddBlackout(date(2026, 3, 3), date(2026, 3, 5), "a fair")).after

    found = after(closed, NewCadence(parse_words("daily at 18:00 from 1 March 2026")))

    assert list(found.values())[:3] == [day(1, 18), day(2, 18), day(6, 18)]


def test_overdue_posts_reflow_to_coming_slots_and_the_hold_is_lifted():
    plan = replace(a_plan(), held=Hold(NOW, "c1 was missed"))

    found = edited(plan, Reflow(), now=at("2026-03-04 12:00"))

    assert the_days(moments(found.after)) == "c1 5, c2 6, c3 7, c4 8, c5 9"
    assert found.after.held is None
    assert "the hold is lifted" in found.diff.rules


def test_another_zone_keeps_what_clocks_show():
    found = edited(FIVE, NewZone("Europe/Riga")).after

    assert moments(found) == moments(FIVE)
    assert found.waiting[0].due_at == at("2026-03-02 05:00")


def test_another_zone_keeps_the_instants_when_asked_to():
    found = edited(FIVE, NewZone("Europe/Riga", Keep.instant)).after

    assert [post.due_at for post in found.waiting] == [post.due_at for post in FIVE.waiting]
    assert moments(found)["c1"] == day(2, 9)
    assert all(post.pin == post.wall for post in found.waiting)


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (Remove("c1"), "c1 is out already; a released post never moves"),
        (Pin("c1", day(9)), "c1 is out already"),
        (Swap("c1", "c2"), "c1 is out already"),
        (MoveBeside("c2", before="c1"), "c1 is out already; name a post that is planned, or the last that is out"),
        (Remove("nobody"), "no post 'nobody' in this series"),
        (Pin("c2", day(1)), "2026-03-01 07:00 is past: it is 2026-03-01 12:00 there"),
        (Pin("c2", day(20)), "2026-03-20 07:00 belongs to c4, which is pinned to it"),
        (Unpin("c2"), "c2 is not pinned"),
        (Insert("c2"), "c2 is planned, not a draft"),
        (MoveBeside("c2", after="c2"), "c2 cannot be moved beside itself"),
        (Swap("c2", "c2"), "c2 cannot be swapped with itself"),
        (Remove("c5"), r"c5 is not planned \(draft\); `fascicle plan insert` puts it into the plan"),
        (ShiftSlots("c4", 1), "no post after c4 takes a slot of the cadence; shift by days instead"),
        (ShiftDays("c4", 1), "no planned post comes after c4"),
        (RemoveBlackout(date(2026, 3, 3)), "no blackout holds on 2026-03-03; it has no blackouts"),
        (
            AddBlackout(date(2026, 3, 3), date(2026, 3, 1), "x"),
            "a blackout cannot end on 2026-03-01, before it begins on 2026-03-03",
        ),
        (Resume(date(2026, 3, 3)), "the series is not paused on 2026-03-03"),
        (NewZone("Europe/Atlantis"), "'Europe/Atlantis' is not an IANA zone"),
        (NewZone("UTC"), "nothing would change"),
        (Reflow(), "nothing is overdue"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(edit: Edit, why: str):
    plan = a_plan(out(1, day(1)), a_post(2), a_post(3), a_post(4, pin=day(20)), a_post(5, state="draft"))

    with pytest.raises(BadValue, match=why):
        edited(plan, edit)


def test_pins_that_would_fall_onto_one_moment_are_not_shifted():
    plan = a_plan(a_post(1, pin=day(5)), a_post(2, pin=day(6)), a_post(3, pin=day(7)), cadence=Cadence())

    with pytest.raises(BadValue, match="c2 would move to 2026-03-05 07:00, which would belong to two posts"):
        edited(plan, ShiftDays("c1", -1))


def test_a_series_of_dates_of_its_own_is_shifted_by_days():
    plan = a_plan(a_post(1, pin=day(5)), a_post(2, pin=day(6)), a_post(3, pin=day(7)), cadence=Cadence())

    assert the_days(after(plan, ShiftDays("c1", 2))) == "c1 5, c2 8, c3 9"


def test_a_preview_tells_how_many_move_and_what_each_was():
    found = edited(FIVE, Remove("c4")).diff

    assert [(change.after.slug, change.before.wall, change.after.wall) for change in found.changes] == [
        ("c5", day(6), day(5)),
        ("c4", day(5), None),
    ]
    assert found.moves == 2


def test_a_preview_tells_which_slots_were_skipped_and_why():
    holidays = replace(DAILY, holidays=("DE-BE",), without_days=frozenset({date(2026, 3, 7)}))
    # 8 March is a holiday in Berlin.
    plan = a_plan(cadence=holidays)

    found = edited(plan, ShiftSlots("c4", 1)).diff
    closed = edited(plan, AddBlackout(date(2026, 3, 4), date(2026, 3, 4), "a fair")).diff

    assert [(slot.at.day, slot.why) for slot in found.skipped] == [
        (7, "left out"),
        (8, "holiday in DE-BE: Frauentag"),
    ]
    assert [(slot.at.day, slot.why) for slot in closed.skipped] == [
        (4, "blackout: a fair"),
        (7, "left out"),
        (8, "holiday in DE-BE: Frauentag"),
    ]


def test_a_preview_tells_of_a_pin_that_changes_the_order():
    found = edited(FIVE, Pin("c4", day(3))).diff

    assert found.notes == ("4 Chapter 4 comes before posts it was to follow: it is pinned to 2026-03-03 07:00",)


def test_a_preview_tells_of_a_pinned_post_on_a_closed_day():
    closed = replace(
        FIVE, cadence=replace(DAILY, blackouts=(Blackout(date(2026, 3, 20), date(2026, 3, 21), "a fair"),))
    )

    found = edited(closed, Pin("c5", day(20, 12))).diff

    assert found.notes == ("5 Chapter 5 is pinned to 2026-03-20 12:00, though that is closed (blackout: a fair)",)


def test_a_preview_tells_of_posts_left_without_a_date():
    found = edited(FIVE, Pause(date(2026, 3, 6), None, "a rest")).diff

    assert found.notes == ("5 Chapter 5 has no date: the cadence has no slot left",)


def test_a_preview_tells_of_what_would_come_out_at_once():
    found = edited(FIVE, NewZone("Pacific/Auckland"), now=at("2026-03-01 20:00")).diff

    assert found.notes == ("1 Chapter 1 would come out at once: 2026-03-02 07:00 is past",)


def test_equal_outcomes_have_equal_hashes_and_others_do_not():
    assert edited(FIVE, Remove("c4")).diff.hash == edited(FIVE, Remove("4")).diff.hash
    assert edited(FIVE, Remove("c4")).diff.hash != edited(FIVE, Remove("c5")).diff.hash


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (Insert("a", after="b"), "insert a after b"),
        (MoveBeside("a", before="b"), "move a before b"),
        (MoveAlone("a", day(5)), "move a alone to 2026-03-05 07:00"),
        (ShiftDays("a", 3), "shift all after a by 3 days"),
        (Pause(date(2026, 3, 4), None, "rest"), "pause from 2026-03-04 (rest)"),
        (NewZone("UTC", Keep.instant), "zone UTC, keeping the instant"),
        (NewCadence(Cadence()), "cadence: dates of its own"),
        (Relabel("a", None), "relabel a as without number"),
    ],
)
def test_an_edit_says_in_words_what_it_does(edit: Edit, words: str):
    assert edit.words == words


def test_a_time_that_a_slot_offers_twice_a_day_is_used_twice():
    twice = replace(DAILY, times=(time(7), time(18)))

    assert after(FIVE, NewCadence(twice))["c2"] == day(2, 7)
