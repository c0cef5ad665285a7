"""/operator/ahead/: what happens on a day to come."""

from datetime import timedelta

from fastapi import APIRouter, Request, Response

from db.errors import BadValue
from scheduler.ahead import ahead
from scheduler.cadence.dates import parse_date
from timing.wall import to_wall
from web.auth.needs import Needs, needs
from web.operator.desk import Desk
from web.pages import READS


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/ahead/", methods=READS)
    @needs(Needs.viewer)
    def show(request: Request, on: str = "") -> Response:
        site, now = desk.site, desk.site.calendar()
        today = to_wall(now, site.zone).date()
        day, seen, problem = today + timedelta(days=1), None, ""
        try:
            day = parse_date(on) if on else day
            with site.store.reading() as session:
                seen = ahead(session, day, now=now, zone=site.zone, rules=site.rules)
        except BadValue as error:
            problem = str(error)
        return desk.page(
            request,
            "ahead.html",
            status=422 if problem else 200,
            day=day,
            before=None if day <= today else day - timedelta(days=1),
            after=day + timedelta(days=1),
            seen=seen,
            problem=problem,
            zone=site.zone,
        )

    return router
