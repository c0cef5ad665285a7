"""A letter with posts as a value, the rendering of letters into skeletons, and the headers of one letter."""

import dataclasses
import datetime as dt
import hashlib
import re
from functools import lru_cache
from typing import Any, Literal, TypeVar

import css_inline
import structlog
from jinja2 import Environment, TemplateError

from db.errors import BadValue, FascicleError
from mail.headers import ascii_domain, date_header, mailbox, named
from mail.skeleton import GAPS, Skeleton, compile_skeleton, gap, without_gaps
from templates.environment import spoken
from text.cut import cut_html

log = structlog.get_logger()

# The @media rules stay in a <style>: they cannot be written into elements. Nothing is fetched while rendering.
_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
HTML_LIMIT = 98_000
"""Bytes of HTML in a letter. Gmail shows no more than about 102,000, and hides the rest with the foot of the letter."""
HTML_LONG = 90_000
"""From here on a letter is told to be long."""
_ROOM_IN_GAPS = 200
"""Bytes that a reader's own value may be longer than the mark of its gap: a link with a token in it."""
_URI = re.compile(r"[!-;=?-~]+")  # printable ASCII but < and >, which enclose it
_FEEDBACK_ID = re.compile(r"[A-Za-z0-9.-]{0,60}(?::[A-Za-z0-9.-]{0,60}){0,3}")
_LONGEST_LINE = 998  # RFC 5322, 2.1.1


