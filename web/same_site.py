"""Whether a form was sent from a page of ours, as browsers say it of every unsafe request."""

from urllib.parse import urlsplit

from fastapi import HTTPException, Request

_OURS = ("same-origin", "none")


def from_our_page(request: Request) -> None:
    """A dependency that refuses with 403 what a page of another site sent.

    Browsers say so in Sec-Fetch-Site, older ones in Origin; programs say nothing and have no reader's rights to abuse.
    An Origin of `null` is what a page that keeps its address to itself sends.
    """
    fetch_site = request.headers.get("sec-fetch-site")
    if fetch_site is not None:
        allowed = fetch_site in _OURS
    else:
        origin = request.headers.get("origin", "null")
        allowed = origin == "null" or urlsplit(origin).netloc == request.headers.get("host")
    if not allowed:
        raise HTTPException(403)
