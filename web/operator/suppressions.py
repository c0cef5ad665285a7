"""/operator/suppressions/: the addresses that get nothing, and why."""

import csv
import io
from collections.abc import Iterator

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from db import suppressions, uploads
from db.errors import BadValue, FascicleError
from db.states import SuppressionKind, UploadKind
from importers.suppressions import COLUMNS
from scheduler import joining, suppressing
from scheduler.steer import By
from scheduler.suppression_export import everybody, row_of
from web.auth.needs import Needs, needs
from web.forms import Fields
from web.operator.desk import HEADERS, Desk, person_of
from web.pages import READS

_ON_A_PAGE = 100


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/suppressions/", methods=READS)
    @needs(Needs.editor)
    def show(request: Request, kind: str = "", done: str = "") -> Response:
        return _page(desk, request, kind=kind, done=done)

    @router.post("/suppressions/find")
    @needs(Needs.editor)
    def find(request: Request, form: Fields) -> Response:
        return _page(desk, request, asked=form.get("email", "").strip()[:320])

    @router.post("/suppressions/add")
    @needs(Needs.editor)
    def add(request: Request, form: Fields) -> Response:
        by = _by(desk, request, form)
        try:
            address = joining.checked_address(form.get("email", ""))
            with desk.site.store.writing() as session:
                new = suppressing.add(session, address, desk.site.tokens.fingerprint, by)
        except BadValue as error:
            return _page(desk, request, status=422, problem=str(error))
        return desk.go(f"suppressions/?done={'added' if new else 'there'}")

    @router.post("/suppressions/lift")
    @needs(Needs.editor)
    def lift(request: Request, form: Fields) -> Response:
        by, resume = _by(desk, request, form), bool(form.get("resume"))
        try:
            with desk.site.store.writing() as session:
                suppressing.lift(
                    session, form.get("email", "").strip(), desk.site.tokens.fingerprint, by, resume=resume
                )
        except FascicleError as error:
            return _page(desk, request, status=409, problem=str(error))
        return desk.go(f"suppressions/?done={'resumed' if resume else 'lifted'}")

    # All addresses at once: that is more than doing one's work.
    @router.api_route("/suppressions/export.csv", methods=READS)
    @needs(Needs.owner)
    def export() -> Response:
        named = {"Content-Disposition": 'attachment; filename="suppressions.csv"'}
        return StreamingResponse(_rows(desk), media_type="text/csv; charset=utf-8", headers=HEADERS | named)

    return router


def _by(desk: Desk, request: Request, form: Fields) -> By:
    return By(person_of(request).email, desk.site.machine(), form.get("reason", "").strip()[:500])


def _page(
    desk: Desk,
    request: Request,
    *,
    status: int = 200,
    kind: str = "",
    asked: str = "",
    problem: str = "",
    done: str = "",
) -> Response:
    chosen = SuppressionKind(kind) if kind in list(SuppressionKind) else None
    with desk.site.store.reading() as session:
        if asked:
            row = suppressions.find(session, suppressing.mark_of(asked, desk.site.tokens.fingerprint))
            found = [row] if row else []
        else:
            found = list(suppressions.newest(session, kind=chosen, limit=_ON_A_PAGE + 1))
        lists = uploads.newest(session, UploadKind.suppressions, limit=10)
    return desk.page(
        request,
        "suppressions.html",
        status=status,
        found=found[:_ON_A_PAGE],
        more=len(found) > _ON_A_PAGE,
        kinds=list(SuppressionKind),
        kind=kind if chosen else "",
        asked=asked,
        lists=lists,
        problem=problem,
        done=done,
        zone=desk.site.zone,
    )


def _rows(desk: Desk) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for one in everybody(desk.site.store):
        writer.writerow(row_of(one))
        if text.tell() > 64 * 1024:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()
