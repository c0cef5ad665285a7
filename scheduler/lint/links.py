"""Links between posts: to nothing, and to what is not out yet."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from difflib import get_close_matches

from db.said import say, say_in_a_row
from db.states import PostState
from scheduler.lint.linking import Target, confirmed
from scheduler.lint.mends import either, imported, inserted, moved
from scheduler.lint.values import Chapter, Found
from scheduler.lint.view import View


def broken_link(view: View) -> Iterator[Found]:
    """An address of the shape of a post's, on this site, at which there is no post."""
    mend = imported(view, "correct the link", say("correct the link"), again=True)
    for chapter, target in _links(view, lambda _chapter, target: _is_broken(view, target)):
        yield Found(chapter.slug, _broken(view, chapter, target), mend, chapter.slug)


def _broken(view: View, chapter: Chapter, target: Target) -> str:
    names = {"post": chapter.slug, "target": f"{target}"}
    if _aim(view, target) is not None:
        return say("%(post)s links to %(target)s, which was withdrawn", **names)
    broken, meant = say("%(post)s links to %(target)s, where no post is", **names), _meant(view, target)
    return broken if meant is None else say_in_a_row([broken, say("did you mean %(close)s?", close=meant)])


def link_before_release(view: View) -> Iterator[Found]:
    """A link to a post that comes out later than the one that links to it, or has no date yet."""
    for chapter, target in _links(view, lambda chapter, target: _is_early(view, chapter, target)):
        aim = _aim(view, target)
        assert aim is not None
        yield Found(chapter.slug, _early(chapter, target, aim), _mend(view, chapter, target, aim), chapter.slug)


def _early(chapter: Chapter, target: Target, aim: Chapter) -> str:
    names = {"post": chapter.slug, "target": f"{target}"}
    if aim.state == PostState.draft:
        return say("%(post)s links to %(target)s, which is a draft, after it", **names)
    if aim.wall is None or aim.due_at is None:
        return say("%(post)s links to %(target)s, which has no date, after it", **names)
    return say("%(post)s links to %(target)s, which comes out on %(day)s, after it", **names, day=aim.wall.date())


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


def _meant(view: View, target: Target) -> str | None:
    """An address like the one that is wrong, if there is one."""
    books = view.shelf.books
    series = target.series if target.series in books else _close(target.series, books)
    posts = books.get(series or "", {})
    name = target.rest.strip("/").rpartition("/")[2] or target.post
    post = name if name in posts else _close(name, posts)
    return f"/{series}/{post}/" if post else None


def _close(word: str, words: Mapping[str, object]) -> str | None:
    return next(iter(get_close_matches(word, words, n=1)), None)


def _mend(view: View, chapter: Chapter, target: Target, aim: Chapter) -> str:
    later = say("link to it once %(post)s is out", post=aim.slug)
    if target.series != view.book.series or chapter.state != PostState.planned:
        return later
    put = inserted if aim.state == PostState.draft else moved
    return either([later, put(view, aim.slug, before=chapter.slug)])
