"""The three forms a feed is written in."""

from enum import StrEnum


class Form(StrEnum):
    """A form of feed; its value ends the names of its files: "feed.atom"."""

    ATOM = "atom"
    RSS = "rss"
    JSON = "json"

    @property
    def media_type(self) -> str:
        """As links name it; whoever serves the document adds the character set, UTF-8, where the form is XML."""
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    Form.ATOM: "application/atom+xml",
    Form.RSS: "application/rss+xml",
    Form.JSON: "application/feed+json",
}
