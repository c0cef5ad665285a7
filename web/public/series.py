"""/{series}/: a series and its chapters."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from db import public
from web.choosing import consent
from web.moved import elsewhere
from web.pages import READS, public_page
from web.site import WebSite


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()

    @router.api_route("/{slug}/", methods=READS)
    def show(slug: str, request: Request) -> Response:
        with site.store.reading() as session:
            found = public.series_page(session, slug, site.calendar())
        if found is None:
            return elsewhere(site, f"{slug}/")
        agreed = consent(site.env, site.language, site.title)
        return public_page(request, site, "web/series.html", found=found, series=found.series, consent=agreed)

    @router.api_route("/{slug}", methods=READS)
    def with_slash(slug: str) -> Response:
        return RedirectResponse(site.addresses.series(slug), status_code=308)

    return router
