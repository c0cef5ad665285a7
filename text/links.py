"""From an address as written in Markdown to an absolute one."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

SCHEMES = frozenset({"http", "https", "mailto", "tel"})


@dataclass(frozen=True)
class Links:
    """`base`: absolute URL of the post's page. `media`: path as written in the Markdown → absolute URL of the file."""

    base: str
    media: Mapping[str, str]

    def resolve(self, written: str) -> str | None:
        """The absolute URL, or None when it is malformed or its scheme could run code or name a local file."""
        try:
            absolute = self._stored(written) or urljoin(self.base, written)
            return absolute if urlsplit(absolute).scheme in SCHEMES else None
        except ValueError:
            return None

    def _stored(self, written: str) -> str | None:
        # The Markdown parser percent-encodes what the author wrote, so the author's spelling is looked for as well.
        decoded = unquote(written)
        spellings = (written, decoded, posixpath.normpath(decoded))
        return next((self.media[spelling] for spelling in spellings if spelling in self.media), None)
