"""How many posts wait."""

from collections.abc import Iterator

from db.states import PostState
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
    posts = "1 post waits" if waiting == 1 else f"{waiting} posts wait"
    mend = f"write {lack} more and `fascicle import FOLDER --series {view.book.series}`"
    yield Found("buffer", f"{posts} with a date ahead; the series wants {wanted}", mend)
