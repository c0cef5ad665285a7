"""/: all series."""

from fastapi import APIRouter, Request, Response

from db import public
from web.pages import READS, public_page
from web.site import WebSite


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()

    @router.api_route("/", methods=READS)
    def first(request: Request) -> Response:
        with site.store.reading() as session:
            cards = public.site(session, site.calendar())
        return public_page(request, site, "web/site.html", cards=cards)

    return router
