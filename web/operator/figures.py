"""/operator/figures/: how it goes, day by day, as plots and as tables."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from fastapi import APIRouter, Request, Response

from db.states import FeedAnswer
from scheduler import going
from web.auth.needs import Needs, needs
from web.operator.desk import Desk
from web.operator.plot import Plot
from web.pages import READS

SPANS = (14, 30, 90)
_LETTERS = ("sent", "in_doubt", "soft", "hard")
_BOUNCES = ("hard", "soft", "complaint", "refused")


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/figures/", methods=READS)
    @needs(Needs.viewer)
    def show(request: Request, days: str = "") -> Response:
        count = int(days) if days in map(str, SPANS) else SPANS[1]
        span = going.last_days(desk.site.calendar(), desk.site.zone, count=count)
        with desk.site.store.reading() as session:
            growth = going.growth(session, span)
            letters = going.letters(session, span)
            bounces = going.bounces(session, span)
            late = going.lateness(session, span)
            asked = going.feed_requests(session, span)
        return desk.page(
            request,
            "figures.html",
            days=count,
            spans=SPANS,
            zone=desk.site.zone,
            readers=Plot(span.days, ("readers",), [(one.readers,) for one in growth]),
            moved=Plot(
                span.days, ("joined", "left", "suppressed"), [(one.joined, one.left, one.suppressed) for one in growth]
            ),
            letters=_plot(span.days, _LETTERS, letters),
            bounces=_plot(span.days, _BOUNCES, bounces),
            asked=_plot(span.days, list(FeedAnswer), asked),
            lateness=Plot(span.days, ("median", "worst"), [(one.median, one.worst) for one in late]),
        )

    return router


def _plot(days: Sequence[date], kinds: Sequence[str], counts: Mapping[date, Counter[str]]) -> Plot:
    return Plot(days, kinds, [[counts[day][kind] for kind in kinds] for day in days])
