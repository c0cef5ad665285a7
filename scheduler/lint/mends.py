"""What mends a finding: in a terminal the command to be pasted, on a page what that command does."""

from collections.abc import Iterable
from datetime import date, datetime

from db.said import say, worded
from scheduler.edit import Edit, Insert, LetGo, MoveBeside, Pin, Reflow, Relabel, Renumber
from scheduler.lint.offered import next_open
from scheduler.lint.values import Chapter
from scheduler.lint.view import View


def pinned(view: View, slug: str, wall: datetime, *, shown: str | None = None) -> str:
    """A post at a moment; `shown` is that moment as the command has it."""
    return _edit(view, Pin(slug, wall), "pin", slug, shown or f"{wall:%Y-%m-%d %H:%M}")


def pinned_elsewhere(view: View, chapter: Chapter, wall: datetime) -> str:
    """A post at the next open moment after one, or words when there is none."""
    taken = frozenset(moment for moment, _ in view.dated)
    moment = next_open(view.book.cadence, max(wall, view.wall_now), taken=taken)
    if moment is None:
        own_day = say("give %(post)s a day of its own", post=chapter.slug)
        return worded(f"{own_day} with `fascicle plan pin`", own_day)
    return pinned(view, chapter.slug, moment)


def inserted(view: View, slug: str, *, before: str | None = None) -> str:
    return _edit(view, Insert(slug, before=before), "insert", slug, *_beside(None, before))


def moved(view: View, slug: str, *, after: str | None = None, before: str | None = None) -> str:
    return _edit(view, MoveBeside(slug, after, before), "move", slug, *_beside(after, before))


def relabelled(view: View, slug: str, number: str | None) -> str:
    """Without a number, one that a person has to find."""
    if number is None:
        return worded(_command(view, "relabel", slug, "NUMBER"), say("give %(post)s a number that is free", post=slug))
    return _edit(view, Relabel(slug, number), "relabel", slug, number)


def renumbered(view: View, slug: str, first: int) -> str:
    return _edit(view, Renumber(slug, first), "relabel", slug, str(first), "--onwards")


def reflowed(view: View) -> str:
    return _edit(view, Reflow(), "reflow")


def let_go(view: View) -> str:
    return worded(f"`fascicle series unhold {view.book.series}`", LetGo().words)


def as_it_is(view: View, rule: str, fact: str) -> str:
    """For what is out and stays so."""
    switch_off = f"`fascicle series set {view.book.series} --lint-off {rule}`"
    meant = say("none, %(fact)s; if that was meant, this rule can be switched off here", fact=fact)
    return worded(f"none, {fact}; {switch_off} if that was meant", meant)


def imported(view: View, what: str, said: str, *, again: bool = False) -> str:
    """What has to be written by a person; `what` in a command line's words, `said` in those of a page."""
    return worded(f"{what} and `fascicle import FOLDER --series {view.book.series}`{' again' if again else ''}", said)


def either(ways: Iterable[str]) -> str:
    first, *others = ways
    return say("%(one)s, or %(other)s", one=first, other=either(others)) if others else first


def at(day: date) -> str:
    """A day, or a moment of it, where a finding lies."""
    return say("%(day)s", day=day)


def _edit(view: View, edit: Edit, words: str, *arguments: str) -> str:
    return worded(_command(view, words, *arguments), edit.words)


def _command(view: View, words: str, *arguments: str) -> str:
    quoted = (f'"{one}"' if " " in one else one for one in arguments)
    return f"`fascicle plan {' '.join([words, view.book.series, *quoted])}`"


def _beside(after: str | None, before: str | None) -> tuple[str, ...]:
    if before is not None:
        return ("--before", before)
    return () if after is None else ("--after", after)
