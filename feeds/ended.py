"""The last entry of a series that has ended."""

from dataclasses import dataclass
from datetime import datetime
from html import escape

from feeds.ingredients import Ingredients

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


def ended_id(series_id: str) -> str:
    """An IRI of its own beside that of the series."""
    return f"{series_id}{'-' if '#' in series_id else '#'}ended"


def _words(series: Ended) -> str:
    title = f'<a href="{escape(series.url)}"><cite>{escape(series.title)}</cite></a>'
    return f"<p>{_all_out(series.chapters)} Nothing more will come in this series: {title}.</p>"


def _all_out(chapters: int) -> str:
    return "Its only chapter is out." if chapters == 1 else f"All {chapters} chapters are out."
