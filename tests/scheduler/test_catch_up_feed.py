"""How far a catch-up feed is: steps, pauses, paces, holes, and the meeting with the live run."""

from dataclasses import replace
from datetime import date, time

from scheduler.cadence import weekly
from scheduler.catch_up_feed import Stretch, reached
from tests.making import at
from tests.scheduler.catching_up import SECOND, SEVEN, START, TWICE, a_course, had, out


def test_each_slot_after_the_start_brings_the_next_post():
    assert had(a_course(), out(5), "2026-03-03 07:00") == [(1, "03-02 07:00"), (2, "03-03 07:00")]


def test_a_second_before_its_slot_a_post_is_not_there():
    far = reached(a_course(), out(5), now=at("2026-03-03 07:00") - SECOND)

    assert [one.post.seq for one in far.given] == [1]
    assert far.next_due == at("2026-03-03 07:00")


def test_a_step_may_bring_several_posts():
    course = a_course(Stretch(START, SEVEN, posts=2))

    assert had(course, out(3), "2026-03-03 07:00") == [(1, "03-02 07:00"), (2, "03-02 07:00"), (3, "03-03 07:00")]


def test_a_feed_may_begin_in_the_middle():
    assert had(a_course(after=3), out(5), "2026-03-02 07:00") == [(4, "03-02 07:00")]


def test_slots_are_wall_times_of_the_reader():
    course = a_course(zone="Europe/Riga")

    assert had(course, out(60), "2026-03-30 12:00")[-2:] == [(28, "03-29 04:00"), (29, "03-30 04:00")]


def test_a_finished_series_is_given_whole_and_then_nothing_is_due():
    far = reached(a_course(), out(3), now=at("2026-06-01 00:00"))

    assert [one.post.seq for one in far.given] == [1, 2, 3]
    assert (far.next_due, far.joined_at) == (None, at("2026-03-04 07:00"))


def test_who_has_caught_up_gets_what_comes_out_as_it_comes_out():
    posts = out(4, first=at("2026-03-01 09:00"))

    assert had(a_course(Stretch(START, TWICE)), posts, "2026-03-09 00:00") == [
        (1, "03-01 19:00"),
        (2, "03-02 09:00"),
        (3, "03-03 09:00"),
        (4, "03-04 09:00"),
    ]


def test_a_feed_that_starts_with_nothing_behind_it_is_live_from_the_start():
    posts = [*out(3), *out(4, first=START)[3:]]

    assert reached(a_course(after=3), posts, now=START).joined_at == START
    assert had(a_course(after=3), posts, "2026-03-09 00:00") == [(4, "03-04 12:00")]


def test_a_pace_slower_than_the_series_goes_on_as_it_is():
    course = a_course(Stretch(START, weekly(time(7), date(2026, 3, 4))))

    assert had(course, out(90), "2026-03-20 00:00") == [(1, "03-04 07:00"), (2, "03-11 07:00"), (3, "03-18 07:00")]


def test_a_step_brings_only_what_is_out_by_then():
    posts = out(3, first=at("2026-03-01 12:00"))

    assert had(a_course(Stretch(START, SEVEN, posts=9)), posts, "2026-03-09 00:00") == [
        (1, "03-02 07:00"),
        (2, "03-02 12:00"),
        (3, "03-03 12:00"),
    ]


def test_a_pause_takes_no_steps_and_resuming_goes_on_with_the_next_slot():
    course = a_course(
        Stretch(START, SEVEN),
        Stretch(at("2026-03-02 08:00"), SEVEN, paused=True),
        Stretch(at("2026-03-06 08:00"), SEVEN),
    )

    assert had(course, out(5), "2026-03-07 07:00") == [(1, "03-02 07:00"), (2, "03-07 07:00")]


def test_while_it_is_paused_nothing_is_due():
    course = a_course(Stretch(START, SEVEN), Stretch(at("2026-03-02 08:00"), SEVEN, paused=True))

    far = reached(course, out(5), now=at("2026-04-01 00:00"))

    assert (len(far.given), far.next_due, far.joined_at) == (1, None, None)


