"""/operator/settings/: series, site, relays, signing, templates, doctor. What config.yaml says is shown only."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from db import agenda
from db.errors import FascicleError
from db.said import say_in_a_row
from web.auth.needs import Needs, needs
from web.operator.desk import Desk
from web.pages import READS


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()
    household = desk.site.household

    @router.api_route("/settings/", methods=READS)
    @needs(Needs.editor)
    def series(request: Request) -> Response:
        with desk.site.store.reading() as session:
            every = agenda.kept_series(session)
        return desk.page(request, "settings.html", every=every)

    @router.api_route("/settings/site/", methods=READS)
    @needs(Needs.owner)
    def site(request: Request) -> Response:
        return _shown(desk, request, "settings_site.html", {"settings": household.settings})

    @router.api_route("/settings/relays/", methods=READS)
    @needs(Needs.owner)
    def relays(request: Request) -> Response:
        return _relays(desk, request)

    @router.post("/settings/relays/{name}/test")
    @needs(Needs.owner)
    def test(name: str, request: Request) -> Response:
        return _relays(desk, request, {"steps": lambda: household.probe(name)}, tested=name)

    @router.api_route("/settings/signing/", methods=READS)
    @needs(Needs.owner)
    def signing(request: Request) -> Response:
        return _shown(desk, request, "settings_signing.html", {"keys": household.keys})

    @router.post("/settings/signing/")
    @needs(Needs.owner)
    def look_up(request: Request) -> Response:
        looks = {"keys": household.keys, "records": household.records}
        return _shown(desk, request, "settings_signing.html", looks)

    @router.api_route("/settings/templates/", methods=READS)
    @needs(Needs.owner)
    def templates(request: Request) -> Response:
        return _shown(desk, request, "settings_templates.html", {"templates": household.templates})

    @router.post("/settings/templates/")
    @needs(Needs.owner)
    def check(request: Request) -> Response:
        looks = {"templates": household.templates, "mistakes": household.mistakes}
        return _shown(desk, request, "settings_templates.html", looks)

    @router.api_route("/settings/doctor/", methods=READS)
    @needs(Needs.owner)
    def doctor(request: Request) -> Response:
        return _shown(desk, request, "settings_doctor.html", {})

    @router.post("/settings/doctor/")
    @needs(Needs.owner)
    def examine(request: Request) -> Response:
        return _shown(desk, request, "settings_doctor.html", {"ailments": household.doctor})

    return router


Looks = Mapping[str, Callable[[], object]]
"""What a page shows, by its name there, and how that is found out."""


def _relays(desk: Desk, request: Request, more: Looks | None = None, *, tested: str = "") -> Response:
    looks: Looks = {"relays": desk.site.household.relays, **(more or {})}
    return _shown(desk, request, "settings_relays.html", looks, tested=tested)


def _shown(desk: Desk, request: Request, template: str, looks: Looks, **more: object) -> Response:
    """A page with all that could be found out; what could not says why."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name, look in looks.items():
        try:
            values[name] = look()
        except FascicleError as error:
            values[name] = None
            problems.append(str(error))
    status = 422 if problems and request.method == "POST" else 200
    file, folder = desk.site.household.file, desk.site.household.templates_folder
    about = {
        "file": file,
        "folder": folder,
        "looked": request.method == "POST",
        "problem": say_in_a_row(problems) if problems else "",
    }
    return desk.page(request, template, status=status, **{**about, **values, **more})
