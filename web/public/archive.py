"""/archive/ and /archive/{year}-{month}/: everything by the month it came out in, as the site's zone counts."""

from datetime import date, datetime, time

from fastapi import APIRouter, Request, Response

from db import listings
from timing.wall import to_instant, to_wall
from web.pages import READS, not_found, public_page
from web.site import WebSite


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()

    @router.api_route("/archive/", methods=READS)
    def months(request: Request) -> Response:
        with site.store.reading() as session:
            counts = listings.months(session, lambda instant: to_wall(instant, site.zone))
            tags = listings.tags(session, limit=20)
        return public_page(request, site, "web/archive.html", months=sorted(counts.items(), reverse=True), tags=tags)

    @router.api_route("/archive/{name}/", methods=READS)
    def month(name: str, request: Request) -> Response:
        first = _first_day(name)
        begin, end = (to_instant(datetime.combine(day, time()), site.zone) for day in (first, _next_month(first)))
        with site.store.reading() as session:
            posts = listings.between(session, begin, end)
        if not posts:
            raise not_found()
        return public_page(request, site, "web/month.html", first=first, posts=posts)

    return router


def _first_day(name: str) -> date:
    """The first day of a month such as 2026-03; 404 for what is none."""
    try:
        day = date.fromisoformat(f"{name}-01")
    except ValueError:
        raise not_found() from None
    # Before the year 2 and after 9000 zones cannot be reckoned with.
    if len(name) != len("2026-03") or not 2 <= day.year <= 9000:
        raise not_found()
    return day


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)
