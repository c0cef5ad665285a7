"""Any sequence of edits, imports and releases keeps what must always hold of a plan (DESIGN.md)."""

import os
from collections import Counter
from collections.abc import Sequence
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
from db.tables import Post, Series
from importers.values import PostSource
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
    Renumber,
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
from scheduler.plan import Placed, Plan, settle
from scheduler.release import release_due, release_overdue
from tests.making import RULES, a_house, a_series, a_source, taken_in
from timing.wall import to_wall

BEGIN = datetime(2026, 3, 25, 11, 30, tzinfo=UTC)
"""A few days before the clocks of Berlin go forward."""
EXAMPLES = int(os.environ.get("FASCICLE_EXAMPLES", "100"))
NUMBERS = count(1)
ZONES = ("Europe/Berlin", "America/New_York", "Pacific/Apia")
CADENCES = (
    daily(time(2, 30), date(2026, 3, 20)),
    weekdays(time(7), date(2026, 3, 20)),
    parse_words("every day at 02:30 and 03:00 from 20 March 2026, not on holidays of DE-BE"),
    parse_words("every 2 days at 07:00 from 21 March 2026, not on 2 April 2026, also on 4 April 2026 at 18:30"),
    Cadence(),
)


def edits(plan: Plan, now: datetime, *, of: str = "") -> st.SearchStrategy[Edit]:
    """Edits that this plan may well take; some are refused all the same. `of` says of which kind, else of any."""
    names = _named(plan.waiting)
    beside = _named([*plan.waiting, *plan.out[-1:]])
    moments = st.builds(
        lambda days, hour: _moment(now, days, hour), st.integers(0, 20), st.sampled_from([2, 3, 7, 12, 18])
    )
    days = st.integers(0, 20).map(lambda number: (now + timedelta(days=number)).date())
    kinds = {
        "order": _of_order(plan, names, beside),
        "times": _of_times(plan, names, beside, moments, now),
        "rules": _of_rules(plan, days),
    }
    return st.one_of(kinds[of] if of else [one for some in kinds.values() for one in some])


def _of_order(
    plan: Plan, names: st.SearchStrategy[str], beside: st.SearchStrategy[str]
) -> list[st.SearchStrategy[Edit]]:
    aside = [post for post in plan.aside if post.state == PostState.draft]
    drafts = _named(aside)
    found: list[st.SearchStrategy[Edit]] = [
        st.builds(Remove, names),
        st.builds(Swap, names, names),
        st.builds(MoveBeside, names, after=beside),
        st.builds(MoveBeside, names, before=names),
        st.builds(Relabel, names, st.sampled_from(["1", "2", "3.1"])),
        st.builds(Renumber, names, st.integers(1, 9)),
    ]
    if aside:
        found += [
            st.builds(Insert, drafts),
            st.builds(Insert, drafts, after=beside),
            st.builds(Insert, drafts, before=names),
        ]
    return found


def _of_times(
    plan: Plan,
    names: st.SearchStrategy[str],
    beside: st.SearchStrategy[str],
    moments: st.SearchStrategy[datetime],
    now: datetime,
) -> list[st.SearchStrategy[Edit]]:
    counts = st.integers(-3, 5).filter(bool)
    found: list[st.SearchStrategy[Edit]] = [
        st.builds(Pin, names, moments),
        st.builds(MoveAlone, names, moments),
        st.builds(MoveWithRest, names, moments),
        st.builds(ShiftSlots, beside, counts),
        st.builds(ShiftDays, beside, counts),
    ]
    if tied := [post for post in plan.waiting if post.pin or post.earliest]:
        found.append(st.builds(Unpin, _named(tied)))
    if any(post.wall and post.wall <= now for post in plan.waiting):
        found.append(st.just(Reflow()))
    return found


def _of_rules(plan: Plan, days: st.SearchStrategy[date]) -> list[st.SearchStrategy[Edit]]:
    closed = st.builds(lambda first, more: (first, first + timedelta(days=more)), days, st.integers(0, 4))
    found: list[st.SearchStrategy[Edit]] = [
        closed.map(lambda two: AddBlackout(*two, "a fair")),
        closed.map(lambda two: Pause(*two, "a rest")),
        st.builds(Pause, days, st.none(), st.just("a rest")),
        st.builds(NewCadence, st.sampled_from(CADENCES)),
        st.builds(NewZone, st.sampled_from([zone for zone in ZONES if zone != plan.zone]), st.sampled_from(Keep)),
    ]
    if plan.cadence.blackouts:
        within = st.sampled_from([one.first for one in plan.cadence.blackouts])
        found += [st.builds(RemoveBlackout, within), st.builds(Resume, within), st.builds(Resume, days)]
    return found


