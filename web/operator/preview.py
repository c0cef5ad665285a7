"""What an edit would do, shown before it is done; then done over just what was shown."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from db import series as all_series
from db.errors import BadValue
from db.said import say
from db.tables import Series
from scheduler.edit import PlanChanged, Preview, Proposal, apply, proposing
from timing.wall import to_wall
from web.auth.needs import Needs, needs
from web.forms import Fields
from web.operator.desk import Desk, person_of
from web.operator.edits import FIELDS, Asked, edit_of
from web.operator.told import diff_lines, sum_of


@dataclass(frozen=True)
class Thought:
    """An edit thought through over a version of a series."""

    series: Series
    proposal: Proposal
    preview: Preview


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.post("/plan/{series}/preview")
    @needs(Needs.editor)
    def preview(series: str, request: Request, form: Fields) -> Response:
        return _preview(desk, request, series, form)

    @router.post("/plan/{series}/apply")
    @needs(Needs.editor)
    def do(series: str, request: Request, form: Fields) -> Response:
        try:
            with desk.site.store.writing() as session:
                _apply(desk, session, series, form, actor=person_of(request).email)
        except PlanChanged as error:
            return _preview(desk, request, series, form, status=409, problem=_kept(error))
        except BadValue as error:
            return _refused(desk, request, series, form, str(error))
        back = desk.own(form.get("back") or f"{desk.root}plan/{series}/")
        return desk.go_to(f"{back}{'&' if '?' in back else '?'}done={series}")

    return router


def _apply(desk: Desk, session: Session, slug: str, form: Fields, *, actor: str) -> None:
    series = all_series.by_slug(session, slug)
    now = desk.site.calendar()
    edit = edit_of(Asked(form, series.hour, to_wall(now, series.zone)))
    version = int(form["version"]) if form.get("version", "").isdecimal() else -1
    apply(session, series.id, proposing(edit), version=version, hash=form.get("hash", ""), actor=actor, now=now)


def _preview(
    desk: Desk, request: Request, slug: str, form: Fields, *, status: int = 200, problem: str = ""
) -> Response:
    try:
        with desk.site.store.reading() as session:
            thought = _thought(desk, session, slug, form)
    except BadValue as error:
        return _refused(desk, request, slug, form, _both(problem, str(error)))
    diff = thought.preview.diff
    return desk.part(
        request,
        "preview.html",
        heading=thought.preview.words,
        status=status,
        series=thought.series,
        thought=thought.preview,
        lines=diff_lines(diff),
        total=sum_of(diff),
        fields=_handed_on(form),
        back=_back(desk, slug, form),
        problem=problem,
    )


def _thought(desk: Desk, session: Session, slug: str, form: Fields) -> Thought:
    series = all_series.by_slug(session, slug)
    now = desk.site.calendar()
    proposal = proposing(edit_of(Asked(form, series.hour, to_wall(now, series.zone))))
    return Thought(series, proposal, proposal(session, series, now))


def _refused(desk: Desk, request: Request, slug: str, form: Fields, problem: str) -> Response:
    with desk.site.store.reading() as session:
        series = all_series.by_slug(session, slug)
    back = _back(desk, slug, form)
    words = {"heading": say("That cannot be"), "problem": problem}
    return desk.part(request, "refused.html", status=422, series=series, back=back, fields=_handed_on(form), **words)


def _both(problem: str, error: str) -> str:
    return say("%(problem)s %(error)s", problem=problem, error=error) if problem else error


def _kept(error: PlanChanged) -> str:
    return say("%(error)s. Here is the plan as it is now, and your edit over it. Nothing was done.", error=str(error))


def _handed_on(form: Fields) -> dict[str, str]:
    return {name: form[name] for name in FIELDS if name in form}


def _back(desk: Desk, slug: str, form: Fields) -> str:
    return desk.own(form.get("back") or f"{desk.root}plan/{slug}/")
