"""The commands that a finding of lint names as its mends, as fields of the forms that do the same."""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence

from scheduler.lint import Finding

_COMMAND = re.compile(r"`fascicle ([^`]+)`")


Mend = Mapping[str, str]
"""One way to put a finding right: the fields of the form of an edit."""


def mends_of(finding: Finding) -> list[Mend]:
    """Those that a page can do: what has to be written by a person, or released, is not among them."""
    found = (_mend(words, finding.series) for words in _COMMAND.findall(finding.mend))
    return [mend for mend in found if mend is not None]


def quietable(finding: Finding) -> bool:
    """Whether the finding itself says that its rule may be switched off."""
    return f"`fascicle series set {finding.series} --lint-off {finding.rule}`" in finding.mend


def _mend(words: str, series: str) -> Mend | None:
    head, _, said = words.partition(" ")
    what, *rest = shlex.split(said) or [""]
    if head == "series" and what == "unhold":
        return {"what": "unhold"}
    # One that leaves a word to be put in by a person, or the series and all that follows, is no whole command.
    if head != "plan" or what not in _READERS or rest[:1] != [series] or "NUMBER" in rest:
        return None
    return _READERS[what](rest[1:])


def _pin(rest: Sequence[str]) -> dict[str, str]:
    post, moment = rest
    day, _, hour = moment.partition(" ")
    return {"what": "pin", "post": post, "date": day, "time": hour}


def _insert(rest: Sequence[str]) -> dict[str, str]:
    post, *beside = rest
    return {"what": "insert", "post": post} | (_place(beside) if beside else {})


def _relabel(rest: Sequence[str]) -> dict[str, str]:
    post, number, *onwards = rest
    return {"what": "relabel", "post": post, "number": number} | ({"onwards": "onwards"} if onwards else {})


def _move(rest: Sequence[str]) -> dict[str, str]:
    post, *beside = rest
    return {"what": "beside", "post": post} | _place(beside)


def _place(beside: Sequence[str]) -> dict[str, str]:
    where, other = beside
    return {"other": other, "place": where.removeprefix("--")}


_READERS: Mapping[str, Callable[[Sequence[str]], dict[str, str]]] = {
    "pin": _pin,
    "insert": _insert,
    "relabel": _relabel,
    "move": _move,
    "reflow": lambda _: {"what": "reflow"},
}
