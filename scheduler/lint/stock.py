"""How many posts wait."""

from collections.abc import Iterator

from db.said import say, say_count
from db.states import PostState
from scheduler.lint.mends import imported
from scheduler.lint.values import Found
from scheduler.lint.view import View


def buffer(view: View) -> Iterator[Found]:
    """Fewer posts with a date ahead than the series wants; silent once all that was announced is there."""
    wanted = view.book.buffer
    ahead = [chapter for _, chapter in view.dated if chapter.state == PostState.planned]
    waiting = sum(chapter.due_at is not None and chapter.due_at > view.now for chapter in ahead)
    if waiting >= wanted or view.promise.is_kept:
        return
    lack = wanted - waiting
    message = say_count(
        "1 post waits with a date ahead; the series wants %(wanted)s",
        "%(count)s posts wait with a date ahead; the series wants %(wanted)s",
        waiting,
        wanted=wanted,
    )
    mend = imported(view, f"write {lack} more", say("write %(lack)s more", lack=lack))
    yield Found(say("buffer"), message, mend)
