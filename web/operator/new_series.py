"""/operator/series/new: a series set up by one form."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from db import audit, plans
from db import series as all_series
from db.errors import BadValue
from db.said import say
from scheduler.series_settings import Settings, apply
from text.addresses import slugify
from timing.wall import to_wall
from web.auth.needs import Needs, needs
from web.choosing import offered
from web.forms import Fields
from web.operator.desk import Desk, person_of
from web.operator.slots import read
from web.pages import READS

_LONGEST_TITLE = 300


@dataclass(frozen=True)
class Wanted:
    """What a form says of a series that is to be."""

    title: str
    slug: str
    zone: str
    language: str
    words: str

    @classmethod
    def of(cls, form: Fields, *, zone: str, language: str) -> "Wanted":
        title = " ".join(form.get("title", "").split())
        slug = form.get("slug", "").strip() or (slugify(title) if title else "")
        said = {name: form.get(name, "").strip() for name in ("zone", "language", "words")}
        return cls(title, slug, said["zone"] or zone, said["language"] or language, said["words"])


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()
    site = desk.site

    @router.api_route("/series/new", methods=READS)
    @needs(Needs.editor)
    def ask(request: Request) -> Response:
        today = to_wall(site.calendar(), site.zone).date()
        usual = f"weekdays at 07:00 from {today.day} {today:%B %Y}"
        return _form(desk, request, Wanted("", "", site.zone, site.language, usual))

    @router.post("/series/new")
    @needs(Needs.editor)
    def make(request: Request, form: Fields) -> Response:
        wanted = Wanted.of(form, zone=site.zone, language=site.language)
        if form.get("look"):
            return _form(desk, request, wanted)
        try:
            with site.store.writing() as session:
                _make(session, wanted, actor=person_of(request).email, now=site.calendar())
        except BadValue as error:
            return _form(desk, request, wanted, problem=str(error))
        return desk.go(f"plan/{wanted.slug}/")

    return router


def _make(session: Session, wanted: Wanted, *, actor: str, now: datetime) -> None:
    """Raises BadValue."""
    if not wanted.title or len(wanted.title) > _LONGEST_TITLE or not wanted.title.isprintable():
        raise BadValue(say("a title of 1 to %(most)s plain characters is needed: readers see it", most=_LONGEST_TITLE))
    values = {"title": wanted.title, "zone": wanted.zone, "language": wanted.language}
    reading = read(wanted.words, wanted.zone, now=now)
    cadence: dict[str, Any] = reading.cadence.to_json() if reading else {}
    settings = Settings(wanted.slug, values, cadence)
    apply(session, settings, zone=wanted.zone, language=wanted.language, actor=actor, now=now, create=True)
    series = all_series.by_slug(session, wanted.slug)
    # Below the plan's history, of which this is the beginning and which cannot be taken back.
    audit.note(session, who=actor, action="set up", subject=plans.subject(series.id), at=now)


def _form(desk: Desk, request: Request, wanted: Wanted, *, problem: str = "") -> Response:
    try:
        reading, unread = read(wanted.words, wanted.zone, now=desk.site.calendar()), ""
    except BadValue as error:
        reading, unread = None, str(error)
    return desk.page(
        request,
        "new_series.html",
        status=422 if problem else 200,
        wanted=wanted,
        reading=reading,
        unread="" if unread == problem else unread,
        problem=problem,
        offered=offered(desk.site.language),
    )
