"""/operator/editions/: what goes out now, what comes next, what went."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from db import editions, series, tallies
from db.states import EditionState
from db.tables import Edition
from scheduler.progress import Progress, progress_of
from web.auth.needs import Needs, needs
from web.operator.desk import HEADERS, Desk
from web.operator.plot import shares
from web.operator.tallies import shown
from web.pages import READS

_MOVING = (EditionState.sending, EditionState.due, EditionState.paused)
_OVER = (EditionState.finished, EditionState.cancelled)
_MOST_MOVING = 10
_MOST_OVER = 30
_COMING = 10


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/editions/", methods=READS)
    @needs(Needs.viewer)
    def show(request: Request, singles: str = "") -> Response:
        with desk.site.store.reading() as session:
            values = _now(desk, session)
            over = [
                one
                for state in _OVER
                for one in editions.page(session, state=state, limit=_MOST_OVER, singles=bool(singles))
            ]
            over = sorted(over, key=lambda one: (one.moment, one.id), reverse=True)[:_MOST_OVER]
            counts = {one: shown(found) for one, found in tallies.of(session, over).items()}
            hours = editions.next_hours(session, limit=_COMING)
            coming = [(one, editions.readers_at(session, one.zone, one.hour)) for one in hours]
        return desk.page(
            request,
            "editions.html",
            over=over,
            counts=counts,
            coming=coming,
            singles=bool(singles),
            zone=desk.site.zone,
            **values,
        )

    @router.api_route("/editions/now", methods=READS)
    @needs(Needs.viewer)
    def now(request: Request, shown: str = "") -> Response:
        with desk.site.store.reading() as session:
            values = _now(desk, session)
        if shown != values["stamp"]:
            # Another edition began, or one ended: the whole page is another one.
            return Response(status_code=200, headers={**HEADERS, "HX-Refresh": "true"})
        return desk.page(request, "editions_now.html", zone=desk.site.zone, **values)

    return router


def _now(desk: Desk, session: Session) -> dict[str, Any]:
    """What is on its way. `stamp` says which editions these are, and how each is."""
    moving = [one for state in _MOVING for one in editions.page(session, state=state, limit=_MOST_MOVING)]
    progress = [(one, seen(progress_of(session, one, now=desk.site.machine()))) for one in moving]
    titles = series.titles(session)
    return {"moving": progress, "stamp": _stamp(moving), "live": bool(moving), "titles": titles}


def _stamp(moving: Sequence[Edition]) -> str:
    return ".".join(f"{one.id}{one.state}" for one in moving)


def seen(progress: Progress) -> dict[str, Any]:
    """How far an edition is, with the shares of its bar."""
    counts = shown(dict(progress.letters))
    ahead = max(0, progress.ahead - counts["waiting"])
    parts = ("sent", "in_doubt", "soft", "hard")
    widths = shares([*(counts[name] for name in parts), counts["waiting"] + ahead])
    return {
        "progress": progress,
        "counts": counts,
        "ahead": ahead,
        "planned": sum(counts.values()) - counts["superseded"] + ahead,
        "bar": list(zip((*parts, "waiting"), widths, strict=True)),
    }
