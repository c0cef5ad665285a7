"""Where things are found: absolute URLs of series, posts, feeds and pages, and the slugs they are made of."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlsplit

RESERVED_SERIES_SLUGS = frozenset(
    {
        "api", "archive", "confirm", "favicon.ico", "feeds", "feeds.opml", "healthz", "letters", "media",
        "metrics", "operator", "outbox", "preferences", "readyz", "robots.txt", "schedule.ics", "search",
        "sitemap.xml", "static", "subscribe", "tag", "unsubscribe",
    }
)  # fmt: skip
RESERVED_POST_SLUGS = frozenset({"archive", "catch-up", "feed.atom", "feed.json", "feed.rss", "schedule.ics", "tag"})

_PLAIN = re.compile("[A-Za-z0-9_-]+")
_LONGEST_SLUG = 100
_LONGEST_MADE_SLUG = 80
# Letters that Unicode does not decompose into an ASCII letter and a mark.
_SPELLED_OUT = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "'": "", "’": ""}
)


@dataclass(frozen=True)
class Addresses:
    """Makes absolute URLs below `site_url`, which may have a sub-path and may end with a slash."""

    site_url: str

    @property
    def path(self) -> str:
        """The sub-path the site lives under: "" at the root of a host, else as "/blog"."""
        return urlsplit(self.site_url).path.rstrip("/")

    def site(self) -> str:
        return self._below("")

    def letter(self, token: str) -> str:
        """One letter, in the browser."""
        return self._below(f"letters/{_segment(token)}")

    def series(self, slug: str) -> str:
        return self._below(f"{_segment(slug)}/")

    def post(self, series_slug: str, post_slug: str) -> str:
        return self._below(f"{_segment(series_slug)}/{_segment(post_slug)}/")

    def series_feed(self, slug: str, kind: str = "atom") -> str:
        """The feed of one series; kind is "atom", "rss" or "json"."""
        return self._below(f"{_segment(slug)}/feed.{kind}")

    def all_feed(self, kind: str = "atom") -> str:
        """The feed over all series; kind is "atom", "rss" or "json"."""
        return self._below(f"feeds/all.{kind}")

    def series_calendar(self, slug: str) -> str:
        """What is released or announced of one series, as iCalendar."""
        return self._below(f"{_segment(slug)}/schedule.ics")

    def all_calendar(self) -> str:
        """What is released or announced of all series, as iCalendar."""
        return self._below("schedule.ics")

    def tag_feed(self, tag: str, kind: str = "atom") -> str:
        """The feed of one tag over all series; kind is "atom", "rss" or "json"."""
        return self._below(f"tag/{_segment(tag)}/feed.{kind}")

    def tag(self, tag: str) -> str:
        """The page of one tag over all series; `tag` is its slug."""
        return self._below(f"tag/{_segment(tag)}/")

    def tags(self) -> str:
        return self._below("tag/")

    def months(self) -> str:
        """The page that leads to everything by the month it came out in."""
        return self._below("archive/")

    def month(self, first: date) -> str:
        """The page of the month that begins on a day."""
        return self._below(f"archive/{first:%Y-%m}/")

    def search(self) -> str:
        return self._below("search")

    def sitemap(self) -> str:
        return self._below("sitemap.xml")

    def archive(self, slug: str, generation: int, number: int) -> str:
        return self._below(f"{_segment(slug)}/archive/{generation}/{number}.atom")

    def catch_up(self, slug: str, token: str) -> str:
        """The private feed by which somebody catches up with a series."""
        return self._below(f"{_segment(slug)}/catch-up/{_segment(token)}.atom")

    def feed_style(self) -> str:
        return self._below("feeds/style.css")

    def opml(self) -> str:
        return self._below("feeds.opml")

    def media(self, digest: str, name: str) -> str:
        """A stored file; the digest of its bytes is in the address, so what it shows never changes."""
        return self._below(f"media/{_segment(digest)}/{_segment(name)}")

    def unsubscribe(self, token: str) -> str:
        return self._below(f"unsubscribe/{_segment(token)}")

    def subscribe(self) -> str:
        return self._below("subscribe")

    def confirm(self, token: str) -> str:
        """Where the link of a letter leads by which a wish is granted."""
        return self._below(f"confirm/{_segment(token)}")

    def operator(self) -> str:
        """The first page of the operator's application."""
        return self._below("operator/")

    def welcome(self, token: str) -> str:
        """Where an operator begins, by a link that works once."""
        return self._below(f"operator/welcome/{_segment(token)}")

    def enter(self, token: str) -> str:
        """Where an operator signs in, by a link that works once."""
        return self._below(f"operator/enter/{_segment(token)}")

    def preferences(self, token: str) -> str:
        return self._below(f"preferences/{_segment(token)}")

    def _below(self, rest: str) -> str:
        return f"{self.site_url.rstrip('/')}/{rest}"


def slugify(text: str) -> str:
    """Lower-case ASCII words joined by hyphens, at most 80 characters; "post" when no ASCII letter or digit remains."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_SPELLED_OUT))
    words = re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode().lower())
    return "-".join(words)[:_LONGEST_MADE_SLUG].strip("-") or "post"


def tag_slug(name: str) -> str:
    """The last part of a tag's address; a tag without an ASCII letter or digit is called by a hash of its name."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    words = "-".join(re.findall("[a-z0-9]+", plain))[:_LONGEST_MADE_SLUG]
    return words or f"t-{hashlib.sha256(name.encode()).hexdigest()[:10]}"


def check_slug(slug: str, reserved: frozenset[str]) -> str | None:
    """None for a slug that may be used, else the part of a message that says what is wrong and what is allowed."""
    allowed = "lower-case letters, digits and hyphens are allowed"
    if not slug:
        return f"is empty; {allowed}"
    if slug in reserved:
        return "is reserved for an address of the site itself; choose another word"
    if len(slug) > _LONGEST_SLUG:
        return f"is longer than {_LONGEST_SLUG} characters; shorten it"
    if not re.fullmatch(r"[a-z0-9-]+", slug):
        return f"has a character that an address cannot carry; {allowed}"
    if slug.startswith("-") or slug.endswith("-"):
        return f"begins or ends with a hyphen; {allowed}, hyphens only in between"
    return None


def _segment(text: str) -> str:
    if _PLAIN.fullmatch(text):  # as a slug or a token, of which each letter has some
        return text
    # A name of only dots would be resolved away by every client; its percent-encoded form is, too, so it is spelled.
    return quote(text, safe="") if text.strip(".") else "_" * max(len(text), 1)
