"""A digest as a value, its rendering into a skeleton, and the headers of one letter."""

import dataclasses
import datetime as dt
import hashlib
import re
from typing import Any, Literal, TypeVar

import css_inline
from jinja2 import Environment

from db.errors import BadValue
from mail.headers import ascii_domain, date_header, mailbox, named
from mail.skeleton import GAPS, Skeleton, compile_skeleton, gap, without_gaps

# The @media rules stay in a <style>: they cannot be written into elements. Nothing is fetched while rendering.
_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
_URI = re.compile(r"[!-;=?-~]+")  # printable ASCII but < and >, which enclose it
_LONGEST_LINE = 998  # RFC 5322, 2.1.1


@dataclasses.dataclass(frozen=True, kw_only=True)
class LetterPost:
    """One post as a letter shows it; `html` is trusted to be clean, `text` to be wrapped."""

    series_title: str
    series_url: str
    number: str | None
    of: int | None
    title: str
    url: str
    html: str
    text: str
    previous: tuple[str, str] | None
    next_line: str | None
    full: bool = True

    @property
    def line(self) -> str:
        """`LLM Primer II · Chapter 3 of 14`, or as much of it as is known."""
        if self.number is None:
            return self.series_title
        total = "" if self.of is None else f" of {self.of}"
        return f"{self.series_title} · Chapter {self.number}{total}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class DigestLetter:
    """The posts of one digest and where it comes from; `hour` (0–23) and `date` are those of `zone`.

    `reason` says in one sentence why it comes; without it, `why` names the daily hour and the series of the posts.
    """

    site_title: str
    site_url: str
    date: dt.date
    zone: str
    hour: int
    posts: tuple[LetterPost, ...]
    postal_address: str
    language: str = "en"
    format: Literal["html", "text"] = "html"
    reason: str | None = None

    @property
    def why(self) -> str:
        if self.reason is not None:
            return self.reason
        titles = _listed(sorted({post.series_title for post in self.posts}))
        return f"You get this at {self.hour:02}:00 {self.zone} because you asked for {titles}."

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """The way the language is written."""
        return "rtl" if self.language.lower().partition("-")[0] in ("ar", "dv", "fa", "he", "ps", "ur", "yi") else "ltr"


_Value = TypeVar("_Value", LetterPost, DigestLetter)


def render_digest(env: Environment, letter: DigestLetter) -> Skeleton:
    """The digest with gaps for what differs between readers; equal letters give equal bytes.

    Raises BadValue when there is no post: an empty letter is not sent.
    """
    if not letter.posts:
        raise BadValue(f"the digest of {letter.date} has no posts: do not send it")
    values = {"letter": _from_outside(letter), **{name: gap(name) for name in GAPS}}
    subject = env.get_template("email/digest/subject.txt").render(values)
    text = env.get_template("email/digest/body.txt").render(values)
    html = None
    if letter.format == "html":
        html = _INLINER.inline(env.get_template("email/digest/body.html").render(values))
    seed = hashlib.sha256("\0".join((subject, text, html or "")).encode("utf-8", "replace")).hexdigest()
    return compile_skeleton(subject=subject, text=text, html=html, boundary_seed=seed)


def letter_headers(
    *,
    from_name: str,
    from_address: str,
    to_name: str | None,
    to_address: str,
    date: dt.datetime,
    message_id: str,
    list_id: str,
    list_title: str,
    unsubscribe_url: str,
    unsubscribe_mailto: str | None,
    reply_to: str | None,
) -> tuple[bytes, ...]:
    """The headers of a letter but for its subject and content, each once, ready for `fill`.

    `message_id` comes with its angle brackets; `list_id` is a domain (RFC 2919); unsubscribing follows RFC 2369 and
    RFC 8058. Raises BadValue for an address, a domain or a link that cannot stand in a header.
    """
    headers = [
        b"From: " + mailbox(from_name, from_address),
        b"To: " + mailbox(to_name, to_address),
        date_header(date),
        b"Message-ID: " + _uri(message_id.removeprefix("<").removesuffix(">")),
        b"List-Id: " + named(list_title, ascii_domain(list_id)),
        _list_unsubscribe(unsubscribe_url, unsubscribe_mailto),
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        b"Auto-Submitted: auto-generated",
    ]
    if reply_to is not None:
        headers.append(b"Reply-To: " + mailbox(None, reply_to))
    return tuple(headers)


def _list_unsubscribe(url: str, mailto: str | None) -> bytes:
    """Written by hand: a library that knows no better encodes a long link as RFC 2047 words, and one-click breaks."""
    header = b"List-Unsubscribe: " + _uri(url)
    if mailto is None:
        return header
    return header + b",\r\n " + _uri(mailto if mailto.startswith("mailto:") else f"mailto:{mailto}")


def _uri(uri: str) -> bytes:
    if not _URI.fullmatch(uri) or len(uri) > _LONGEST_LINE - len("List-Unsubscribe: <>,"):
        raise BadValue(f"{uri[:200]!r} cannot stand in a header: use at most 970 ASCII characters without spaces")
    return f"<{uri}>".encode("ascii")


def _from_outside(value: _Value) -> _Value:
    """The same value with every text in it unable to pose as a gap."""
    names = [field.name for field in dataclasses.fields(value)]
    unmarked: dict[str, Any] = {name: _unmarked(getattr(value, name)) for name in names}
    return dataclasses.replace(value, **unmarked)


def _unmarked(content: object) -> object:
    match content:
        case str():
            return without_gaps(content)
        case tuple():
            return tuple(_unmarked(item) for item in content)
        case LetterPost():
            return _from_outside(content)
    return content


def _listed(titles: list[str]) -> str:
    """`A`, `A and B`, `A, B and C`."""
    *front, last = titles
    return f"{', '.join(front)} and {last}" if front else last
