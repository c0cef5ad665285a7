"""/operator/: what goes out, what is late, what is held."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from db import agenda, deliveries, editions, series
from db.states import EditionState
from db.tables import Edition
from web.auth.needs import Needs, needs
from web.operator.desk import Desk
from web.pages import READS

AHEAD = timedelta(days=7)
BACK = timedelta(days=2)
_MOST = 50


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/", methods=READS)
    @needs(Needs.viewer)
    def show(request: Request) -> Response:
        now = desk.site.calendar()
        with desk.site.store.reading() as session:
            values: dict[str, Any] = {
                "late": agenda.late(session, now),
                "coming": agenda.coming(session, now, now + AHEAD, limit=_MOST),
                "out": agenda.lately(session, now - BACK, limit=_MOST),
                "held": agenda.held(session, now),
                "any_series": bool(agenda.kept_series(session)),
                "titles": series.titles(session),
            }
            moving = _moving(session)
            counts = deliveries.counts_of(session, [one.id for one in moving])
        return desk.page(request, "today.html", now=now, zone=desk.site.zone, editions=moving, counts=counts, **values)

    return router


def _moving(session: Session) -> list[Edition]:
    """Editions that go out, are about to, or were stopped on the way."""
    states = (EditionState.sending, EditionState.due, EditionState.paused)
    return [one for state in states for one in editions.page(session, state=state, limit=10)]
