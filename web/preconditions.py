"""Whether a request may have, or has already, what it asks for (RFC 9110, 13)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from starlette.datastructures import Headers

_TAG = re.compile(r'(W/)?"([^"]*)"')
_FOREIGN = re.compile(r"[-;](br|zstd|deflate)$")
"""Servers in front of us that compress add such to our tag, and do not always take it off again."""


@dataclass(frozen=True)
class Validators:
    """A document's digest, the suffix of the coding chosen, and the second it changed in, if known."""

    digest: str
    suffix: str = ""
    modified: datetime | None = None

    @property
    def tag(self) -> str:
        """Strong: each coding, being other bytes, has its own (RFC 9110, 8.8.3.3)."""
        return f'"{self.digest}{self.suffix}"'


class Verdict(NamedTuple):
    """200, 304 or 412, and the tag that the answer carries."""

    status: int
    tag: str


def judge(headers: Headers, known: Validators) -> Verdict:
    """The preconditions of a GET or HEAD in their order of precedence (RFC 9110, 13.2.2)."""
    if not _may(headers, known):
        return Verdict(412, known.tag)
    asked = _list(headers, "if-none-match")
    if asked is not None:
        tag = _known_tag(asked, known)
        return Verdict(304, tag) if tag else Verdict(200, known.tag)
    since = _date(headers.get("if-modified-since"))
    unchanged = since is not None and known.modified is not None and known.modified <= since
    return Verdict(304 if unchanged else 200, known.tag)


def _may(headers: Headers, known: Validators) -> bool:
    wanted = _list(headers, "if-match")
    if wanted is not None:
        strong = [f'"{tag}"' for weak, tag in _TAG.findall(wanted) if not weak]
        return wanted == "*" or known.tag in strong
    until = _date(headers.get("if-unmodified-since"))
    return until is None or known.modified is None or known.modified <= until


def _known_tag(asked: str, known: Validators) -> str | None:
    """The tag of ours that was named, the chosen coding's before the other's: both stand for the same document."""
    if asked == "*":
        return known.tag
    ours = [known.tag, f'"{known.digest}"', f'"{known.digest}-gzip"']
    named = {f'"{_FOREIGN.sub("", tag)}"' for _, tag in _TAG.findall(asked)}
    return next((tag for tag in ours if tag in named), None)


def _list(headers: Headers, name: str) -> str | None:
    """A list may come in several lines (RFC 9110, 5.3)."""
    lines = headers.getlist(name)
    return ",".join(lines).strip() if lines else None


def _date(value: str | None) -> datetime | None:
    """What is no date is ignored, as the standard asks (RFC 9110, 13.1.3)."""
    try:
        found = parsedate_to_datetime(value or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
