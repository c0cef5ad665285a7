"""Links between posts: to nothing, and to what is not out yet."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from difflib import get_close_matches

from db.states import PostState
from scheduler.lint.linking import Target, confirmed
from scheduler.lint.values import Chapter, Found
from scheduler.lint.view import View


def broken_link(view: View) -> Iterator[Found]:
    """An address of the shape of a post's, on this site, at which there is no post."""
    for chapter, target in _links(view, lambda _chapter, target: _is_broken(view, target)):
        why = f"where no post is{_meant(view, target)}" if _aim(view, target) is None else "which was withdrawn"
        mend = f"correct the link and `fascicle import FOLDER --series {view.book.series}` again"
        yield Found(chapter.slug, f"{chapter.slug} links to {target}, {why}", mend, chapter.slug)


def link_before_release(view: View) -> Iterator[Found]:
    """A link to a post that comes out later than the one that links to it, or has no date yet."""
    for chapter, target in _links(view, lambda chapter, target: _is_early(view, chapter, target)):
        aim = _aim(view, target)
        assert aim is not None
        when = f"comes out on {aim.wall:%Y-%m-%d}" if aim.wall and aim.due_at else "has no date"
        if aim.state == PostState.draft:
            when = "is a draft"
        message = f"{chapter.slug} links to {target}, which {when}, after it"
        yield Found(chapter.slug, message, _mend(view, chapter, target, aim), chapter.slug)


def _links(view: View, is_bad: Callable[[Chapter, Target], bool]) -> Iterator[tuple[Chapter, Target]]:
    """Bad links. Only where one seems to be is the text rendered, to see whether it is in code."""
    for chapter, targets in view.links:
        bad = sorted(target for target in targets if is_bad(chapter, target))
        if bad:
            shown = confirmed(chapter.body, page=view.page_of(chapter), site=view.shelf.addresses.site())
            yield from ((chapter, target) for target in bad if target in shown)


def _aim(view: View, target: Target) -> Chapter | None:
    """The post at an address, whatever its state."""
    return None if target.rest else view.shelf.books.get(target.series, {}).get(target.post)


def _is_broken(view: View, target: Target) -> bool:
    if target.rest:
        # Below a series that is not ours, a long address may be that of another program on the same host.
        return target.post in view.shelf.books.get(target.series, {})
    aim = _aim(view, target)
    return aim is None or aim.state == PostState.withdrawn


def _is_early(view: View, chapter: Chapter, target: Target) -> bool:
    aim, own = _aim(view, target), _moment(chapter)
    if aim is None or own is None or aim.state not in (PostState.planned, PostState.draft):
        return False
    due_at = aim.due_at if aim.state == PostState.planned else None
    return due_at is None or due_at > own


def _moment(chapter: Chapter) -> datetime | None:
    return chapter.released_at or chapter.due_at


def _meant(view: View, target: Target) -> str:
    """An address like the one that is wrong, if there is one."""
    books = view.shelf.books
    series = target.series if target.series in books else _close(target.series, books)
    posts = books.get(series or "", {})
    name = target.rest.strip("/").rpartition("/")[2] or target.post
    post = name if name in posts else _close(name, posts)
    return f"; did you mean /{series}/{post}/?" if post else ""


def _close(word: str, words: Mapping[str, object]) -> str | None:
    return next(iter(get_close_matches(word, words, n=1)), None)


def _mend(view: View, chapter: Chapter, target: Target, aim: Chapter) -> str:
    later = f"link to it once {aim.slug} is out"
    if target.series != view.book.series or chapter.state != PostState.planned:
        return later
    words = "insert" if aim.state == PostState.draft else "move"
    return f"{later}, or {view.command(words, aim.slug, '--before', chapter.slug)}"
