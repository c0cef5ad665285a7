"""What always holds for a catch-up feed, whatever happens to its series and whatever is asked of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from db.catch_up_feeds import Out
from scheduler.cadence import Cadence, Rhythm, Unit, daily
from scheduler.catch_up_feed import Course, Reached, Step, Stretch, reached
from tests.scheduler.catching_up import SECOND, START, TWICE

HOUR = timedelta(hours=1)
FAR = START + timedelta(days=2000)
PACES = (daily(time(7), date(2026, 3, 1)), TWICE, Cadence(Rhythm(Unit.week), (time(12),), date(2026, 3, 1)))

happenings = st.lists(
    st.tuples(
        # From START, at which a first step may be due, in hours: often the very hours of slots.
        st.integers(0, 20 * 24),
        st.sampled_from(["release", "release", "withdraw", "withdraw", "restore", "pause", "resume", "pace", "next"]),
        st.integers(0, 11),
    ),
    max_size=40,
).map(sorted)


@dataclass
class Story:
    """A series and a feed as they are at a moment of a story; what has not happened by then is not known."""

    course: Course
    posts: list[Out] = field(default_factory=list)

    def happen(self, at: datetime, kind: str, which: int) -> None:
        getattr(self, kind)(at, which)

    def release(self, at: datetime, _which: int) -> None:
        self.posts.append(Out(len(self.posts) + 1, "", len(self.posts) + 1, at))

    def withdraw(self, at: datetime, which: int) -> None:
        for place, post in enumerate(self.posts):
            if place == which and post.withdrawn_at is None:
                self.posts[place] = post._replace(withdrawn_at=at)

    def restore(self, at: datetime, _which: int) -> None:
        for place, post in enumerate(self.posts):
            if post.withdrawn_at is not None:
                self.posts[place] = post._replace(withdrawn_at=None, away=(*post.away, (post.withdrawn_at, at)))

    def pause(self, at: datetime, _which: int) -> None:
        self._add(replace(self.course.stretches[-1], since=at, paused=True))

    def resume(self, at: datetime, _which: int) -> None:
        self._add(replace(self.course.stretches[-1], since=at, paused=False))

    def pace(self, at: datetime, which: int) -> None:
        self._add(replace(self.course.stretches[-1], since=at, pace=PACES[which % 3], posts=which % 4 + 1))

    def next(self, at: datetime, which: int) -> None:
        self.course = replace(self.course, asked=(*self.course.asked, Step(at, which % 3 + 1)))

    def _add(self, stretch: Stretch) -> None:
        self.course = replace(self.course, stretches=(*self.course.stretches, stretch))


def told(history: int, happened: Sequence[tuple[int, str, int]], until: datetime, zone: str = "UTC") -> Story:
    """The story up to a moment: so many posts that are history, then what happened by then."""
    story = Story(Course(zone=zone, after=0, stretches=(Stretch(START, PACES[0]),)))
    for number in range(history):
        story.release(START - (history - number) * HOUR, 0)
    for hours, kind, which in happened:
        if START + hours * HOUR <= until:
            story.happen(START + hours * HOUR, kind, which)
    return story


def far(story: Story, now: datetime) -> Reached:
    return reached(story.course, story.posts, now=now)


def dues(reached: Reached) -> list[tuple[int, datetime]]:
    return [(one.post.seq, one.due) for one in reached.given]


moments = st.integers(0, 22 * 24 * 2).map(lambda halves: START + halves * HOUR / 2)
stories = (st.integers(0, 15), happenings)


@given(*stories, st.sampled_from(["UTC", "Europe/Riga", "America/New_York"]))
@settings(max_examples=300, deadline=None)
def test_what_a_feed_has_it_keeps_with_its_date_whatever_happens(history, happened, zone):
    story = told(history, (), START, zone)

    looks = [far(story, START)]
    for hours, kind, which in happened:
        looks.append(far(story, START + hours * HOUR))
        story.happen(START + hours * HOUR, kind, which)
        looks.append(far(story, START + hours * HOUR))

    assert all(dues(later)[: len(sooner.given)] == dues(sooner) for sooner, later in pairwise(looks))


@given(*stories, moments, moments)
@settings(max_examples=200, deadline=None)
def test_who_has_joined_the_live_run_stays_in_it(history, happened, one, other):
    sooner, later = sorted([one, other])

    before, after = (far(told(history, happened, moment), moment) for moment in (sooner, later))

    assert before.joined_at in (None, after.joined_at)


@given(*stories, moments)
@settings(max_examples=300, deadline=None)
def test_each_post_comes_once_in_order_and_never_early(history, happened, now):
    there = far(told(history, happened, now), now)

    assert [one.post.seq for one in there.given] == list(range(1, len(there.given) + 1))
    assert [one.due for one in there.given] == sorted(one.due for one in there.given)
    assert all(one.post.out_at <= one.due <= now for one in there.given)


@given(*stories, moments)
@settings(max_examples=300, deadline=None)
def test_who_has_joined_the_live_run_lacks_nothing_that_is_out(history, happened, now):
    story = told(history, happened, now)

    there = far(story, now)

    assert there.joined_at is None or len(there.given) == len(story.posts)
    assert there.joined_at is None or [one.due for one in there.given if one.due > there.joined_at] == [
        post.out_at for post in story.posts if post.out_at > there.joined_at
    ]


@given(*stories, moments)
@settings(max_examples=300, deadline=None)
def test_until_the_next_step_is_due_nothing_changes(history, happened, now):
    story = told(history, happened, now)

    there = far(story, now)
    next_due = there.next_due or FAR

    assert next_due > now
    assert dues(far(story, next_due - SECOND)) == dues(there)


@given(*stories)
@settings(max_examples=200, deadline=None)
def test_every_feed_that_is_not_paused_comes_to_the_end_of_a_finished_series(history, happened):
    story = told(history, happened, FAR)
    story.resume(START + 41 * 24 * HOUR, 0)

    there = far(story, FAR)

    assert len(there.given) == len(story.posts)
    assert there.next_due is None
    assert there.joined_at is not None
