"""/operator/posts/: all posts over all series, the ones whose words changed last first."""

from fastapi import APIRouter, Request, Response

from db import series as all_series
from db import shelf
from db.shelf import Shown, Sought
from web.auth.needs import Needs, needs
from web.operator.desk import Desk
from web.pages import READS

_ON_A_PAGE = 50
_LONGEST = 200


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/posts/", methods=READS)
    @needs(Needs.viewer)
    def show(
        request: Request, series: str = "", state: str = "", q: str = "", below: str = "", took: str = ""
    ) -> Response:
        kind = Shown(state) if state in list(Shown) else None
        asked = q.replace("\0", "")[:_LONGEST].strip()
        with desk.site.store.reading() as session:
            every = all_series.all_series(session)
            chosen = next((one for one in every if one.slug == series), None)
            sought = Sought(chosen.id if chosen else None, kind, asked)
            found = shelf.page(session, sought, limit=_ON_A_PAGE + 1, below=_number(below))
            counts = shelf.counts(session, sought.series_id)
        return desk.page(
            request,
            "posts/list.html",
            posts=found[:_ON_A_PAGE],
            more=found[_ON_A_PAGE - 1].place if len(found) > _ON_A_PAGE else None,
            later=bool(_number(below)),
            every=every,
            chosen=chosen,
            state=kind or "",
            counts=counts,
            q=asked,
            took=_number(took),
            now=desk.site.calendar(),
        )

    return router


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
