"""Whether a request that changes something comes from our own pages (Fetch Metadata; else Origin, RFC 6454)."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def is_ours(method: str, headers: Headers, *, site_url: str) -> bool:
    """Safe methods are; others when the browser says so, by either header. A program that says neither is refused."""
    if method in SAFE_METHODS:
        return True
    fetched = headers.get("sec-fetch-site")
    if fetched is not None:
        return fetched == "same-origin"
    origin = urlsplit(headers.get("origin", ""))
    ours = {urlsplit(site_url).netloc, headers.get("host", "")}
    return origin.scheme in ("http", "https") and origin.netloc in ours
