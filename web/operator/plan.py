"""/operator/plan/{series}/: the plan of one series, and each of its posts with what can be done to it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from db import plans
from db import series as all_series
from db.errors import BadValue, PostNotFound
from db.tables import Audit, Series
from scheduler.cadence import cadence_said
from scheduler.edit import PlanChanged, Proposal, apply_unseen, cadence_of, load, redoing, stacks, undoing
from scheduler.edit.history import can_walk, summary
from scheduler.plan import Placed, Plan
from timing.wall import to_wall
from web.auth.needs import Needs, by_itself, needs
from web.forms import Fields
from web.operator.desk import Desk, person_of
from web.operator.findings import rows
from web.operator.live import LOOKED, Shown, looked_at, news, shown
from web.operator.preview import number_in
from web.operator.toast import toast_of, with_done
from web.pages import READS

_HISTORY = 20


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/plan/{series}/", methods=READS)
    @needs(Needs.viewer)
    def show(series: str, request: Request, done: str = "") -> Response:
        return _page(desk, request, series, toast=bool(done))

    @router.api_route("/plan/{series}/live", methods=READS)
    @needs(Needs.viewer)
    @by_itself
    def live(series: str, request: Request, since: str = "") -> Response:
        with desk.site.store.reading() as session:
            row = all_series.by_slug(session, series)
            if since == str(shown(desk, session)) and since.endswith(LOOKED):
                return Response(status_code=204)
            values = _values(desk, session, row, looked_at(desk, session))
            told = [one for one in news(session, since, me=person_of(request).email) if one.about == row.title]
        return desk.page(request, "plan_live.html", news=told, **values)

    @router.api_route("/plan/{series}/{slug}/", methods=READS)
    @needs(Needs.viewer)
    def post(series: str, slug: str, request: Request, back: str = "") -> Response:
        with desk.site.store.reading() as session:
            row = all_series.by_slug(session, series)
            values = _about(session, row, slug)
        where = desk.own(back or f"{desk.root}plan/{series}/")
        return desk.part(request, "panel.html", heading=values["post"].label, back=where, **values)

    @router.post("/plan/{series}/undo")
    @needs(Needs.editor)
    def undo(series: str, request: Request, form: Fields) -> Response:
        return _walk(desk, request, series, form, undoing(1))

    @router.post("/plan/{series}/redo")
    @needs(Needs.editor)
    def redo(series: str, request: Request, form: Fields) -> Response:
        return _walk(desk, request, series, form, redoing(1))

    return router


def _about(session: Session, series: Series, slug: str) -> dict[str, Any]:
    """What the page of a post shows. Raises PostNotFound."""
    plan = load(session, series)
    post = next((one for one in plan.posts if one.slug == slug), None)
    if post is None:
        raise PostNotFound(series.slug, slug)
    return {"series": series, "post": post, "plan": plan, "others": [one for one in plan.waiting if one != post]}


def _page(
    desk: Desk, request: Request, slug: str, *, status: int = 200, problem: str = "", toast: bool = False
) -> Response:
    with desk.site.store.reading() as session:
        series = all_series.by_slug(session, slug)
        values = _values(desk, session, series, shown(desk, session))
        toast_shown = toast_of(session, slug) if toast else None
    return desk.page(request, "plan.html", status=status, problem=problem, toast=toast_shown, **values)


def _values(desk: Desk, session: Session, series: Series, state: Shown) -> dict[str, Any]:
    """All that a plan's page shows of it."""
    plan, today = load(session, series), to_wall(desk.site.calendar(), series.zone)
    return {
        "series": series,
        "home": f"{desk.root}plan/{series.slug}/",
        "plan": plan,
        "cadence": cadence_of(series),
        "rhythm": cadence_said(cadence_of(series)),
        "today": today,
        "overdue": _overdue(plan, now=today),
        "state": state,
        "rows": rows(state.findings, {series.slug: series.title}, series=series.slug),
        "on_posts": state.findings.by_post(),
        **_history(series, plans.history(session, series.id)),
    }


def _overdue(plan: Plan, *, now: datetime) -> list[Placed]:
    return [post for post in plan.waiting if post.wall is not None and post.wall <= now]


def _history(series: Series, history: Sequence[Audit]) -> dict[str, Any]:
    """The newest lines, and whether the last edit can be taken back or done again."""
    found = stacks(history)
    return {
        "history": [summary(record) for record in reversed(history)][:_HISTORY],
        "can_undo": bool(found.done) and can_walk(found.done[-1], series),
        "can_redo": bool(found.undone) and can_walk(found.undone[-1], series),
    }


def _walk(desk: Desk, request: Request, slug: str, form: Fields, proposal: Proposal) -> Response:
    """Take an edit back, or do it again, over the version that the page showed."""
    version = number_in(form, "version")
    try:
        with desk.site.store.writing() as session:
            series = all_series.by_slug(session, slug)
            actor, now = person_of(request).email, desk.site.calendar()
            apply_unseen(session, series, proposal, version=version, actor=actor, now=now)
    except PlanChanged as error:
        return _page(desk, request, slug, status=409, problem=str(error))
    except BadValue as error:
        return _page(desk, request, slug, status=422, problem=str(error))
    return desk.go_to(with_done(form.get("back") or f"{desk.root}plan/{slug}/", slug))
