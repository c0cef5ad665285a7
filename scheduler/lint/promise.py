"""What a series has announced, a count or a window of days, and what of it has no post."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice
from typing import NamedTuple

from scheduler.cadence import slots
from scheduler.lint.numbering import parts
from scheduler.lint.offered import left_free, offered
from scheduler.lint.values import Book, Chapter

_MOST = 10_000
"""Announced chapters and slots that are looked at; more is a slip of the finger."""
_MOMENT = timedelta(microseconds=1)


class Place(NamedTuple):
    """One thing announced: a chapter, a slot, or a chapter on its slot; and which of the two is there."""

    number: int | None
    slot: datetime | None
    written: bool
    taken: bool

    @property
    def is_kept(self) -> bool:
        return (self.number is None or self.written) and (self.slot is None or self.taken)

    @property
    def is_empty(self) -> bool:
        return not self.written and not self.taken


class Hole(NamedTuple):
    """A place that is not kept. Several empty ones at the end are one hole, from `first` to `last`."""

    first: Place
    last: Place


@dataclass(frozen=True)
class Promise:
    """`slots` and whole numbers up to `numbers` are what the announcement speaks for, so no other rule does.

    `short` is how many posts lack where they cannot be told by number; `nobody`: no post at all in the window.
    """

    count: int = 0
    holes: tuple[Hole, ...] = ()
    slots: frozenset[datetime] = frozenset()
    numbers: int = 0
    short: int = 0
    nobody: bool = False

    @property
    def is_kept(self) -> bool:
        """Whether a count was announced and all of it is there."""
        return self.count > 0 and not (self.holes or self.short or self.nobody)


def promise_of(book: Book, chapters: Sequence[Chapter]) -> Promise:
    """`chapters` are those in the plan."""
    count = min(book.announced_count or 0, _MOST)
    window = _window(book, count)
    walls = [chapter.wall for chapter in chapters if chapter.wall is not None]
    free = set(left_free(window, walls))
    numbers = _whole_numbers(chapters) if count else None
    holes = _holes(window, free, count=count, numbers=numbers)
    return Promise(
        count=count,
        holes=tuple(holes),
        slots=frozenset(window),
        numbers=count if numbers is not None else 0,
        short=0 if holes or numbers is not None else max(0, count - _within(book, chapters)),
        nobody=not window and not count and _is_empty_window(book, walls),
    )


def _window(book: Book, count: int) -> list[datetime]:
    """The slots announced; a window without an end holds as many as are announced."""
    first, last = book.announced_from or book.cadence.start, book.announced_until
    if first is None or (book.announced_from is None and last is None):
        return []
    begin = datetime.combine(first, time.min)
    if last is None:
        return list(islice(slots(book.cadence, after=begin - _MOMENT), count))
    return offered(book.cadence, begin, datetime.combine(last, time.max))[:_MOST]


def _whole_numbers(chapters: Sequence[Chapter]) -> frozenset[int] | None:
    """The numbers in use; None where chapters have none, or are counted by section (1.1, 1.2)."""
    numbers = [number for chapter in chapters if (number := parts(chapter.number)) is not None]
    if not numbers or any(len(number) > 1 for number in numbers):
        return None
    return frozenset(number[0] for number in numbers)


def _holes(
    window: Sequence[datetime], free: set[datetime], *, count: int, numbers: frozenset[int] | None
) -> list[Hole]:
    """With as many slots as chapters, each slot has its chapter; otherwise slots and chapters are looked at singly."""
    if numbers is None:
        return _grouped([Place(None, slot, False, slot not in free) for slot in window])
    if len(window) == count:
        return _grouped(
            [Place(number, slot, number in numbers, slot not in free) for number, slot in enumerate(window, 1)]
        )
    chapters = [Place(number, None, number in numbers, False) for number in range(1, count + 1)]
    return _grouped([Place(None, slot, False, slot not in free) for slot in window]) + _grouped(chapters)


def _grouped(places: Sequence[Place]) -> list[Hole]:
    """What is still to come at the end is one fact, however much it is; each hole before that is one of its own."""
    end = next((at + 1 for at in reversed(range(len(places))) if not places[at].is_empty), 0)
    holes = [Hole(place, place) for place in places[:end] if not place.is_kept]
    return [*holes, Hole(places[end], places[-1])] if end < len(places) else holes


def _within(book: Book, chapters: Sequence[Chapter]) -> int:
    """How many posts stand in the window; without one, all do."""
    first, last = book.announced_from, book.announced_until
    if first is None and last is None:
        return len(chapters)
    days = (chapter.wall.date() for chapter in chapters if chapter.wall is not None)
    return sum((first is None or first <= day) and (last is None or day <= last) for day in days)


def _is_empty_window(book: Book, walls: Sequence[datetime]) -> bool:
    first, last = book.announced_from, book.announced_until
    if first is None or last is None:
        return False
    return not any(first <= wall.date() <= last for wall in walls)
