"""What every rule looks at: one book, the shelf it stands on, and what several rules need worked out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from db.states import PostState
from scheduler.lint.claims import Claims, claims_of
from scheduler.lint.languages import language_of
from scheduler.lint.linking import Target, candidates
from scheduler.lint.numbering import Parts, parts
from scheduler.lint.offered import offered
from scheduler.lint.promise import Promise, promise_of
from scheduler.lint.values import Book, Chapter
from text.addresses import Addresses
from timing.wall import to_wall

IN_PLAN = frozenset({PostState.planned, PostState.released})


@dataclass(frozen=True)
class Shelf:
    """All books: their titles, the longest first, and their posts by series and slug."""

    titles: tuple[str, ...]
    books: Mapping[str, Mapping[str, Chapter]]
    addresses: Addresses


class Numbered(NamedTuple):
    chapter: Chapter
    number: Parts


@dataclass(frozen=True, kw_only=True)
class View:
    """`chapters` are those in the plan, `dated` those with a moment, `numbered` those whose numbers can be counted.

    `slots` are those between the first dated post and the last; `wall_now` is the time in the zone of the series.
    """

    book: Book
    shelf: Shelf
    now: datetime
    wall_now: datetime
    chapters: tuple[Chapter, ...]
    dated: tuple[tuple[datetime, Chapter], ...]
    numbered: tuple[Numbered, ...]
    slots: tuple[datetime, ...]
    promise: Promise

    @cached_property
    def claims(self) -> tuple[Claims, ...]:
        """What each chapter says of itself."""
        own, titles, language = self.book.title, self.shelf.titles, language_of(self.book.language)
        if language is None:
            return ()
        return tuple(claims_of(one, language, own=own, titles=titles) for one in self.chapters)

    @cached_property
    def links(self) -> tuple[tuple[Chapter, frozenset[Target]], ...]:
        """The posts that each chapter seems to link to."""
        site = self.shelf.addresses.site()
        return tuple((one, candidates(one.body, page=self.page_of(one), site=site)) for one in self.chapters)

    def page_of(self, chapter: Chapter) -> str:
        return self.shelf.addresses.post(self.book.series, chapter.slug)

    def aside(self, is_meant: Callable[[Parts], bool]) -> Chapter | None:
        """A draft or withdrawn post with a number that is meant, which the operator may be looking for."""
        aside = ((one, parts(one.number)) for one in self.book.chapters if one.state not in IN_PLAN)
        return next((one for one, number in aside if number is not None and is_meant(number)), None)


def shelf_of(books: Iterable[Book], site_url: str) -> Shelf:
    books = list(books)
    titles = sorted({book.title for book in books if book.title}, key=lambda title: (-len(title), title))
    posts = {book.series: {chapter.slug: chapter for chapter in book.chapters} for book in books}
    return Shelf(tuple(titles), posts, Addresses(site_url))


def view_of(book: Book, shelf: Shelf, *, now: datetime) -> View:
    chapters = tuple(chapter for chapter in book.chapters if chapter.state in IN_PLAN)
    dated = tuple((chapter.wall, chapter) for chapter in chapters if chapter.wall is not None)
    return View(
        book=book,
        shelf=shelf,
        now=now,
        wall_now=to_wall(now, book.zone),
        chapters=chapters,
        dated=dated,
        numbered=tuple(_numbered(chapters)),
        slots=tuple(_slots_between(book, [wall for wall, _ in dated])),
        promise=promise_of(book, chapters),
    )


def _numbered(chapters: Iterable[Chapter]) -> Iterable[Numbered]:
    for chapter in chapters:
        number = parts(chapter.number)
        if number is not None:
            yield Numbered(chapter, number)


def _slots_between(book: Book, walls: Sequence[datetime]) -> list[datetime]:
    if not walls:
        return []
    # From the beginning of the first day: another slot of that day counts, too, when days are compared.
    first = min(walls).replace(hour=0, minute=0, second=0, microsecond=0)
    last = max(walls).replace(hour=23, minute=59, second=59, microsecond=0)
    return offered(book.cadence, first, last)
