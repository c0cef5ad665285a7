"""/schedule.ics and /{series}/schedule.ics: what is released or announced, for calendars."""

from fastapi import APIRouter, Request, Response

from db import series as all_series
from feeds.calendar import About, reader_calendar
from web.conditional import unless_known
from web.moved import elsewhere
from web.pages import READS
from web.site import WebSite

_HEADERS = {
    "Content-Type": "text/calendar; charset=utf-8",
    "Cache-Control": "no-cache",
    "Access-Control-Allow-Origin": "*",
}


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()
    about = About(addresses=site.addresses, title=site.title, zone=site.zone, fingerprint=site.tokens.fingerprint)

    @router.api_route("/schedule.ics", methods=READS)
    def of_all(request: Request) -> Response:
        with site.store.reading() as session:
            body = reader_calendar(session, None, about)
        return unless_known(request, body, headers=_HEADERS)

    @router.api_route("/{slug}/schedule.ics", methods=READS)
    def of_series(slug: str, request: Request) -> Response:
        with site.store.reading() as session:
            series = all_series.find(session, slug)
            if series is None or series.retired_at is not None:
                return elsewhere(site, f"{slug}/schedule.ics")
            body = reader_calendar(session, series, about)
        return unless_known(request, body, headers=_HEADERS)

    return router
