"""Any sequence of edits, imports and releases keeps what must always hold of a plan (DESIGN.md)."""

import os
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, pairwise

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sqlalchemy import update

from db import plans
from db import series as all_series
from db.engine import Store
from db.errors import BadValue
from db.states import PostState
from db.tables import Post
from scheduler.cadence import Cadence, daily, parse_words, weekdays, why_closed
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
    PlanChanged,
    Preview,
    Proposal,
    Reflow,
    Relabel,
    Remove,
    RemoveBlackout,
    Resume,
    ShiftDays,
    ShiftSlots,
    Swap,
    Unpin,
    apply,
    load,
    proposing,
    redoing,
    undoing,
)
from scheduler.plan import Plan
from scheduler.release import release_due
from tests.making import RULES, a_house, a_series, a_source, taken_in
from timing.wall import to_wall

BEGIN = datetime(2026, 3, 25, 11, 30, tzinfo=UTC)
"""A few days before the clocks of Berlin go forward."""
EXAMPLES = int(os.environ.get("FASCICLE_EXAMPLES", "100"))
NUMBERS = count(1)

days = st.integers(0, 25).map(lambda number: date(2026, 3, 25) + timedelta(days=number))
times = st.sampled_from([time(2, 30), time(3), time(7), time(18, 30)])
moments = st.builds(datetime.combine, days, times)
chapters = st.integers(0, 11).map(lambda number: f"chapter-{number}")
cadences = st.sampled_from(
    [
        daily(time(2, 30), date(2026, 3, 20)),
        weekdays(time(7), date(2026, 3, 20)),
        parse_words("every day at 02:30 and 03:00 from 20 March 2026, not on holidays of DE-BE"),
        parse_words("every 2 days at 07:00 from 21 March 2026, not on 2 April 2026, also on 4 April 2026 at 18:30"),
        Cadence(),
    ]
)
edits = st.one_of(
    st.builds(Insert, chapters),
    st.builds(Insert, chapters, after=chapters),
    st.builds(Insert, chapters, before=chapters),
    st.builds(Remove, chapters),
    st.builds(Swap, chapters, chapters),
    st.builds(MoveBeside, chapters, after=chapters),
    st.builds(MoveBeside, chapters, before=chapters),
    st.builds(MoveAlone, chapters, moments),
    st.builds(MoveWithRest, chapters, moments),
    st.builds(Pin, chapters, moments),
    st.builds(Unpin, chapters),
    st.builds(ShiftSlots, chapters, st.integers(-3, 5)),
    st.builds(ShiftDays, chapters, st.integers(-3, 5)),
    st.builds(AddBlackout, days, days, st.just("holidays")),
    st.builds(RemoveBlackout, days),
    st.builds(Pause, days, st.none() | days, st.just("a rest")),
    st.builds(Resume, days),
    st.builds(NewCadence, cadences),
    st.builds(NewZone, st.sampled_from(["Europe/Berlin", "America/New_York", "Pacific/Apia"]), st.sampled_from(Keep)),
    st.builds(Relabel, chapters, st.sampled_from(["1", "2", "3.1"])),
    st.just(Reflow()),
)


