"""What an entry is made of, and the key under which its encoded form is kept."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import astuple, dataclass, field, fields
from functools import cached_property

from feeds.entry import Described, Entry
from feeds.form import Form
from feeds.moments import seconds

RENDERER = 1
"""Raised whenever the same ingredients would be encoded as other bytes, so that kept fragments are made anew.

That is so after a change here, in feeds/entry.py and what encodes it, or in how text/ makes HTML of Markdown.
"""

_written = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, kw_only=True)
class Ingredients(Described):
    """All inputs of an entry while its text is not rendered yet.

    `words` identifies the text as written: the digest of the revision. `media` are the files it shows, by their path in
    the text, with absolute addresses. `content` gives the text as sanitised HTML; it costs milliseconds, and nothing
    else here does. It must depend on nothing but `words`, `media` and `url`.
    """

    words: str
    media: tuple[tuple[str, str], ...] = ()
    content: Callable[[], str] = field(repr=False, compare=False)

    def entry(self) -> Entry:
        """The entry itself; renders the text, if the feed shows it."""
        described = {one.name: getattr(self, one.name) for one in fields(Described)}
        return Entry(**described, content_html=self.content() if self.full_text else "")

    @cached_property
    def inputs(self) -> bytes:
        """All that the bytes of the entry depend on, written so that no two differ in meaning and agree here.

        ValueError for a naive instant.
        """
        return _written(_values(self)).encode()


def fragment_key(form: Form, of: Ingredients) -> str:
    """SHA-256, in hex, of all inputs of `fragment`; nothing is rendered, and neighbours do not count."""
    return hashlib.sha256(b"%d|%b|%b" % (RENDERER, form.encode(), of.inputs)).hexdigest()


def _values(of: Ingredients) -> tuple[object, ...]:
    return (
        of.id,
        of.title,
        of.url,
        of.author_name,
        of.author_email,
        seconds(of.published),
        seconds(of.changed),
        of.summary,
        of.tags,
        of.language,
        of.series_title,
        of.enclosures and [astuple(file) for file in of.enclosures],
        # A feed of summaries stays as it is when only the text changes.
        (of.words, *sorted(of.media)) if of.full_text else None,
    )
