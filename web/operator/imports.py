"""/operator/readers/imports/: lists of readers that are sent here, and what becomes of them line by line.

And of addresses that get nothing, whose lists go the same way.
"""

import csv
import io
from collections.abc import Iterator

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from db import uploads
from db.states import UPLOADS_UNDER_WAY, UploadKind, UploadState
from db.tables import Upload as UploadRow
from scheduler.steer import By
from scheduler.uploads import receive
from web.auth.needs import Needs, needs
from web.operator.desk import HEADERS, Desk, person_of
from web.pages import READS, not_found
from web.uploads import Upload

_LISTED = 30
_REFUSALS = 100
_PAGE = 1_000
_OPEN = (UploadState.arriving, *UPLOADS_UNDER_WAY)


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/imports/", methods=READS)
    @needs(Needs.editor)
    def show(request: Request) -> Response:
        return _list(desk, request)

    @router.post("/imports/send")
    @needs(Needs.editor)
    def send(request: Request, sent: Upload) -> Response:
        try:
            what = UploadKind(sent.fields.get("what", ""))
        except ValueError:
            what = UploadKind.readers
        if sent.file is None:
            return _list(desk, request, status=422, problem="no_file")
        by = By(person_of(request).email, desk.site.machine())
        skip = bool(sent.fields.get("skip"))
        made = receive(desk.site.store, sent.file, what, name=sent.name, skip_refused=skip, by=by)
        return desk.go(f"imports/{made}/")

    @router.api_route("/imports/{upload}/", methods=READS)
    @needs(Needs.editor)
    def one(upload: int, request: Request, after: str = "") -> Response:
        beyond = int(after) if after.isascii() and after.isdecimal() and len(after) < 19 else 0
        row = _found(desk, upload)
        with desk.site.store.reading() as session:
            refusals = uploads.refusals(session, row.id, after=beyond, limit=_REFUSALS + 1)
        return desk.page(
            request,
            "import.html",
            row=row,
            refusals=refusals[:_REFUSALS],
            more=refusals[_REFUSALS - 1].line if len(refusals) > _REFUSALS else None,
            live=row.state in _OPEN,
            zone=desk.site.zone,
        )

    @router.api_route("/imports/{upload}/progress", methods=READS)
    @needs(Needs.editor)
    def progress(upload: int, request: Request) -> Response:
        row = _found(desk, upload)
        if row.state not in _OPEN:
            return Response(status_code=200, headers={**HEADERS, "HX-Refresh": "true"})
        return desk.page(request, "import_progress.html", row=row, live=True)

    @router.api_route("/imports/{upload}/refused.csv", methods=READS)
    @needs(Needs.editor)
    def refused(upload: int) -> Response:
        row = _found(desk, upload)
        named = {"Content-Disposition": f'attachment; filename="refused-{row.id}.csv"'}
        return StreamingResponse(_refused(desk, row.id), media_type="text/csv; charset=utf-8", headers=HEADERS | named)

    @router.post("/imports/{upload}/stop")
    @needs(Needs.editor)
    def stop(upload: int) -> Response:
        row = _found(desk, upload)
        with desk.site.store.writing() as session:
            uploads.stop(session, row.id, now=desk.site.machine())
        return desk.go(f"imports/{row.id}/")

    return router


def _found(desk: Desk, upload_id: int) -> UploadRow:
    with desk.site.store.reading() as session:
        row = uploads.find(session, upload_id) if 0 < upload_id < 2**62 else None
    if row is None:
        raise not_found()
    return row


def _list(desk: Desk, request: Request, *, status: int = 200, problem: str = "") -> Response:
    with desk.site.store.reading() as session:
        rows = uploads.newest(session, UploadKind.readers, limit=_LISTED)
    return desk.page(request, "imports.html", status=status, rows=rows, problem=problem, zone=desk.site.zone)


def _refused(desk: Desk, upload_id: int) -> Iterator[str]:
    """A page at a time: there may be as many lines as the list has."""
    yield _csv([("line", "email", "problem")])
    last = 0
    while True:
        with desk.site.store.reading() as session:
            page = uploads.refusals(session, upload_id, after=last, limit=_PAGE)
        if not page:
            return
        yield _csv([(row.line, harmless(row.address), harmless(row.problem)) for row in page])
        last = page[-1].line


def _csv(rows: list[tuple[object, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def harmless(words: str) -> str:
    """A spreadsheet would compute what begins like this, and these are a stranger's words."""
    return f"'{words}" if words.startswith(("=", "+", "-", "@", "\t", "\r")) else words
