"""What an edit would do, shown before it is done; then done over just what was shown."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from db import plans
from db import series as all_series
from db.errors import BadValue
from db.said import say
from db.tables import Series
from scheduler.edit import LetGo, PlanChanged, Preview, Proposal, apply, proposing
from scheduler.edit.history import summary
from scheduler.release import release_overdue
from timing.wall import to_wall
from web.auth.needs import Needs, needs
from web.forms import Fields
from web.operator.desk import Desk, person_of
from web.operator.edits import FIELDS, Asked, edit_of
from web.operator.toast import with_done
from web.operator.told import diff_lines, sum_of


@dataclass(frozen=True)
class Thought:
    """An edit thought through over a version of a series; `seen` is the newest line of its history by then."""

    series: Series
    proposal: Proposal
    preview: Preview
    seen: int


class Overtaken(NamedTuple):
    """Why a change was not made that had been shown: what others did since, and the words for it."""

    problem: str
    deeds: list[dict[str, Any]]


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
            return _preview(desk, request, series, form, overtaken=_overtaken(desk, series, form, error))
        except BadValue as error:
            return _refused(desk, request, series, form, str(error))
        return desk.go_to(with_done(desk.own(form.get("back") or f"{desk.root}plan/{series}/"), series))

    return router


def _apply(desk: Desk, session: Session, slug: str, form: Fields, *, actor: str) -> None:
    series = all_series.by_slug(session, slug)
    now = desk.site.calendar()
    edit = edit_of(Asked(form, series.hour, to_wall(now, series.zone)))
    version = number_in(form, "version")
    apply(session, series.id, proposing(edit), version=version, hash=form.get("hash", ""), actor=actor, now=now)
    if isinstance(edit, LetGo):
        # Else the clock would hold it again for being so late.
        release_overdue(session, series, now=now)


def number_in(form: Fields, name: str) -> int:
    """A number that a page of ours has put into its form; -1 when it is none."""
    said = form.get(name, "")
    return int(said) if said.isdecimal() and said.isascii() and len(said) < 18 else -1


def _overtaken(desk: Desk, slug: str, form: Fields, error: PlanChanged) -> Overtaken:
    """Of a preview that says what it has seen, all that was done since, the newest first."""
    with desk.site.store.reading() as session:
        history = plans.history(session, all_series.by_slug(session, slug).id)
    seen = number_in(form, "seen")
    since = [record for record in history if record.id > seen] if seen >= 0 else []
    return Overtaken(str(error), [summary(record) for record in reversed(since)])


def _preview(desk: Desk, request: Request, slug: str, form: Fields, *, overtaken: Overtaken | None = None) -> Response:
    try:
        with desk.site.store.reading() as session:
            thought = _thought(desk, session, slug, form)
    except BadValue as error:
        return _refused(desk, request, slug, form, str(error), overtaken)
    diff = thought.preview.diff
    return desk.part(
        request,
        "preview.html",
        heading=thought.preview.words,
        status=409 if overtaken else 200,
        series=thought.series,
        seen=thought.seen,
        thought=thought.preview,
        lines=diff_lines(diff),
        total=sum_of(diff),
        fields=_handed_on(form),
        back=_back(desk, slug, form),
        overtaken=overtaken,
    )


def _thought(desk: Desk, session: Session, slug: str, form: Fields) -> Thought:
    series = all_series.by_slug(session, slug)
    now = desk.site.calendar()
    proposal = proposing(edit_of(Asked(form, series.hour, to_wall(now, series.zone))))
    seen = plans.last_deed(session, series.id)
    return Thought(series, proposal, proposal(session, series, now), seen)


def _refused(
    desk: Desk, request: Request, slug: str, form: Fields, problem: str, overtaken: Overtaken | None = None
) -> Response:
    with desk.site.store.reading() as session:
        series = all_series.by_slug(session, slug)
    back = _back(desk, slug, form)
    return desk.part(
        request,
        "refused.html",
        heading=say("That cannot be"),
        status=422,
        series=series,
        back=back,
        fields=_handed_on(form),
        problem=problem,
        overtaken=overtaken,
    )


def _both(problem: str, error: str) -> str:
    return say("%(problem)s %(error)s", problem=problem, error=error) if problem else error


def _kept(error: PlanChanged) -> str:
    return say("%(error)s. Here is the plan as it is now, and your edit over it. Nothing was done.", error=str(error))


def _handed_on(form: Fields) -> dict[str, str]:
    return {name: form[name] for name in FIELDS if name in form}


def _back(desk: Desk, slug: str, form: Fields) -> str:
    return desk.own(form.get("back") or f"{desk.root}plan/{slug}/")
