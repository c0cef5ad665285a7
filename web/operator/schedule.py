"""/operator/schedule/: all plans, as a calendar of a month and as a list."""

from datetime import datetime
from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from db import agenda
from db import series as all_series
from scheduler.edit import cadence_of
from timing.offsets import observances
from timing.wall import to_wall
from web.auth.needs import Needs, by_itself, needs
from web.operator.desk import Desk, person_of
from web.operator.findings import rows
from web.operator.inspector import Findings, Numbered
from web.operator.live import LOOKED, Shown, looked_at, news, shown
from web.operator.month import closed_days, month_named, month_of, span
from web.operator.toast import toast_of
from web.pages import READS

MOST_FINDINGS = 30
"""In the list below a month; the page of findings has them all."""


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
        with desk.site.store.reading() as session:
            values = _board(desk, session, month, series, shown(desk, session))
            values |= {"toast": toast_of(session, done), "walk": toast_of(session, series)}
        return desk.page(request, "schedule.html", **values)

    @router.api_route("/schedule/live", methods=READS)
    @needs(Needs.viewer)
    @by_itself
    def live(request: Request, since: str = "", month: str = "", series: str = "") -> Response:
        with desk.site.store.reading() as session:
            if since == str(shown(desk, session)) and since.endswith(LOOKED):
                return Response(status_code=204)
            values = _board(desk, session, month, series, looked_at(desk, session))
            told = news(session, since, me=person_of(request).email)
        return desk.page(request, "schedule_live.html", news=told, **values)

    return router


def _board(desk: Desk, session: Session, month: str, series: str, state: Shown) -> dict[str, Any]:
    """All that the calendar and the lists below it need."""
    now = desk.site.calendar()
    today = to_wall(now, desk.site.zone).date()
    first = month_named(month) or today.replace(day=1)
    chosen = all_series.by_slug(session, series) if series else None
    begin, end = span(first)
    found = agenda.between(session, begin, end, series_id=chosen.id if chosen else None)
    every = agenda.kept_series(session)
    closed = closed_days(cadence_of(chosen), first) if chosen else {}
    zones = sorted({chosen.zone} if chosen else {one.zone for one in every})
    titles = {one.slug: one.title for one in every}
    return {
        "month": month_of(first, found, today=today, closed=closed),
        "appointments": [one for one in found if one.wall.date().replace(day=1) == first],
        "every": every,
        "chosen": chosen,
        "now": now,
        "zones": zones,
        "changes": [change for zone in zones for change in _clock_changes(zone, begin, end)],
        "state": state,
        "board": f"{desk.root}schedule/",
        "rows": rows(state.findings, titles, series=chosen.slug if chosen else None)[:MOST_FINDINGS],
        "on_posts": state.findings.by_post(),
        "on_days": _on_days(state.findings, titles, chosen.slug if chosen else None),
    }


def _on_days(findings: Findings, titles: dict[str, str], only: str | None) -> dict[str, list[tuple[str, Numbered]]]:
    """By day, such as 2026-03-05: the titles of series with what was found there, but for what is about one post."""
    days: dict[str, list[tuple[str, Numbered]]] = {}
    for (series, day), found in findings.by_day().items():
        if series in titles and only in (None, series):
            days.setdefault(day, []).append((titles[series], found))
    return days


def _clock_changes(zone: str, begin: datetime, end: datetime) -> list[ClockChange]:
    """When the clocks of a zone change in a span of its wall time."""
    found = [change for year in {begin.year, end.year} for change in observances(zone, year)[1:]]
    return [
        ClockChange(zone, change.wall, change.after > change.before) for change in found if begin <= change.wall < end
    ]
