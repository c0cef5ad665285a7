"""What an import hands on: posts and subscribers as plain values, each knowing the line it came from."""

import datetime
from dataclasses import dataclass

from db.errors import FascicleError
from db.said import say


@dataclass(frozen=True)
class Place:
    """A file as the operator named it, with the line (counted from 1) where one can be told."""

    file: str
    line: int | None

    def __str__(self) -> str:
        return self.said

    @property
    def said(self) -> str:
        """`rain.md, line 3`."""
        return self.file if self.line is None else say("%(file)s, line %(line)s", file=self.file, line=self.line)


@dataclass(frozen=True)
class Problem:
    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class ImportRefused(FascicleError):
    """Everything that keeps an import from being taken in, told at once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        lines = [str(problem) for problem in problems]
        super().__init__("\n".join([*lines, "Nothing was written; mend the above and import again."]))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class MediaSource:
    """A file that a post shows; `path` is the address exactly as the post's Markdown writes it."""

    path: str
    body: bytes
    content_type: str


@dataclass(frozen=True, kw_only=True)
class KeptFile:
    """A file that a post shows and that the store has already, by the digest of its bytes."""

    path: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class PostSource:
    """One post as written. `wall` is naive, in the zone of its series; a bare date means the series' hour.

    Its files come with it (`media`), or went ahead into the store (`kept`).
    """

    series: str | None
    number: str | None
    title: str
    summary: str
    slug: str
    wall: datetime.date | datetime.datetime | None
    tags: tuple[str, ...]
    author: str | None
    draft: bool
    id: str | None
    body: str
    media: tuple[MediaSource, ...]
    place: Place
    kept: tuple[KeptFile, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SubscriberSource:
    """One row of a list of readers. `frequency` is `instant`, `daily` or `weekly:` and a weekday.

    One who names no `series` follows all there are, unless `follows` says that it is none. `state` and `paused_until`
    are for readers who are not there yet.
    """

    email: str
    name: str
    zone: str | None
    hour: int | None
    frequency: str | None
    series: tuple[str, ...]
    language: str | None
    place: Place
    follows: bool = True
    format: str | None = None
    state: str | None = None
    paused_until: datetime.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class RefusedRow:
    """A row that cannot be taken in, with its address as it is written there, and all that is wrong with it."""

    place: Place
    address: str
    messages: tuple[str, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(Problem(self.place, message) for message in self.messages)


NumberKey = tuple[tuple[int, int, str], ...]


def number_key(number: str | None) -> NumberKey:
    """A key that sorts labels by their dotted parts: nothing, 1.9, 1.10, 2, A. Whole numbers come before words."""
    return () if number is None else tuple(_part_key(part) for part in number.split("."))


def _part_key(part: str) -> tuple[int, int, str]:
    if not (part.isascii() and part.isdecimal()):
        return (1, 0, part)
    # Digits ordered by length, then as text, are ordered as integers, and no label is too long to be compared.
    digits = part.lstrip("0")
    return (0, len(digits), digits)
