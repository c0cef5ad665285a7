"""/operator/schedule/: all plans, as a calendar of a month and as a list."""

from datetime import datetime
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from db import agenda
from db import series as all_series
from scheduler.edit import cadence_of
from timing.offsets import observances
from timing.wall import to_wall
from web.auth.needs import Needs, needs
from web.operator.desk import Desk
from web.operator.month import closed_days, month_named, month_of, span
from web.operator.toast import toast_of
from web.pages import READS


class ClockChange(NamedTuple):
    """Clocks of a zone change at a wall time, forward or back."""

    zone: str
    wall: datetime
    forward: bool


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/schedule/", methods=READS)
    @needs(Needs.viewer)
    def show(request: Request, month: str = "", series: str = "", done: str = "") -> Response:
        now = desk.site.calendar()
        today = to_wall(now, desk.site.zone).date()
        first = month_named(month) or today.replace(day=1)
        with desk.site.store.reading() as session:
            chosen = all_series.by_slug(session, series) if series else None
            begin, end = span(first)
            found = agenda.between(session, begin, end, series_id=chosen.id if chosen else None)
            every = agenda.kept_series(session)
            toast = toast_of(session, done)
        closed = closed_days(cadence_of(chosen), first) if chosen else {}
        zones = sorted({chosen.zone} if chosen else {one.zone for one in every})
        return desk.page(
            request,
            "schedule.html",
            month=month_of(first, found, today=today, closed=closed),
            appointments=[one for one in found if one.wall.date().replace(day=1) == first],
            every=every,
            chosen=chosen,
            now=now,
            zones=zones,
            changes=[change for zone in zones for change in _clock_changes(zone, begin, end)],
            toast=toast,
        )

    return router


def _clock_changes(zone: str, begin: datetime, end: datetime) -> list[ClockChange]:
    """When the clocks of a zone change in a span of its wall time."""
    found = [change for year in {begin.year, end.year} for change in observances(zone, year)[1:]]
    return [
        ClockChange(zone, change.wall, change.after > change.before) for change in found if begin <= change.wall < end
    ]