class Planning(RuleBasedStateMachine):
    """One series, edited as two people would, while its calendar goes on."""

    store: Store

    @initialize(cadence=cadences, posts=st.integers(3, 8))
    def begin(self, cadence: Cadence, posts: int) -> None:
        self.now = BEGIN
        self.number = posts
        self.done: list[tuple[Plan, Plan]] = []
        self.undone: list[tuple[Plan, Plan]] = []
        with self.store.writing() as session:
            # What the sequences before left behind must not be released in this one.
            session.execute(update(Post).where(Post.state == PostState.planned).values(state=PostState.draft))
            words = cadence.to_json() or None
            series = a_series(session, f"series-{next(NUMBERS)}", zone="Europe/Berlin", cadence=words, now=self.now)
            sources = [a_source(slug=f"chapter-{number}", number=str(number), id=None) for number in range(posts)]
            sources.append(a_source(slug=f"chapter-{posts}", draft=True))
            taken_in(session, series, sources, now=self.now)
            self.series_id = series.id
        self.out = self.plan().out

    def plan(self) -> Plan:
        with self.store.reading() as session:
            return load(session, all_series.lock(session, self.series_id))

    def thought(self, proposal: Proposal) -> tuple[int, Preview]:
        with self.store.reading() as session:
            series = all_series.lock(session, self.series_id)
            return series.version, proposal(session, series, self.now)

    def apply(self, proposal: Proposal, version: int, hash: str, actor: str = "alice") -> None:
        with self.store.writing() as session:
            apply(session, self.series_id, proposal, version=version, hash=hash, actor=actor, now=self.now)

    @rule(edit=edits)
    def what_is_applied_is_what_was_previewed(self, edit: Edit) -> None:
        proposal = proposing(edit)
        try:
            version, thought = self.thought(proposal)
        except BadValue:
            return
        assert thought.before == self.plan()
        self.apply(proposal, version, thought.diff.hash)
        assert self.plan() == thought.after
        self.done.append((thought.before, thought.after))
        self.undone.clear()

    @precondition(lambda self: self.done)
    @rule(steps=st.integers(1, 3))
    def undo_restores_exactly(self, steps: int) -> None:
        steps = min(steps, len(self.done))
        expected = self.done[-steps][0]
        self.walk(undoing(steps), expected)
        self.undone += [self.done.pop() for _ in range(steps)]

    @precondition(lambda self: self.undone)
    @rule(steps=st.integers(1, 3))
    def redo_restores_exactly(self, steps: int) -> None:
        steps = min(steps, len(self.undone))
        expected = self.undone[-steps][1]
        self.walk(redoing(steps), expected)
        self.done += [self.undone.pop() for _ in range(steps)]

    def walk(self, proposal: Proposal, expected: Plan) -> None:
        try:
            version, thought = self.thought(proposal)
        except BadValue as error:
            # Two edits may cancel each other out; then there is nothing to take back in one go.
            assert "nothing would change" in str(error)
            assert self.plan() == expected
            self.done, self.undone = [], []
            with self.store.writing() as session:
                taken_in(session, all_series.lock(session, self.series_id), [self.another()], now=self.now)
            self.done, self.undone = [], []
            return
        self.apply(proposal, version, thought.diff.hash)
        assert self.plan().posts == expected.posts
        assert self.plan() == expected

    @rule(mine=edits, theirs=edits)
    def no_edit_of_two_editors_is_lost(self, mine: Edit, theirs: Edit) -> None:
        first, second = proposing(mine), proposing(theirs)
        try:
            version, thought = self.thought(first)
            seen, other = self.thought(second)
        except BadValue:
            return
        self.apply(first, version, thought.diff.hash, "alice")
        with pytest.raises(PlanChanged, match="alice has changed"):
            self.apply(second, seen, other.diff.hash, "bob")
        assert self.plan() == thought.after
        self.done.append((thought.before, thought.after))
        self.undone.clear()

    def another(self):
        self.number += 1
        return a_source(slug=f"chapter-{self.number}", number=str(self.number))

    @rule(wall=st.none() | moments)
    def an_import_adds_a_post_and_moves_no_other_back(self, wall: datetime | None) -> None:
        order = [post.key for post in self.plan().waiting if post.pin is None]
        source = self.another()
        with self.store.writing() as session:
            series = all_series.lock(session, self.series_id)
            taken_in(session, series, [a_source(slug=source.slug, number=source.number, wall=wall)], now=self.now)
        plan = self.plan()
        assert [post.key for post in plan.waiting if post.key in order] == order
        self.done, self.undone, self.out = [], [], plan.out

    @rule(hours=st.integers(1, 40))
    def time_goes_on_and_posts_come_out(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        before = len(self.out)
        release_due(self.store, now=self.now, rules=RULES)
        plan = self.plan()
        assert [(post.key, post.wall) for post in plan.out[:before]] == [(post.key, post.wall) for post in self.out]
        if len(plan.out) > before and self.done:
            with pytest.raises(BadValue, match="came out since"):
                self.thought(undoing(1))
        if len(plan.out) > before or plan.held:
            self.done, self.undone, self.out = [], [], plan.out
            self.forget()

    def forget(self) -> None:
        """An import that says something new cannot be taken back: a history that begins afresh."""
        with self.store.writing() as session:
            series = all_series.lock(session, self.series_id)
            taken_in(session, series, [self.another()], now=self.now)

    @invariant()
    def times_increase_strictly_in_the_order_of_the_plan(self) -> None:
        if not hasattr(self, "series_id"):
            return
        plan = self.plan()
        walls = [post.wall for post in plan.waiting if post.wall is not None]
        instants = [post.due_at for post in plan.waiting if post.due_at is not None]
        pins = [post.pin for post in plan.waiting if post.pin is not None]
        assert all(earlier < later for earlier, later in pairwise(walls)) or len(set(pins)) < len(pins)
        assert instants == sorted(instants)
        assert len(walls) == len(instants)

    @invariant()
    def a_released_post_never_moves(self) -> None:
        if hasattr(self, "series_id"):
            assert [(post.key, post.seq, post.wall, post.due_at) for post in self.plan().out] == [
                (post.key, post.seq, post.wall, post.due_at) for post in self.out
            ]

    @invariant()
    def no_slot_lies_on_an_excluded_day(self) -> None:
        if not hasattr(self, "series_id"):
            return
        plan = self.plan()
        floor = to_wall(self.now, plan.zone)
        coming = [
            post.wall for post in plan.waiting if post.pin is None and post.wall is not None and post.wall > floor
        ]
        assert [why_closed(plan.cadence, wall) for wall in coming if wall not in plan.cadence.also] == [None] * len(
            [wall for wall in coming if wall not in plan.cadence.also]
        )

    @invariant()
    def the_version_counts_the_edits(self) -> None:
        if hasattr(self, "series_id"):
            with self.store.reading() as session:
                series = all_series.lock(session, self.series_id)
                assert series.version == len(plans.history(session, self.series_id))


@pytest.mark.slow
def test_any_sequence_of_edits_keeps_what_must_hold(store: Store):
    a_house(store, now=BEGIN)
    machine = type("Machine", (Planning,), {"store": store})

    # Not shrunk: each step asks a database, and a sequence of twenty can be read as it is.
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=20,
            deadline=None,
            phases=[Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
