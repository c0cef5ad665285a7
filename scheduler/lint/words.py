"""Posts without words."""

from collections.abc import Iterator

from scheduler.lint.values import Chapter, Found
from scheduler.lint.view import View


def empty_body(view: View) -> Iterator[Found]:
    for chapter in view.chapters:
        if not chapter.body.strip():
            yield _empty(view, chapter, "body")


def empty_summary(view: View) -> Iterator[Found]:
    for chapter in view.chapters:
        if not chapter.summary.strip():
            yield _empty(view, chapter, "summary")


def _empty(view: View, chapter: Chapter, what: str) -> Found:
    mend = f"write it and `fascicle import FOLDER --series {view.book.series}` again"
    return Found(chapter.slug, f"{chapter.slug} has an empty {what}", mend, chapter.slug)
