"""What a title or a summary says of its own post at its beginning: "Twelfth post", "Chapter 9 of the … series"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from scheduler.lint.languages import Language, folded
from scheduler.lint.numbering import Parts, parts
from scheduler.lint.values import Chapter

_BEGINNING = 300  # characters; whatever a post says of itself is said by then
_DECORATION = " \t\n\"'“„«‘*_#>"
_ENDED = re.compile(r"\s*(?:$|[:.,;!?|)\]—–]|-\s)")
_OF_SO_MANY = re.compile(r"\s+\w{1,4}\s+\d")
_DOTTED = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})+(?=[\s:])")


class Claim(NamedTuple):
    """`words` as the text has them; `is_chapter` when they name a chapter in digits ("Chapter 7.4").

    `series` is the title of another series, where the words are said to be of it.
    """

    words: str
    number: Parts
    is_chapter: bool
    series: str | None


@dataclass(frozen=True)
class Claims:
    """`number` is the chapter's own: its label or, without one, what its title begins with."""

    chapter: Chapter
    number: Parts | None
    title: Claim | None
    summary: Claim | None


def claims_of(chapter: Chapter, language: Language, *, own: str, titles: tuple[str, ...]) -> Claims:
    """`own` is the title of the series, `titles` those of all, the longest first."""
    title = _claim(chapter.title, language, own=folded(own), titles=titles)
    summary = _claim(chapter.summary, language, own=folded(own), titles=titles)
    number = parts(chapter.number)
    if number is None and not chapter.number:
        number = _number_in(chapter.title, title)
    return Claims(chapter, number, title, summary)


def _number_in(text: str, title: Claim | None) -> Parts | None:
    if title is not None:
        return title.number if title.is_chapter else None
    found = _DOTTED.match(text)
    return parts(found[0]) if found else None


def _claim(text: str, language: Language, *, own: str, titles: tuple[str, ...]) -> Claim | None:
    beginning = folded(text[:_BEGINNING]).lstrip(_DECORATION)
    of_title = language.of_title(titles)
    for found, is_sure in _readings(beginning, language):
        rest = beginning[found.end() :]
        titled = of_title.match(rest)
        if is_sure or titled or _stands_alone(found, rest, language):
            title = titled["title"] if titled else own
            return _read(found, language, title if title != own else None)
    return None


def _readings(text: str, language: Language) -> Iterator[tuple[re.Match[str], bool]]:
    """Each way to read the beginning, and whether that alone is certain."""
    if found := language.ordinal_first.match(text):
        yield found, found["noun"].lower() in language.nouns
    if found := language.noun_first.match(text):
        yield found, False
    if found := language.presented.match(text):
        yield found, True


def _stands_alone(found: re.Match[str], rest: str, language: Language) -> bool:
    """Whether the words are more than the beginning of a sentence such as "Chapter 3 left us with a question"."""
    if _ENDED.match(rest) or _OF_SO_MANY.match(rest):
        return True
    return found["noun"].lower() in language.nouns and language.of_something.match(rest) is not None


def _read(found: re.Match[str], language: Language, series: str | None) -> Claim | None:
    groups = found.groupdict()
    if groups.get("number"):
        number = parts(groups["number"])
        return Claim(found[0], number, True, series) if number else None
    value = language.value(groups["word"]) if groups.get("word") else int(groups["digits"])
    return Claim(found[0], (value,), False, series) if value is not None else None
