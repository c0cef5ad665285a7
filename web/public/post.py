"""/{series}/{post}/: one chapter."""

from collections.abc import Mapping
from functools import lru_cache

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.responses import RedirectResponse

from db import public
from db.public import PostPage
from text.markdown import Links, page_html
from web.moved import elsewhere
from web.pages import READS, public_page
from web.site import WebSite

KEPT = 128
"""Chapters whose HTML is kept: those that are read now are few."""


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()

    @router.api_route("/{series}/{slug}/", methods=READS)
    def show(series: str, slug: str, request: Request) -> Response:
        with site.store.reading() as session:
            found = public.post_page(session, series, slug, now=site.calendar())
            gone = found is None and public.is_gone(session, series, slug)
        if gone:
            raise HTTPException(410)
        if found is None:
            return elsewhere(site, f"{series}/{slug}/")
        return public_page(request, site, "web/post.html", language=found.series.language, **values_of(site, found))

    @router.api_route("/{series}/{slug}", methods=READS)
    def with_slash(series: str, slug: str) -> Response:
        return RedirectResponse(site.addresses.post(series, slug), status_code=308)

    return router


def values_of(site: WebSite, found: PostPage) -> dict[str, object]:
    """What the template of a chapter is given."""
    address = site.addresses.post(found.series.slug, found.post.slug)
    body = body_html(site, found.words.body, address=address, files=found.media)
    return {"found": found, "series": found.series, "body": body, "image": _image(site, found)}


def body_html(site: WebSite, body: str, *, address: str, files: Mapping[str, str]) -> str:
    """A chapter as HTML that is safe to print unescaped; `files` has the digest of each file that it shows, by path."""
    return _html(body, address, tuple((path, site.addresses.media(digest, path)) for path, digest in files.items()))


@lru_cache(maxsize=KEPT)
def _html(body: str, url: str, media: tuple[tuple[str, str], ...]) -> str:
    """The same words in the same place are the same HTML; code and formulas take tens of milliseconds to make."""
    return page_html(body, Links(url, dict(media)))


def _image(site: WebSite, found: PostPage) -> str | None:
    """A picture of the chapter that stands for it where it is linked to; vector drawings are not shown there."""
    pictures = (path for path in found.media if path.lower().endswith((".png", ".jpg", ".jpeg", ".webp", ".gif")))
    first = min(pictures, key=found.words.body.find, default=None)
    return None if first is None else site.addresses.media(found.media[first], first)
