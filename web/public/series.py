"""/{series}/: a series and its chapters."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from db import public
from web.choosing import consent
from web.headers import OUR_SCRIPT_RUNS
from web.moved import elsewhere
from web.pages import READS, page_language, public_page
from web.site import WebSite


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()

    @router.api_route("/{slug}/", methods=READS)
    def show(slug: str, request: Request) -> Response:
        with site.store.reading() as session:
            found = public.series_page(session, slug, site.calendar())
        if found is None:
            return elsewhere(site, f"{slug}/")
        language = page_language(site, found.series.language)
        agreed = consent(site.env, language, site.title)
        values = {"found": found, "series": found.series, "consent": agreed}
        response = public_page(request, site, "web/series.html", language=language, **values)
        if found.series.ended_at is None:  # else there is no form
            response.headers.update(OUR_SCRIPT_RUNS)
        return response

    @router.api_route("/{slug}", methods=READS)
    def with_slash(slug: str) -> Response:
        return RedirectResponse(site.addresses.series(slug), status_code=308)

    return router
