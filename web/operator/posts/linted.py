"""What lint would find, were the words of an editor or the files of an import in their plan already."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from db.posts import Written
from scheduler.lint import Book, Chapter, Finding, lint, read_books
from web.operator.desk import Desk
from web.operator.posts.sheet import Sheet


def of_editor(desk: Desk, session: Session, series: str, written: Written | None, sheet: Sheet) -> list[Finding]:
    """What concerns one post, with the words that stand in the editor; a post outside of the plan has no findings."""
    if written is None:
        return []
    slug = written.post.slug
    books = [_reworded(one, slug, sheet) if one.series == series else one for one in read_books(session)]
    return [one for one in of_series(desk, books, series) if one.post == slug]


def of_series(desk: Desk, books: Sequence[Book], series: str) -> list[Finding]:
    return lint(books, now=desk.site.calendar(), site_url=desk.site.addresses.site(), only=series)


def _reworded(book: Book, slug: str, sheet: Sheet) -> Book:
    return replace(book, chapters=tuple(_as_in(one, sheet) if one.slug == slug else one for one in book.chapters))


def _as_in(chapter: Chapter, sheet: Sheet) -> Chapter:
    number = sheet.number or None
    return replace(chapter, title=sheet.title, summary=sheet.summary, body=sheet.body, number=number)
