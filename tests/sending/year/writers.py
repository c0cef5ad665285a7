"""What those do in a year who write, and who plan when it comes out."""

from contextlib import suppress

from hypothesis import strategies as st

from db import series as all_series
from db.errors import BadValue
from scheduler import correct, release
from scheduler.edit import (
    Edit,
    Insert,
    MoveAlone,
    MoveBeside,
    Pin,
    PlanChanged,
    Reflow,
    Remove,
    ShiftDays,
    Swap,
    apply_at_once,
    load,
)
from tests.sending.year import drawing, looking
from tests.sending.year.deeds import CADENCES, Deeds, then
from tests.sending.year.drawing import SERIES, picks
from tests.sending.year.living import ME


class Writers(Deeds):
    """Posts are written, planned, held, withdrawn and restored."""

    @then(series=drawing.series, count=st.integers(1, 3))
    def posts_are_written(self, series: str, count: int) -> None:
        days = range(2, 2 + 3 * count, 3)
        self.imported(series, [None if CADENCES[series] else self.day(day) for day in days])

    @then(series=drawing.series, days=st.lists(st.integers(-300, 9).filter(bool), min_size=1, max_size=3, unique=True))
    def posts_are_imported_with_dates(self, series: str, days: list[int]) -> None:
        self.imported(series, [self.day(day, 6) for day in days])

    @then(series=drawing.series, place=picks)
    def a_draft_is_inserted(self, series: str, place: int) -> None:
        [draft] = self.imported(series, [None], draft=True)
        waiting = self.waiting(series)
        self.edited(series, Insert(draft, before=waiting[place % len(waiting)]) if waiting else Insert(draft))

    @then(series=drawing.series, one=picks, other=picks, days=st.integers(-3, 9), kind=st.integers(0, 6))
    def the_plan_is_edited(self, series: str, one: int, other: int, days: int, kind: int) -> None:
        waiting = self.waiting(series)
        if len(waiting) < 2:
            return
        first, second = waiting[one % len(waiting)], waiting[other % len(waiting)]
        moment = self.day(max(days, 1), 9)
        edits: list[Edit] = [
            MoveBeside(first, after=second),
            Swap(first, second),
            Pin(first, moment),
            MoveAlone(first, moment),
            Remove(first),
            ShiftDays(first, days or 2),
            Reflow(),
        ]
        self.edited(series, edits[kind])

    def waiting(self, series: str) -> list[str]:
        with self.store.reading() as session:
            return [post.slug for post in load(session, all_series.by_slug(session, series)).waiting]

    def edited(self, series: str, edit: Edit) -> None:
        with suppress(BadValue, PlanChanged), self.store.writing() as session:
            apply_at_once(session, all_series.by_slug(session, series), edit, actor=ME, now=self.year.now)
            self.did(type(edit).__name__)

    @then(when=lambda self: self.year.held)
    def the_holds_are_lifted(self) -> None:
        for series in SERIES:
            self.lift(series)

    def lift(self, series: str) -> None:
        with self.store.writing() as session:
            row = all_series.lock(session, all_series.by_slug(session, series).id)
            if row.held_at is None:
                return
            due = looking.due(session, self.year.now)
            all_series.unhold(session, row.id)
            release.release_overdue(session, row, now=self.year.now)
        self.year.enter_released_by_hand([one for one in due if one.series == series])
        self.did("a hold is lifted")

    @then(series=drawing.series, pick=picks)
    def a_post_is_withdrawn(self, series: str, pick: int) -> None:
        standing = self.world.standing(series, self.year.now)
        if standing:
            post = standing[-1 - pick % min(4, len(standing))]
            with self.store.writing() as session:
                row = all_series.by_slug(session, series)
                correct.withdraw(session, row, post.slug, actor=ME, now=self.year.now)
            post.away.append((self.year.now, None))
            self.year.check_pages(series)

    @then(when=lambda self: any(self.world.withdrawn(series) for series in SERIES), pick=picks)
    def a_post_is_restored(self, pick: int) -> None:
        withdrawn = [post for series in SERIES for post in self.world.withdrawn(series)]
        post = withdrawn[pick % len(withdrawn)]
        with self.store.writing() as session:
            row = all_series.by_slug(session, post.series)
            correct.restore(session, row, post.slug, actor=ME, now=self.year.now)
        post.away[-1] = (post.away[-1][0], self.year.now)
        self.year.check_pages(post.series)