_TEMPLATE_ERRORS = (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a mistake in a template can raise."""


class TemplateBroken(FascicleError):
    """A template with a mistake in it: its letters wait until it is mended."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Neighbour:
    """The post before or after, by its number if it has one."""

    number: str | None
    url: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Announced:
    """What is known of the post to come: its number and its day, nothing else."""

    number: str | None
    day: dt.date


@dataclasses.dataclass(frozen=True, kw_only=True)
class LetterPost:
    """One post as a letter shows it; `html` is trusted to be clean, `text` to be wrapped.

    Without `full` there is only a link to it. One that is `cut` goes on at its page. `next` is out already, `coming` is
    not.
    """

    series_title: str
    series_url: str
    number: str | None
    of: int | None
    title: str
    url: str
    html: str
    text: str
    previous: Neighbour | None = None
    next: Neighbour | None = None
    coming: Announced | None = None
    full: bool = True
    cut: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class PostsLetter:
    """A letter with posts, and where it comes from; `hour` (0–23) and `date` are those of `zone`.

    `name` is that of its folder of templates: digest, instant or catch-up. It stands for `more` posts beside those it
    names.
    """

    name: str
    site_title: str
    site_url: str
    date: dt.date
    zone: str
    hour: int
    posts: tuple[LetterPost, ...]
    postal_address: str
    more: int = 0
    language: str = "en"
    format: Literal["html", "text"] = "html"

    @property
    def series_titles(self) -> list[str]:
        return sorted({post.series_title for post in self.posts})


_Value = TypeVar("_Value", LetterPost, PostsLetter, Neighbour, Announced)


def render_posts(env: Environment, letter: PostsLetter) -> Skeleton:
    """The letter with gaps for what differs between readers; equal letters give equal bytes.

    Raises BadValue when there is no post: an empty letter is not sent.
    """
    if not letter.posts:
        raise BadValue(f"the {letter.name} of {letter.date} has no posts: do not send it")
    letter = _from_outside(letter)
    values = _values(letter.language)
    html = None
    if letter.format == "html":
        letter, html = _within_limit(env, letter, values)
    return _compiled(env, letter.name, values | {"letter": letter}, html)


def _within_limit(env: Environment, letter: PostsLetter, values: dict[str, object]) -> tuple[PostsLetter, str]:
    """The letter, its posts cut where it is too long, and its HTML."""
    html = _html(env, letter.name, values | {"letter": letter})
    while (much := _size(html)) > HTML_LIMIT:
        letter = _shortened(letter, much)
        html = _html(env, letter.name, values | {"letter": letter})
    if much > HTML_LONG:
        log.warning("letter is long", letter=letter.name, date=letter.date.isoformat(), bytes=much, limit=HTML_LIMIT)
    return letter, html


def _size(html: str) -> int:
    return len(html.encode()) + _ROOM_IN_GAPS * len(GAPS)


def _shortened(letter: PostsLetter, size: int) -> PostsLetter:
    """The letter with its longest posts cut at the end of a block, so that it comes nearer to the limit."""
    longest = max(len(post.html.encode()) for post in letter.posts)
    if not longest:
        raise BadValue(
            f"the {letter.name} of {letter.date} is {size} bytes of HTML without any text: check its templates"
        )
    room = min(longest - 1, longest * HTML_LIMIT // size)
    return dataclasses.replace(letter, posts=tuple(_cut(post, room) for post in letter.posts))


def _cut(post: LetterPost, room: int) -> LetterPost:
    html = cut_html(post.html, room)
    return dataclasses.replace(post, html=html, cut=post.cut or html != post.html)


def render(env: Environment, name: str, language: str, *, with_html: bool, **values: object) -> Skeleton:
    """A letter from the templates in `email/<name>/`, in a language, with a gap for each value of a reader's own."""
    values |= _values(language)
    return _compiled(env, name, values, _html(env, name, values) if with_html else None)


def _compiled(env: Environment, name: str, values: dict[str, object], html: str | None) -> Skeleton:
    subject = _rendered(env, name, "subject.txt", values)
    text = _rendered(env, name, "body.txt", values)
    seed = hashlib.sha256("\0".join((subject, text, html or "")).encode("utf-8", "replace")).hexdigest()
    return compile_skeleton(subject=subject, text=text, html=html, boundary_seed=seed)


def _html(env: Environment, name: str, values: dict[str, object]) -> str:
    return _INLINER.inline(_rendered(env, name, "body.html", values))


def _rendered(env: Environment, name: str, file: str, values: dict[str, object]) -> str:
    try:
        words = env.get_template(f"email/{name}/{file}").render(values)
    except _TEMPLATE_ERRORS as error:
        raise TemplateBroken(
            f"the templates of {name} cannot be rendered: {error}; `fascicle templates check` says where"
        ) from error
    # Half of a character, as a file may have one, can be written into no letter.
    return words.encode("utf-8", "replace").decode("utf-8")


def _values(language: str) -> dict[str, object]:
    return {**spoken(language), **{name: gap(name) for name in GAPS}}


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
    unsubscribe_url: str | None,
    unsubscribe_mailto: str | None,
    reply_to: str | None,
    feedback_id: str | None = None,
) -> tuple[bytes, ...]:
    """The headers of a letter but for its subject and content, each once, ready for `fill`.

    `message_id` comes with its angle brackets; `list_id` is a domain (RFC 2919); unsubscribing follows RFC 2369 and
    RFC 8058, and stands only where there is something to leave. `feedback_id` has at most four fields between colons.

    Raises BadValue for an address, a domain or a link that cannot stand in a header.
    """
    headers = [
        _from(from_name, from_address),
        b"To: " + mailbox(to_name, to_address),
        date_header(date),
        b"Message-ID: " + _uri(message_id.removeprefix("<").removesuffix(">")),
        _list_id(list_title, list_id),
    ]
    if unsubscribe_url is not None:
        headers.append(_list_unsubscribe(unsubscribe_url, unsubscribe_mailto))
        headers.append(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    headers.append(b"Auto-Submitted: auto-generated")
    if reply_to is not None:
        headers.append(b"Reply-To: " + mailbox(None, reply_to))
    if feedback_id is not None:
        headers.append(b"Feedback-ID: " + _feedback_id(feedback_id))
    return tuple(headers)


# The same for very many letters.
@lru_cache(maxsize=16)
def _from(name: str, address: str) -> bytes:
    return b"From: " + mailbox(name, address)


@lru_cache(maxsize=16)
def _list_id(title: str, domain: str) -> bytes:
    return b"List-Id: " + named(title, ascii_domain(domain))


def _list_unsubscribe(url: str, mailto: str | None) -> bytes:
    """Written by hand: a library that knows no better encodes a long link as RFC 2047 words, and one-click breaks."""
    header = b"List-Unsubscribe: " + _uri(url)
    if mailto is None:
        return header
    return header + b",\r\n " + _uri(mailto if mailto.startswith("mailto:") else f"mailto:{mailto}")


def _feedback_id(text: str) -> bytes:
    if not _FEEDBACK_ID.fullmatch(text):
        raise BadValue(
            f"{text[:200]!r} is no Feedback-ID: use at most four fields of letters, digits, dots and hyphens"
        )
    return text.encode("ascii")


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
        case Neighbour():
            return _from_outside(content)
        case Announced():
            return _from_outside(content)
    return content
