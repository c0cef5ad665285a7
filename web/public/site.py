"""/: all series."""

from fastapi import APIRouter, Response

from db import public
from web.pages import READS, page
from web.site import WebSite


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()

    @router.api_route("/", methods=READS)
    def first() -> Response:
        with site.store.reading() as session:
            cards = public.site(session, site.calendar())
        return page(site, "web/site.html", cards=cards)

    return router
