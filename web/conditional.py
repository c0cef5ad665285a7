"""Answers with validators, and 304 for who has the bytes already (RFC 9110, 8.8 and 13)."""

import gzip
import hashlib
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from feeds.storage import Stored
from web.accepting import Coding, accepted
from web.preconditions import Validators, judge

_OF_THE_BODY = frozenset({"Content-Type", "Content-Encoding"})


class _Chosen(NamedTuple):
    body: bytes
    coding: Coding


def answer(
    request: Request,
    stored: Stored,
    *,
    content_type: str,
    cache_control: str,
    now: datetime,
    more: Mapping[str, str] | None = None,
) -> Response:
    """A stored document: 200, 304, 412, or 406 for who refuses its plain and its compressed bytes.

    `now` is machine time; `more` are further headers. Ranges are not served, as a server may (RFC 9110, 14.2): half
    a feed helps nobody.
    """
    body, coding = _choose(request, stored)
    # A document that changes many times a second is dated ahead, but no answer may be (RFC 9110, 8.8.2.1).
    modified = min(stored.modified, now)
    headers = {
        "Content-Type": content_type,
        "Cache-Control": cache_control,
        "Vary": "Accept-Encoding",
        "Last-Modified": format_datetime(modified.replace(microsecond=0), usegmt=True),
        "Accept-Ranges": "none",
        **(more or {}),
    }
    if coding is Coding.plain:
        return _respond(request, body, Validators(stored.digest, "", stored.modified), headers)
    headers["Content-Encoding"] = coding
    return _respond(request, body, Validators(stored.digest, "-gzip", stored.modified), headers)


def unless_known(request: Request, body: bytes, *, headers: Mapping[str, str]) -> Response:
    """Bytes made for this request, never compressed; `headers` must name the Content-Type."""
    return _respond(request, body, Validators(hashlib.sha256(body).hexdigest()), headers)


def _choose(request: Request, stored: Stored) -> _Chosen:
    codings = accepted(request.headers)
    for coding in codings:
        if coding is Coding.plain:
            return _Chosen(stored.body, coding)
        if stored.gzipped is not None:
            return _Chosen(stored.gzipped, coding)
    if not codings:
        raise HTTPException(406, headers={"Vary": "Accept-Encoding"})
    # So short that it has no twin, and asked for by somebody who forbids plain bytes: rare enough to compress now.
    return _Chosen(gzip.compress(stored.body, mtime=0), Coding.gzip)


def _respond(request: Request, body: bytes, known: Validators, headers: Mapping[str, str]) -> Response:
    verdict = judge(request.headers, known)
    tagged = {**headers, "ETag": verdict.tag}
    if verdict.status == 200:
        return Response(body, headers=tagged)
    kept = {name: value for name, value in tagged.items() if name not in _OF_THE_BODY}
    return Response(status_code=verdict.status, headers=kept)
