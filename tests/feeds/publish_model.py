"""What feeds should say, kept as plain values beside the store: written without a look at how feeds are made."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from tests.feeds.reading import Seen

SITE = "https://example.org"
AUTHOR = "A. Writer"


class Words(NamedTuple):
    """One state of a chapter's words, since `at`; `news` when readers are to be told of it."""

    title: str
    body: str
    tags: tuple[str, ...]
    at: datetime
    news: bool


@dataclass
class Serial:
    """A series; its key in the store never changes."""

    key: int
    id: str
    slug: str
    title: str
    chapters: "list[Chapter]" = field(default_factory=list)
    ended_at: datetime | None = None
    retired_at: datetime | None = None

    @property
    def out(self) -> "list[Chapter]":
        return [chapter for chapter in self.chapters if chapter.is_out]


@dataclass
class Chapter:
    """A chapter; it waits until it is `published`, and is gone while it has `gone_at`."""

    serial: Serial
    id: str
    slug: str
    words: list[Words]
    due: datetime | None = None
    published: datetime | None = None
    gone_at: datetime | None = None

    @property
    def waits(self) -> bool:
        return self.due is not None and self.published is None

    @property
    def is_out(self) -> bool:
        return self.published is not None and self.gone_at is None

    @property
    def changed(self) -> datetime:
        """What feeds call updated."""
        assert self.published is not None
        return max([self.published, *(words.at for words in self.words[1:] if words.news)])

    def entry(self, *, mixed: bool = False, words: Words | None = None) -> Seen:
        """As a feed shows it, with the words it has now."""
        assert self.published is not None
        said = words or self.words[-1]
        return Seen(
            id=self.id,
            title=f"{self.serial.title}: {said.title}" if mixed else said.title,
            url=f"{SITE}/{self.serial.slug}/{self.slug}/",
            author=AUTHOR,
            published=self.published,
            updated=self.changed,
            summary="What it is about.",
            content=f"<p>{said.body}</p>",
            tags=said.tags,
            language="en",
        )

    def frozen(self) -> list[Seen]:
        """As an archive may show it: with the last words that were news, or with any of the minor ones after them."""
        news = max(place for place, words in enumerate(self.words) if words.news)
        return [self.entry(words=words) for words in self.words[news:]]


@dataclass
class Model:
    """All series of a site that `began` at a moment."""

    began: datetime
    serials: list[Serial]

    def live(self) -> list[Serial]:
        """The series that are not retired."""
        return [serial for serial in self.serials if serial.retired_at is None]

    def chapters(self) -> Iterator[Chapter]:
        for serial in self.serials:
            yield from serial.chapters

    def last(self, count: int, tag: str | None = None) -> list[Chapter]:
        """The last chapters of all series, or of those that have a tag, newest first."""
        found = [one for one in self.chapters() if one.is_out and (tag is None or tag in one.words[-1].tags)]
        return sorted(found, key=moment, reverse=True)[:count]

    def tags(self) -> set[str]:
        return {tag for one in self.chapters() if one.is_out for tag in one.words[-1].tags}

    def gone(self, tag: str | None = None) -> dict[str, datetime]:
        """The ids of what was taken back, with the moment."""
        return tombstones(one for one in self.chapters() if tag is None or tag in one.words[-1].tags)


def tombstones(chapters: Iterable[Chapter]) -> dict[str, datetime]:
    return {one.id: one.gone_at for one in chapters if one.published is not None and one.gone_at is not None}


def moment(chapter: Chapter) -> datetime:
    assert chapter.published is not None
    return chapter.published
