"""Chapters and books for lint, of which a test shows only what matters to it. Without a fault unless it adds one."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from db.states import PostState
from scheduler.cadence import Blackout, Cadence, Rhythm, Unit, daily
from scheduler.lint import Book, Chapter, Finding, lint
from timing.wall import to_instant

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
SITE = "https://example.org"
_names = count(1)


def wall(text: str) -> datetime:
    """ "03-02" and "03-02 19:00" are in 2026, at 07:00 unless they say when."""
    return datetime.fromisoformat(f"2026-{text}" if " " in text else f"2026-{text} 07:00")


def a_chapter(
    number: str | None = None,
    on: str | None = None,
    *,
    slug: str | None = None,
    state: PostState = PostState.planned,
    zone: str = "UTC",
    **values: object,
) -> Chapter:
    moment = wall(on) if on else None
    due_at = to_instant(moment, zone) if moment else None
    fields: dict[str, object] = {
        "slug": slug or (f"chapter-{number.replace('.', '-')}" if number else f"post-{next(_names)}"),
        "number": number,
        "title": "A morning at the harbour",
        "summary": "The boats come in.",
        "body": "It rained.",
        "state": state,
        "pinned": False,
        "wall": moment,
        "due_at": due_at,
        "released_at": due_at if state == PostState.released else None,
        "position": 0,
    }
    return Chapter(**{**fields, **values})  # type: ignore[arg-type]


def out(number: str | None = None, on: str | None = None, **values: object) -> Chapter:
    """A released chapter."""
    return a_chapter(number, on, state=PostState.released, **values)  # type: ignore[arg-type]


def a_draft(number: str | None = None, **values: object) -> Chapter:
    return a_chapter(number, state=PostState.draft, **values)  # type: ignore[arg-type]


def a_book(*chapters: Chapter, **values: object) -> Book:
    fields: dict[str, object] = {
        "series": "harbour",
        "title": "The Harbour",
        "language": "en",
        "zone": "UTC",
        "cadence": Cadence(),
    }
    return Book(chapters=chapters, **{**fields, **values})  # type: ignore[arg-type]


def every_day(start: str = "2026-03-01") -> Cadence:
    return daily(time(7), date.fromisoformat(start))


def found(*books: Book, now: datetime = NOW) -> list[Finding]:
    return lint(books, now=now, site_url=SITE)


def told(*books: Book, now: datetime = NOW) -> list[tuple[str, str]]:
    """Rule and place of each finding."""
    return [(one.rule, one.place) for one in found(*books, now=now)]


def days_from(first: str, days: int) -> Sequence[str]:
    """Such as "03-01", "03-02"."""
    begin = date.fromisoformat(f"2026-{first}")
    return [f"{begin + timedelta(days=day):%m-%d}" for day in range(days)]


def a_long_plan(posts: int) -> Book:
    """A clean plan, a chapter every day, each with a few thousand characters and links to the two before it."""
    begin = datetime(2026, 3, 1, 7)
    prose = "The boats come in with the tide and the [lamp](https://example.com/lamp) goes out. " * 40
    chapters = [
        a_chapter(
            str(number),
            slug=f"chapter-{number}",
            title=f"Chapter {number} — Rain",
            summary=f"Chapter {number} of The Harbour. Rain again.",
            body=f"After [it](../chapter-{max(1, number - 1)}/).\n\n{prose}\n\n"
            f"[1]: /harbour/chapter-{max(1, number - 2)}/\n",
            wall=begin + timedelta(days=number),
            due_at=to_instant(begin + timedelta(days=number), "Europe/Riga"),
            position=number,
        )
        for number in range(1, posts + 1)
    ]
    return a_book(*chapters, zone="Europe/Riga", cadence=every_day(), announced_count=posts, buffer=posts)


def a_mess(**values: object) -> Book:
    """A book with every fault there is."""
    closed = (Blackout(date(2026, 5, 1), date(2026, 5, 2)),)
    return a_book(
        out("0", "02-19"),
        out(None, "02-19"),
        out("1", "02-20", body="[a](../nowhere/) [b](../late/)", summary="Twelfth post of The Harbour."),
        out("4", "02-21", summary="Ninth post of The Island."),
        out("3", "02-22"),
        a_chapter("6", "03-04", summary=""),
        a_chapter("7", "03-06", body="", slug="late"),
        a_chapter("7", "03-06 21:00", summary="Chapter 9 of The Harbour."),
        a_chapter("8.2", "03-29 03:30"),
        a_chapter("8.1", "05-01"),
        a_chapter("9", "10-25 03:30"),
        a_chapter("10", "10-25 03:30", slug="ten"),
        zone="Europe/Riga",
        cadence=Cadence(Rhythm(Unit.day), start=date(2026, 2, 20), blackouts=closed),
        announced_from=date(2026, 2, 20),
        announced_until=date(2026, 2, 23),
        buffer=99,
        **values,
    )
