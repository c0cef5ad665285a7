"""Pages whose address is a key."""

from typing import TypeVar

from fastapi import Response

PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}

_Answer = TypeVar("_Answer", bound=Response)


def private(response: _Answer) -> _Answer:
    """The answer, kept out of caches, indexes and Referers."""
    response.headers.update(PRIVATE)
    return response
