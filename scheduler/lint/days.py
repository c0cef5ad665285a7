"""Days: two posts where there is room for one, and slots that nobody has taken."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from db.states import PostState
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
            yield _crowded(view, f"{wall:%Y-%m-%d %H:%M}", chapters, "double-booked-slot")


def double_booked_day(view: View) -> Iterator[Found]:
    """More moments of posts on a day than the cadence has slots there, and than one."""
    standing: dict[date, dict[datetime, Chapter]] = defaultdict(dict)
    for wall, chapter in view.dated:
        standing[wall.date()][wall] = chapter
    room = Counter(slot.date() for slot in view.slots)
    for day, chapters in sorted(standing.items()):
        if len(chapters) > max(1, room[day]):
            by_time = [chapters[wall] for wall in sorted(chapters)]
            yield _crowded(view, day.isoformat(), by_time, "double-booked-day")


def _crowded(view: View, place: str, chapters: Sequence[Chapter], rule: str) -> Found:
    *others, last = chapters
    movable = next((one for one in reversed(chapters) if one.state == PostState.planned), None)
    names = ", ".join(one.slug for one in others)
    message = f"{names} and {last.slug} stand on {place}"
    if movable is None or movable.wall is None:
        mend = f"none, they are out; {view.switch_off(rule)} if that was meant"
        return Found(place, message, mend, last.slug)
    return Found(place, message, view.pin_elsewhere(movable, movable.wall), movable.slug)


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
    shape = "%Y-%m-%d %H:%M" if len(view.book.cadence.times) > 1 else "%Y-%m-%d"
    first, last = row[0].strftime(shape), row[-1].strftime(shape)
    after = next((one for wall, one in sorted(view.dated, key=lambda pair: pair[0]) if wall > row[-1]), None)
    place = first if len(row) == 1 else f"{first} … {last}"
    message = f"no post on {first}" if len(row) == 1 else f"no posts from {first} to {last}, {len(row)} slots"
    if row[0] > view.wall_now and after is not None and after.state == PostState.planned:
        mend = f"{view.command('pin', after.slug, row[0].strftime('%Y-%m-%d %H:%M'))}, or fill it by an import"
    else:
        mend = f"`fascicle import FOLDER --series {view.book.series}` with a post for `date: {first}`"
    return Found(place, message, mend)