def _named(posts: Sequence[Placed]) -> st.SearchStrategy[str]:
    return st.sampled_from([post.slug for post in posts] or ["nobody"])


def _moment(now: datetime, days: int, hour: int) -> datetime:
    return datetime.combine(now.date() + timedelta(days=days), time(hour, 30 if hour == 2 else 0))


class Planning(RuleBasedStateMachine):
    """One series, edited as two people would, while its calendar goes on."""

    store: Store
    succeeded: Counter[str]

    @initialize(cadence=st.sampled_from(CADENCES), posts=st.integers(3, 8))
    def begin(self, cadence: Cadence, posts: int) -> None:
        self.now = BEGIN
        self.sources: dict[str, PostSource] = {}
        self.done: list[tuple[Plan, Plan]] = []
        self.undone: list[tuple[Plan, Plan]] = []
        with self.store.writing() as session:
            # What the sequences before left behind must not be released in this one.
            session.execute(update(Post).where(Post.state == PostState.planned).values(state=PostState.draft))
            words = cadence.to_json() or None
            series = a_series(session, f"series-{next(NUMBERS)}", zone="Europe/Berlin", cadence=words, now=self.now)
            self.series_id = series.id
        self.imported(*(self.another() for _ in range(posts)), self.another(draft=True))

    def plan(self) -> Plan:
        with self.store.reading() as session:
            return load(session, session.get_one(Series, self.series_id))

    def another(self, **values: object) -> PostSource:
        number = len(self.sources)
        source = a_source(slug=f"chapter-{number}", number=str(number), **values)
        self.sources[source.slug] = source
        return source

    def imported(self, *sources: PostSource) -> None:
        with self.store.writing() as session:
            series = all_series.lock(session, self.series_id)
            before = series.version
            taken_in(session, series, sources, now=self.now)
            if series.version > before:
                self.done, self.undone = [], []
        self.out = self.plan().out

    def thought(self, proposal: Proposal) -> tuple[int, Preview]:
        with self.store.reading() as session:
            series = session.get_one(Series, self.series_id)
            return series.version, proposal(session, series, self.now)

    def apply(self, proposal: Proposal, version: int, hash: str, actor: str = "alice") -> None:
        with self.store.writing() as session:
            apply(session, self.series_id, proposal, version=version, hash=hash, actor=actor, now=self.now)

    @rule(data=st.data())
    def an_edit_of_the_order_is_applied_as_previewed(self, data: st.DataObject) -> None:
        self.edited(data, of="order")

    @rule(data=st.data())
    def an_edit_of_times_is_applied_as_previewed(self, data: st.DataObject) -> None:
        self.edited(data, of="times")

    @rule(data=st.data())
    def an_edit_of_rules_is_applied_as_previewed(self, data: st.DataObject) -> None:
        self.edited(data, of="rules")

    def edited(self, data: st.DataObject, *, of: str) -> None:
        plan = self.plan()
        edit = data.draw(edits(plan, to_wall(self.now, plan.zone), of=of))
        proposal = proposing(edit)
        try:
            version, thought = self.thought(proposal)
        except BadValue:
            return
        assert thought.before == plan
        self.apply(proposal, version, thought.diff.hash)
        assert self.plan() == thought.after
        assert settle(thought.after, floor=to_wall(self.now, thought.after.zone)) == thought.after
        self.succeeded[type(edit).__name__] += 1
        self.done.append((thought.before, thought.after))
        self.undone.clear()

    @precondition(lambda self: self.done)
    @rule(steps=st.integers(1, 3))
    def undo_restores_exactly(self, steps: int) -> None:
        steps = min(steps, len(self.done))
        self.walk(undoing(steps), self.done[-steps][0])
        self.undone += [self.done.pop() for _ in range(steps)]

    @precondition(lambda self: self.undone)
    @rule(steps=st.integers(1, 3))
    def redo_restores_exactly(self, steps: int) -> None:
        steps = min(steps, len(self.undone))
        self.walk(redoing(steps), self.undone[-steps][1])
        self.done += [self.undone.pop() for _ in range(steps)]

    def walk(self, proposal: Proposal, expected: Plan) -> None:
        version, thought = self.thought(proposal)
        self.apply(proposal, version, thought.diff.hash)
        assert self.plan() == expected

    @rule(data=st.data())
    def no_edit_of_two_editors_is_lost(self, data: st.DataObject) -> None:
        plan = self.plan()
        drawn = edits(plan, to_wall(self.now, plan.zone))
        first, second = proposing(data.draw(drawn)), proposing(data.draw(drawn))
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

    @rule(days=st.none() | st.integers(1, 15))
    def an_import_of_a_new_post_keeps_the_order_of_the_others(self, days: int | None) -> None:
        before = self.plan()
        wall = None if days is None else _moment(to_wall(self.now, before.zone), days, 12)
        self.imported(self.another(wall=wall))

        after = self.plan()
        old = {post.key for post in before.posts}
        assert [post.key for post in after.waiting if post.key in old] == [post.key for post in before.waiting]
        if wall is not None and before.cadence.rhythm is not None:
            early = [post for post in before.waiting if post.wall is not None and post.wall < wall]
            moments = {post.key: post.wall for post in after.waiting}
            assert {post.key: post.wall for post in early} == {post.key: moments[post.key] for post in early}

    @rule(data=st.data())
    def importing_the_same_again_changes_nothing(self, data: st.DataObject) -> None:
        before = self.plan()
        self.imported(self.sources[data.draw(st.sampled_from(sorted(self.sources)))])
        assert self.plan() == before

    @rule(data=st.data(), draft=st.booleans(), days=st.none() | st.integers(1, 15))
    def an_import_says_something_new_of_a_post(self, data: st.DataObject, draft: bool, days: int | None) -> None:
        slug = data.draw(st.sampled_from(sorted(self.sources)))
        wall = None if days is None else _moment(to_wall(self.now, self.plan().zone), days, 13)
        number = self.sources[slug].number
        self.sources[slug] = a_source(slug=slug, number=number, draft=draft, wall=wall)
        self.imported(self.sources[slug])

    @rule(hours=st.integers(1, 20))
    def time_goes_on_and_posts_come_out(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        release_due(self.store, now=self.now, rules=RULES)
        self.something_came_out()

    @rule()
    def a_hold_is_lifted(self) -> None:
        with self.store.writing() as session:
            series = all_series.lock(session, self.series_id)
            if series.held_at is None:
                return
            all_series.unhold(session, series.id)
            release_overdue(session, series, now=self.now)
        self.something_came_out()
        self.forget()

    def something_came_out(self) -> None:
        plan = self.plan()
        assert _facts(plan.out)[: len(self.out)] == _facts(self.out)
        if len(plan.out) > len(self.out) and self.done:
            with pytest.raises(BadValue, match="came out since"):
                self.thought(undoing(1))
        if len(plan.out) > len(self.out) or plan.held:
            self.out = plan.out
            self.forget()

    def forget(self) -> None:
        """An import that says something new cannot be taken back: a history that begins afresh."""
        self.imported(self.another())

    @invariant()
    def times_increase_strictly_in_the_order_of_the_plan(self) -> None:
        plan = self.plan()
        moments = [(post.wall, post.pin) for post in plan.waiting if post.wall is not None]
        instants = [post.due_at for post in plan.waiting if post.due_at is not None]
        # Two imported dates may be the same; lint says so.
        pairs = [(a, b) for (a, pin), (b, other) in pairwise(moments) if not (pin and pin == other)]
        assert all(earlier < later for earlier, later in pairs)
        assert instants == sorted(instants)
        assert len(moments) == len(instants)

    @invariant()
    def a_released_post_never_moves(self) -> None:
        assert _facts(self.plan().out) == _facts(self.out)

    @invariant()
    def no_slot_lies_on_an_excluded_day(self) -> None:
        plan = self.plan()
        floor = to_wall(self.now, plan.zone)
        walls = [post.wall for post in plan.waiting if post.pin is None and post.wall is not None and post.wall > floor]
        assert [why for wall in walls if (why := why_closed(plan.cadence, wall))] == []

    @invariant()
    def the_version_counts_the_changes(self) -> None:
        with self.store.reading() as session:
            version = session.get_one(Series, self.series_id).version
            assert version == len(plans.history(session, self.series_id))


def _facts(out: Sequence[Placed]) -> list[tuple[object, ...]]:
    return [(post.key, post.seq, post.due_at) for post in out]


@pytest.mark.long
def test_any_sequence_of_edits_keeps_what_must_hold(store: Store):
    a_house(store, now=BEGIN)
    succeeded: Counter[str] = Counter()
    machine = type("Machine", (Planning,), {"store": store, "succeeded": succeeded})

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

    # Or the sequences would be of edits that are refused.
    assert len(succeeded) >= 12
