"""/search?q=…: posts that are out, by their words."""

from fastapi import APIRouter, Request, Response

from db import listings, search
from web.pages import READS, public_page
from web.site import WebSite

_SHOWN = 30
_LONGEST = 200


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()

    @router.api_route("/search", methods=READS)
    def show(request: Request, q: str = "") -> Response:
        asked = " ".join(q.replace("\0", " ").split())[:_LONGEST]
        with site.store.reading() as session:
            # One more than is shown, to know whether there are more.
            ids = search.matching(session, asked, limit=_SHOWN + 1)
            found = listings.by_ids(session, ids[:_SHOWN])
        more = len(ids) > _SHOWN
        return public_page(request, site, "web/search.html", asked=asked, posts=found, more=more)

    return router
