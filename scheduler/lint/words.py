"""Posts without words."""

from collections.abc import Iterator

from db.said import say
from scheduler.lint.mends import imported
from scheduler.lint.values import Chapter, Found
from scheduler.lint.view import View


def empty_body(view: View) -> Iterator[Found]:
    for chapter in view.chapters:
        if not chapter.body.strip():
            yield _empty(view, chapter, say("%(post)s has an empty body", post=chapter.slug))


def empty_summary(view: View) -> Iterator[Found]:
    for chapter in view.chapters:
        if not chapter.summary.strip():
            yield _empty(view, chapter, say("%(post)s has an empty summary", post=chapter.slug))


def _empty(view: View, chapter: Chapter, message: str) -> Found:
    mend = imported(view, "write it", say("write it"), again=True)
    return Found(chapter.slug, message, mend, chapter.slug)
