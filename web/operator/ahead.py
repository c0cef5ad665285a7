"""/operator/ahead/: what happens on a day to come."""

from datetime import timedelta

from fastapi import APIRouter, Request, Response
from starlette.background import BackgroundTask

from db import series
from db.errors import BadValue
from scheduler import coming_letter
from scheduler.ahead import ahead
from scheduler.cadence.dates import parse_date
from scheduler.crowd import count_anew
from timing.wall import to_wall
from web.auth.needs import Needs, needs
from web.operator.desk import Desk
from web.pages import READS

EDITIONS = 40
"""On one page; a day may have hundreds."""
KINDS = 10
"""Of letters that are alike, of one edition."""


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/ahead/", methods=READS)
    @needs(Needs.viewer)
    def show(request: Request, on: str = "", beyond: str = "") -> Response:
        site, now = desk.site, desk.site.calendar()
        skipped = int(beyond) if beyond.isascii() and beyond.isdecimal() and len(beyond) < 9 else 0
        today = to_wall(now, site.zone).date()
        day, seen, titles, problem = today + timedelta(days=1), None, dict[int, str](), ""
        try:
            day = parse_date(on) if on else day
            with site.store.reading() as session:
                seen = ahead(session, day, now=now, zone=site.zone, rules=site.rules, beyond=skipped, most=EDITIONS)
                titles = series.titles(session)
        except BadValue as error:
            problem = str(error)
        answer = desk.page(
            request,
            "ahead.html",
            status=422 if problem else 200,
            day=day,
            before=None if day <= today else day - timedelta(days=1),
            after=day + timedelta(days=1),
            seen=seen,
            titles=titles,
            beyond=skipped + EDITIONS,
            said=coming_letter.said,
            kinds=KINDS,
            problem=problem,
            now=now,
            zone=site.zone,
        )
        if seen and seen.crowd.anew:
            # Not before: a million readers take seconds, and nobody waits for them.
            answer.background = BackgroundTask(count_anew, site.store, site.moment())
        return answer

    return router
