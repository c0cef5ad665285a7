"""Numbers: missing, repeated, and out of step with the order of the plan."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from db.said import say, say_and, say_in_a_row
from db.states import PostState
from importers.values import NumberKey
from scheduler.lint.mends import either, imported, inserted, moved, relabelled, renumbered
from scheduler.lint.numbering import Run, missing, order_key, parts, written
from scheduler.lint.steps import out_of_line
from scheduler.lint.values import Chapter, Found
from scheduler.lint.view import View


def number_missing(view: View) -> Iterator[Found]:
    """Numbers that lack between others; those in a row are one finding. Announced chapters are left to that rule."""
    said_already = {(number,) for number in range(1, view.promise.numbers + 1)}
    for run in missing([*(one.number for one in view.numbered), *said_already]):
        yield _lacking(view, run)


def _lacking(view: View, run: Run) -> Found:
    after = written((*run.above, run.last + 1))
    if run.first == run.last:
        message = say("there is no %(number)s, though there is %(after)s", number=f"{run}", after=after)
    else:
        ends = {"first": run.first, "last": run.last}
        message = say("there are no %(first)s to %(last)s, though there is %(after)s", **ends, after=after)
    aside = view.aside(lambda number: number[:-1] == run.above and run.first <= number[-1] <= run.last)
    return Found(f"{run}", with_aside(message, aside), _fill(view, run, aside))


def with_aside(message: str, aside: Chapter | None) -> str:
    """A message, with what to say of a post that is there, but not in the plan."""
    if aside is None:
        return message
    if aside.state == PostState.draft:
        return say_in_a_row([message, say("%(post)s is a draft", post=aside.slug)])
    return say_in_a_row([message, say("%(post)s is withdrawn", post=aside.slug)])


def _fill(view: View, run: Run, aside: Chapter | None) -> str:
    """To put in what lacks, or to close up the numbers of those that follow and are not out yet."""
    first = written((*run.above, run.first))
    close_up: str = say("relabel what follows")
    after = next((one.chapter for one in view.numbered if one.number == (run.last + 1,)), None)
    if not run.above and after is not None and after.state == PostState.planned:
        close_up = renumbered(view, after.slug, run.first)
    if aside is not None and aside.state == PostState.draft:
        return either([inserted(view, aside.slug), close_up])
    chapter = imported(view, f"write it with `number: {first}`", say("write chapter %(number)s", number=first))
    return either([chapter, close_up])


def number_repeated(view: View) -> Iterator[Found]:
    """A number on more than one post; 6 and 6.0 are one number."""
    bearers: dict[NumberKey, list[Chapter]] = defaultdict(list)
    for chapter in view.chapters:
        if chapter.number:
            bearers[order_key(chapter.number)].append(chapter)
    for chapters in bearers.values():
        if len(chapters) > 1:
            yield _repeated(view, chapters)


def _repeated(view: View, chapters: list[Chapter]) -> Found:
    *others, last = chapters
    values = {"names": say_and([one.slug for one in others]), "last": last.slug, "number": last.number}
    message = say("%(names)s and %(last)s both have the number %(number)s", **values)
    return Found(last.slug, message, relabelled(view, last.slug, _free_number(view, last)), last.slug)


def _free_number(view: View, chapter: Chapter) -> str | None:
    """The next number after a chapter's own that nobody has, among its siblings; words have none."""
    number = parts(chapter.number)
    if number is None:
        return None
    taken = {one.number for one in view.numbered}
    while number in taken:
        number = (*number[:-1], number[-1] + 1)
    return written(number)


def number_descends(view: View) -> Iterator[Found]:
    """A released post whose number does not fit where it stands: it cannot move, but its label can change."""
    for stray in _strays(view):
        if stray.chapter.state == PostState.released:
            mend = say_in_a_row([_relabel(view, stray), say("it is out and does not move")])
            yield Found(stray.chapter.slug, stray.message, mend, stray.chapter.slug)


def order_against_number(view: View) -> Iterator[Found]:
    """A planned post whose place in the plan does not fit its number."""
    for stray in _strays(view):
        if stray.chapter.state == PostState.planned:
            yield Found(stray.chapter.slug, stray.message, _move(view, stray), stray.chapter.slug)


class _Stray(NamedTuple):
    """A chapter out of line, and the neighbours in line: what comes before it and after it in the plan."""

    chapter: Chapter
    before: list[Chapter]
    after: list[Chapter]

    @property
    def message(self) -> str:
        """It stands after a higher number, or before a lower one."""
        own = {"post": self.chapter.slug, "number": self.chapter.number}
        if self.before and _key(self.before[-1]) > _key(self.chapter):
            other = {"higher": self.before[-1].number, "other": self.before[-1].slug}
            return say("%(post)s has the number %(number)s, but comes after %(higher)s (%(other)s)", **own, **other)
        other = {"lower": self.after[0].number, "other": self.after[0].slug}
        return say("%(post)s has the number %(number)s, but comes before %(lower)s (%(other)s)", **own, **other)


def _strays(view: View) -> Iterator[_Stray]:
    chapters = [chapter for chapter in view.chapters if chapter.number]
    fixed = [chapter.state == PostState.released for chapter in chapters]
    strays = out_of_line([_key(chapter) for chapter in chapters], fixed)
    in_line = sorted(set(range(len(chapters))).difference(strays))
    for place in strays:
        at = bisect_left(in_line, place)
        before, after = [chapters[one] for one in in_line[:at]], [chapters[one] for one in in_line[at:]]
        yield _Stray(chapters[place], before, after)


def _key(chapter: Chapter) -> NumberKey:
    return order_key(chapter.number or "")


def _relabel(view: View, stray: _Stray) -> str:
    """With the number after that of the chapter before it, where nobody has that."""
    number = parts(stray.before[-1].number) if stray.before else None
    following = (*number[:-1], number[-1] + 1) if number else None
    taken = {one.number for one in view.numbered}
    label = written(following) if following is not None and following not in taken else None
    return relabelled(view, stray.chapter.slug, label)


def _move(view: View, stray: _Stray) -> str:
    """To before the first that should follow it; when that is out already, only the label can change."""
    slug, key = stray.chapter.slug, _key(stray.chapter)
    in_line = [*stray.before, *stray.after]
    follows = next((one for one in in_line if _key(one) > key), None)
    if follows is None:
        return moved(view, slug, after=in_line[-1].slug)
    if follows.state == PostState.released:
        why = say("%(post)s is out, so nothing can go before it", post=follows.slug)
        return say_in_a_row([_relabel(view, stray), why])
    return moved(view, slug, before=follows.slug)
