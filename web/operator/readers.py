"""/operator/readers/: how many readers there are, and finding one of them."""

from fastapi import APIRouter, Request, Response

from db import finding
from db.states import SubscriberState
from web.auth.needs import Needs, needs
from web.forms import Fields
from web.operator.counted import StateCounts
from web.operator.desk import Desk
from web.pages import READS

ON_A_PAGE = 50
_LONGEST = 320


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()
    counts = StateCounts()

    @router.api_route("/readers/", methods=READS)
    @needs(Needs.viewer)
    def show(request: Request) -> Response:
        return _page(desk, request, counts)

    # By POST: an address in the URL would stand in the logs of every server on the way.
    @router.post("/readers/")
    @needs(Needs.editor)
    def search(request: Request, form: Fields) -> Response:
        return _page(
            desk, request, counts, asked=form.get("address", "").strip()[:_LONGEST], after=form.get("after", "")
        )

    return router


def _page(desk: Desk, request: Request, counts: StateCounts, *, asked: str = "", after: str = "") -> Response:
    now = desk.site.calendar()
    with desk.site.store.reading() as session:
        counted = counts.of(session, now=now)
        found = finding.by_beginning(session, asked, after=after, limit=ON_A_PAGE + 1) if asked else []
    return desk.page(
        request,
        "readers.html",
        counts=[(state.value, counted.states.get(state, 0)) for state in SubscriberState],
        counted_at=counted.at,
        now=now,
        zone=desk.site.zone,
        asked=asked,
        found=found[:ON_A_PAGE],
        more=found[ON_A_PAGE - 1].address_key if len(found) > ON_A_PAGE else "",
    )
