"""The last entry of a series that has ended."""

from dataclasses import dataclass
from datetime import datetime
from html import escape

from db.tables import Series
from feeds.ingredients import Ingredients
from feeds.publication import Publication

_LANGUAGE = "en"  # of the words below; the series itself may be in another


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A series whose last chapter is out; `id` is its entry id, `url` its page, `ended_at` is aware."""

    id: str
    title: str
    url: str
    author_name: str
    author_email: str | None = None
    ended_at: datetime
    chapters: int


def ended_entry(series: Ended, *, mixed: bool = False, full_text: bool = True) -> Ingredients:
    """The entry that says so; its id is made of the series' and never changes. `mixed` as in feeds that mix series."""
    words = _words(series)
    return Ingredients(
        id=ended_id(series.id),
        title="The series has ended",
        url=series.url,
        author_name=series.author_name,
        author_email=series.author_email,
        published=series.ended_at,
        updated=series.ended_at,
        summary=f"{_all_out(series.chapters)} Nothing more will come in this series.",
        language=_LANGUAGE,
        series_title=series.title if mixed else None,
        full_text=full_text,
        words=words,
        content=lambda: words,
    )


def ended_entry_of(site: Publication, series: Series, *, chapters: int) -> Ingredients:
    """What a series that has ended, with so many chapters out, says at its end."""
    assert series.ended_at is not None
    name, email = site.author_of(series.author)
    ended = Ended(
        id=series.entry_id,
        title=series.title,
        url=site.addresses.series(series.slug),
        author_name=name,
        author_email=email,
        ended_at=series.ended_at,
        chapters=chapters,
    )
    return ended_entry(ended, full_text=site.full_text)


def ended_id(series_id: str) -> str:
    """An IRI of its own beside that of the series."""
    return beside(series_id, "ended")


def beside(series_id: str, name: str) -> str:
    """An IRI made of the id of a series, for something that is not the series itself."""
    return f"{series_id}{'-' if '#' in series_id else '#'}{name}"


def _words(series: Ended) -> str:
    title = f'<a href="{escape(series.url)}"><cite>{escape(series.title)}</cite></a>'
    return f"<p>{_all_out(series.chapters)} Nothing more will come in this series: {title}.</p>"


def _all_out(chapters: int) -> str:
    return "Its only chapter is out." if chapters == 1 else f"All {chapters} chapters are out."