def test_what_was_due_at_the_moment_of_a_change_stays_due():
    moment = at("2026-03-03 07:00")
    course = a_course(Stretch(START, SEVEN), Stretch(moment, SEVEN, paused=True))

    assert had(course, out(5), "2026-03-09 00:00") == [(1, "03-02 07:00"), (2, "03-03 07:00")]


def test_another_pace_holds_from_its_moment_on():
    course = a_course(Stretch(START, SEVEN), Stretch(at("2026-03-02 12:00"), TWICE))

    assert had(course, out(9), "2026-03-03 19:00") == [
        (1, "03-02 07:00"),
        (2, "03-02 19:00"),
        (3, "03-03 07:00"),
        (4, "03-03 19:00"),
    ]


def test_a_step_wanted_now_comes_beside_those_of_the_pace():
    course = a_course(asked=[at("2026-03-01 13:00")])

    assert had(course, out(5), "2026-03-02 07:00") == [(1, "03-01 13:00"), (2, "03-02 07:00")]


def test_a_step_may_be_wanted_in_a_pause():
    course = a_course(Stretch(START, SEVEN, paused=True), asked=[at("2026-03-04 13:00")])

    assert had(course, out(5), "2026-03-09 00:00") == [(1, "03-04 13:00")]


def test_what_was_withdrawn_before_its_turn_takes_no_step():
    posts = out(5)
    posts[0] = posts[0]._replace(withdrawn_at=at("2026-03-01 00:00"))

    far = reached(a_course(), posts, now=at("2026-03-02 07:00"))

    assert [one.post.seq for one in far.shown] == [2]
    assert far.gone == []


def test_what_was_withdrawn_after_its_turn_is_said_to_be_gone_and_moves_nothing():
    posts = out(5)
    posts[0] = posts[0]._replace(withdrawn_at=at("2026-03-02 08:00"))

    far = reached(a_course(), posts, now=at("2026-03-03 07:00"))

    assert [(one.post.seq, one.due) for one in far.shown] == [(2, at("2026-03-03 07:00"))]
    assert far.gone == [posts[0]]


def test_what_is_restored_has_its_place_and_moves_nothing():
    posts = out(5)
    away = (at("2026-03-01 00:00"), at("2026-03-04 00:00"))
    posts[1] = posts[1]._replace(away=(away,))

    given = had(a_course(), posts, "2026-03-04 07:00")

    assert given == [(1, "03-02 07:00"), (2, "03-03 07:00"), (3, "03-03 07:00"), (4, "03-04 07:00")]


def test_what_was_restored_and_withdrawn_again_is_said_to_be_gone():
    posts = out(5)
    away = (at("2026-03-01 00:00"), at("2026-03-04 00:00"))
    posts[1] = posts[1]._replace(away=(away,), withdrawn_at=at("2026-03-05 00:00"))

    assert reached(a_course(), posts, now=at("2026-03-06 00:00")).gone == [posts[1]]


def test_history_that_is_taken_in_late_does_not_undo_the_meeting_with_the_live_run():
    posts = out(2)
    late = [posts[0], posts[1], posts[1]._replace(post_id=3, seq=3, out_at=at("2026-04-01 00:00"))]
    before = had(a_course(), posts, "2026-04-02 00:00")

    assert had(a_course(), late, "2026-04-02 00:00") == [*before, (3, "04-01 00:00")]


def test_the_order_is_that_of_seq_whatever_the_clock_said():
    posts = out(4, first=at("2026-03-10 12:00"))
    posts[3] = posts[3]._replace(out_at=at("2026-03-11 00:00"))

    assert had(a_course(), posts, "2026-03-20 00:00")[2:] == [(3, "03-12 12:00"), (4, "03-12 12:00")]


def test_a_course_is_kept_as_json():
    stretch = Stretch(START, TWICE, posts=3, paused=True)

    assert Stretch.from_json(stretch.to_json()) == stretch
    assert replace(stretch, paused=False) != stretch
