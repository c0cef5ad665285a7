"""/operator/audit/: who did what, the newest first."""

from fastapi import APIRouter, Request, Response

from db import audit
from db import series as all_series
from db.said import say
from db.states import Role
from web.auth.needs import Needs, needs
from web.operator.deeds import told
from web.operator.desk import Desk, person_of
from web.pages import READS

_ON_A_PAGE = 100


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/audit/", methods=READS)
    @needs(Needs.viewer)
    def show(request: Request, who: str = "", about: str = "", before: str = "") -> Response:
        below = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
        chosen = about if about in _ABOUT else ""
        with desk.site.store.reading() as session:
            rows = audit.newest(session, limit=_ON_A_PAGE + 1, before=below, who=who.replace("\0", ""), subject=chosen)
            actors = audit.actors(session)
            names = {row.id: row.title for row in all_series.all_series(session)}
        more = rows[_ON_A_PAGE - 1].id if len(rows) > _ON_A_PAGE else None
        may_see = person_of(request).role.covers(Role.editor)
        deeds = [told(row, names, names_readers=may_see) for row in rows[:_ON_A_PAGE]]
        return desk.page(
            request, "audit.html", deeds=deeds, actors=actors, who=who, about=chosen, kinds=_ABOUT, more=more
        )

    return router


_ABOUT = {
    "series:": say("Plans"),
    "post:": say("Posts"),
    "edition:": say("Editions"),
    "subscriber:": say("Readers"),
    "address:": say("Suppressions"),
    "operator": say("Operators"),
}
