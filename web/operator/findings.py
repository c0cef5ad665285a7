"""/operator/findings/: what lint finds in the plans, each with its place and with what mends it."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from db import agenda
from db import series as all_series
from db.errors import BadValue
from db.said import say
from scheduler.lint import Finding
from scheduler.series_settings import Settings, apply
from web.auth.needs import Needs, needs
from web.forms import Fields
from web.operator.desk import Desk, person_of
from web.operator.inspector import Findings
from web.operator.live import looked_at
from web.operator.mends import Mend, mends_of, quietable
from web.pages import READS


@dataclass(frozen=True)
class Row:
    """A finding as a list shows it; `number` is its own among all, by which other parts of a page lead to it."""

    number: int
    finding: Finding
    title: str
    mends: tuple[Mend, ...]
    quietable: bool

    @property
    def month(self) -> str:
        """The month that its place lies in, such as 2026-03; "" for one without a day."""
        return self.finding.place[:7] if self.finding.place[:4].isdecimal() and self.finding.place[4:5] == "-" else ""


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/findings/", methods=READS)
    @needs(Needs.viewer)
    def show(request: Request, series: str = "") -> Response:
        with desk.site.store.reading() as session:
            chosen = all_series.by_slug(session, series) if series else None
            every = agenda.kept_series(session)
            found = looked_at(desk, session).findings
        titles = {one.slug: one.title for one in every}
        listed = rows(found, titles, series=chosen.slug if chosen else None)
        return desk.page(request, "findings.html", every=every, chosen=chosen, rows=listed)

    @router.api_route("/findings/part", methods=READS)
    @needs(Needs.viewer)
    def part(request: Request) -> Response:
        """For a page that does not wait for them itself."""
        with desk.site.store.reading() as session:
            found = looked_at(desk, session).findings
            titles = {one.slug: one.title for one in agenda.kept_series(session)}
        listed = rows(found, titles)
        return desk.part(request, "findings_part.html", heading=say("What lint found"), back=desk.root, rows=listed)

    @router.post("/plan/{series}/quiet")
    @needs(Needs.editor)
    def quiet(series: str, request: Request, form: Fields) -> Response:
        rule = form.get("rule", "")
        try:
            with desk.site.store.writing() as session:
                row = all_series.by_slug(session, series)
                settings = Settings(series, {"lint_off": [rule]})
                actor, now = person_of(request).email, desk.site.calendar()
                apply(session, settings, zone=row.zone, language=row.language, actor=actor, now=now, create=False)
        except BadValue as error:
            return desk.page(request, "notice.html", status=422, title=say("That cannot be"), message=str(error))
        desk.inspector.forget()
        return desk.go_to(form.get("back") or f"{desk.root}findings/")

    return router


def rows(findings: Findings, titles: dict[str, str], *, series: str | None = None) -> list[Row]:
    """Those of one series or of all, but for series that are retired."""
    return [
        Row(number, one, titles[one.series], tuple(mends_of(one)), quietable(one))
        for number, one in findings.of(series)
        if one.series in titles
    ]
