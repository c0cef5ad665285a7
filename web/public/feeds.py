"""/feeds/all.atom and /{series}/feed.atom, as they were stored; nothing is rendered here."""

from fastapi import APIRouter, Request, Response

from web.conditional import unless_known
from web.pages import READS, not_found
from web.site import WebSite

_HEADERS = {
    "Content-Type": "application/atom+xml; charset=utf-8",
    "Cache-Control": "no-cache",
    "Access-Control-Allow-Origin": "*",
}


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()

    @router.api_route("/feeds/all.atom", methods=READS)
    def of_all(request: Request) -> Response:
        return _stored(site, "feeds/all.atom", request)

    @router.api_route("/{slug}/feed.atom", methods=READS)
    def of_series(slug: str, request: Request) -> Response:
        return _stored(site, f"{slug}/feed.atom", request)

    return router


def _stored(site: WebSite, path: str, request: Request) -> Response:
    # The storage refuses what cannot be a name of a document; readers may still ask for it.
    plain = path.isprintable() and "\\" not in path and not path.startswith(".")
    body = site.storage.read(path) if plain else None
    if body is None:
        raise not_found()
    return unless_known(request, body, headers=_HEADERS)
