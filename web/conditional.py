"""Answers with a strong ETag, and 304 for who has the bytes already (RFC 9110, 13.1.2)."""

import hashlib
import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

_TAG = re.compile(r'"([^"]*)"')


def unless_known(request: Request, body: bytes, *, headers: Mapping[str, str]) -> Response:
    """The body with its ETag, or 304 without it; `headers` must name the Content-Type."""
    digest = hashlib.sha256(body).hexdigest()
    headers = {**headers, "ETag": f'"{digest}"'}
    if _names(request.headers.get("if-none-match", ""), digest):
        kept = {name: value for name, value in headers.items() if name != "Content-Type"}
        return Response(status_code=304, headers=kept)
    return Response(body, headers=headers)


def _names(if_none_match: str, digest: str) -> bool:
    if if_none_match.strip() == "*":
        return True
    # Servers in front of us that compress append a suffix to the tag and do not always take it off again.
    return any(re.sub(r"[-;](gzip|br|zstd)$", "", tag) == digest for tag in _TAG.findall(if_none_match))
