"""/operator/settings/series/{series}/: what is said of a series; its zone and rhythm are edits of its plan."""

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from db import audit, plans
from db import series as all_series
from db.errors import BadValue
from db.said import say
from db.states import MissedPolicy
from db.tables import Series
from scheduler.edit import cadence_of
from scheduler.lint import RULES
from scheduler.series_settings import Settings, apply
from web.auth.needs import Needs, needs
from web.choosing import offered
from web.forms import Form, form
from web.operator.desk import Desk, person_of
from web.pages import READS

_WORDS = ("title", "subtitle", "summary", "author", "language", "at", "missed")
_ANNOUNCED = ("announced_count", "announced_from", "announced_until")
_LONGEST = {"title": 300, "subtitle": 300, "author": 300, "language": 35, "summary": 5000}


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/settings/series/{series}/", methods=READS)
    @needs(Needs.editor)
    def ask(series: str, request: Request, done: str = "") -> Response:
        with desk.site.store.reading() as session:
            row = all_series.by_slug(session, series)
        return _page(desk, request, row, _as_it_is(row), done=bool(done))

    @router.post("/settings/series/{series}/")
    @needs(Needs.editor)
    def change(series: str, request: Request, sent: Form = Depends(form)) -> Response:  # noqa: B008 - FastAPI's own way
        values = _said(sent)
        actor, now = person_of(request).email, desk.site.calendar()
        try:
            _check(values)
            with desk.site.store.writing() as session:
                row = all_series.by_slug(session, series)
                settings = Settings(series, {**values, "lint": {"off": values["off"], "buffer": values["buffer"]}})
                apply(session, settings, zone=row.zone, language=row.language, actor=actor, now=now, create=False)
                subject = plans.subject(row.id)
                audit.note(session, who=actor, action="settings", subject=subject, at=now)
        except BadValue as error:
            with desk.site.store.reading() as session:
                row = all_series.by_slug(session, series)
            return _page(desk, request, row, values, problem=str(error))
        desk.inspector.forget()
        return desk.go(f"settings/series/{series}/?done=1")

    return router


def _as_it_is(series: Series) -> dict[str, Any]:
    lint = series.lint or {}
    return {
        **{name: getattr(series, name) or "" for name in (*_WORDS, *_ANNOUNCED) if name != "at"},
        "at": series.hour,
        "announces": series.announces,
        "buffer": str(lint.get("buffer", 0)),
        "off": list(lint.get("off", ())),
    }


def _said(sent: Form) -> dict[str, Any]:
    return {
        **{name: sent.one(name) for name in (*_WORDS, *_ANNOUNCED)},
        "announces": sent.has("announces"),
        "buffer": sent.one("buffer") or "0",
        "off": sent.every("off"),
    }


def _check(values: dict[str, Any]) -> None:
    """Raises BadValue for what no reader could be shown."""
    if not values["title"]:
        raise BadValue(say("a title is needed: readers see it"))
    if not values["language"]:
        raise BadValue(say("a language is needed, such as en"))
    for name, most in _LONGEST.items():
        if len(values[name]) > most:
            raise BadValue(say("%(name)s: at most %(most)s characters", name=name, most=most))


def _page(
    desk: Desk, request: Request, series: Series, values: dict[str, Any], *, problem: str = "", done: bool = False
) -> Response:
    return desk.page(
        request,
        "settings_series.html",
        status=422 if problem else 200,
        series=series,
        cadence=cadence_of(series),
        chosen=values,
        policies=list(MissedPolicy),
        rules=list(RULES),
        offered=offered(desk.site.language),
        problem=problem,
        done=done,
    )
