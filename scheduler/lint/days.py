"""Days: two posts where there is room for one, and slots that nobody has taken."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from db.said import say, say_and, worded
from db.states import PostState
from scheduler.lint.mends import as_it_is, at, either, pinned, pinned_elsewhere
from scheduler.lint.offered import left_free
from scheduler.lint.values import Chapter, Found
from scheduler.lint.view import View


def double_booked_slot(view: View) -> Iterator[Found]:
    """Two posts at the same moment."""
    standing: dict[datetime, list[Chapter]] = defaultdict(list)
    for wall, chapter in view.dated:
        standing[wall].append(chapter)
    for wall, chapters in sorted(standing.items()):
        if len(chapters) > 1:
            yield _crowded(view, wall, chapters, "double-booked-slot")


def double_booked_day(view: View) -> Iterator[Found]:
    """More moments of posts on a day than the cadence has slots there, and than one."""
    standing: dict[date, dict[datetime, Chapter]] = defaultdict(dict)
    for wall, chapter in view.dated:
        standing[wall.date()][wall] = chapter
    room = Counter(slot.date() for slot in view.slots)
    for day, chapters in sorted(standing.items()):
        if len(chapters) > max(1, room[day]):
            by_time = [chapters[wall] for wall in sorted(chapters)]
            yield _crowded(view, day, by_time, "double-booked-day")


def _crowded(view: View, day: date, chapters: Sequence[Chapter], rule: str) -> Found:
    *others, last = chapters
    movable = next((one for one in reversed(chapters) if one.state == PostState.planned), None)
    names = say_and([one.slug for one in others])
    message = say("%(names)s and %(last)s stand on %(day)s", names=names, last=last.slug, day=day)
    if movable is None or movable.wall is None:
        return Found(at(day), message, as_it_is(view, rule, say("they are out")), last.slug)
    return Found(at(day), message, pinned_elsewhere(view, movable, movable.wall), movable.slug)


def gap(view: View) -> Iterator[Found]:
    """Slots without a post between the first post and the last; those in a row are one finding.

    What was announced is left to `announced-missing`.
    """
    free = set(left_free(view.slots, (wall for wall, _ in view.dated))) - view.promise.slots
    if not free:
        return
    first, last = min(wall for wall, _ in view.dated), max(wall for wall, _ in view.dated)
    for row in _rows(view.slots, {slot for slot in free if first < slot < last}):
        yield _gap(view, row)


def _rows(slots: Sequence[datetime], free: set[datetime]) -> Iterator[list[datetime]]:
    row: list[datetime] = []
    for slot in slots:
        if slot in free:
            row.append(slot)
        elif row:
            yield row
            row = []
    if row:
        yield row


def _gap(view: View, row: Sequence[datetime]) -> Found:
    several = len(view.book.cadence.times) > 1
    first, last = (row[0], row[-1]) if several else (row[0].date(), row[-1].date())
    mend = _filled(view, row, first)
    if len(row) == 1:
        return Found(at(first), say("no post on %(day)s", day=first), mend)
    days = {"first": first, "last": last}
    message = say("no posts from %(first)s to %(last)s, %(slots)s slots", **days, slots=len(row))
    return Found(say("%(first)s … %(last)s", **days), message, mend)


def _filled(view: View, row: Sequence[datetime], first: date) -> str:
    after = next((one for wall, one in sorted(view.dated, key=lambda pair: pair[0]) if wall > row[-1]), None)
    if row[0] > view.wall_now and after is not None and after.state == PostState.planned:
        pin = pinned(view, after.slug, row[0])
        return worded(f"{pin}, or fill it by an import", either([pin, say("fill the gap with a new post")]))
    by_import = f"`fascicle import FOLDER --series {view.book.series}` with a post for `date: {at(first)}`"
    return worded(by_import, say("write a post for %(day)s", day=first))
