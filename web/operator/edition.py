"""/operator/editions/{edition}/: one edition, as it goes; and what operators do with it and its letters."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from db import editions, ledger, series
from db.errors import FascicleError
from db.ledger import Entry, Wanted
from db.states import DeliveryState
from db.tables import Edition
from scheduler import steer
from scheduler.course import course_of
from scheduler.progress import progress_of
from scheduler.steer import By, Step
from web.auth.needs import Needs, needs
from web.forms import Sent
from web.operator.deeds import action_said
from web.operator.desk import HEADERS, Desk, person_of
from web.operator.editions import seen
from web.operator.plot import Plot
from web.pages import READS, not_found

LISTED = 50
_STATES = (DeliveryState.in_doubt, DeliveryState.soft, DeliveryState.hard)
_STEERED = {Step.pause: steer.pause, Step.resume: steer.resume, Step.cancel: steer.cancel, Step.retry: steer.retry}
_DECIDED = {Step.resend: steer.resend, Step.settle: steer.settle, Step.retry: steer.retry_letters}


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/editions/{edition}/", methods=READS)
    @needs(Needs.viewer)
    def show(edition: int, request: Request, state: str = "", after: str = "") -> Response:
        return _page(desk, request, edition, state=state, after=after)

    @router.api_route("/editions/{edition}/progress", methods=READS)
    @needs(Needs.viewer)
    def progress(edition: int, request: Request, state: str = "") -> Response:
        return _part(desk, request, edition, "edition_progress.html", state=state, course=False)

    @router.api_route("/editions/{edition}/course", methods=READS)
    @needs(Needs.viewer)
    def course(edition: int, request: Request, state: str = "") -> Response:
        return _part(desk, request, edition, "edition_course.html", state=state, course=True)

    for step, taken in _STEERED.items():
        router.post(f"/editions/{{edition}}/{step}")(_steering(desk, taken))
    for step, decided in _DECIDED.items():
        router.post(f"/editions/{{edition}}/letters/{step}")(_deciding(desk, decided))
    return router


def _steering(desk: Desk, step: Callable[..., object]) -> Callable[..., Response]:
    @needs(Needs.editor)
    def handle(edition: int, request: Request, form: Sent) -> Response:
        key = _key(desk, edition)
        return _done(desk, request, edition, lambda: step(desk.site.store, key, _by(desk, request, form.one("reason"))))

    return handle


def _deciding(desk: Desk, step: Callable[..., object]) -> Callable[..., Response]:
    @needs(Needs.editor)
    def handle(edition: int, request: Request, form: Sent) -> Response:
        key = _key(desk, edition)
        ids = [int(one) for one in form.every("letter") if one.isascii() and one.isdecimal() and len(one) < 19]
        if not ids:
            return _page(desk, request, edition, status=422, problem="no_letter")
        _all_of(desk, key, ids)
        by = _by(desk, request, form.one("reason"))
        return _done(desk, request, edition, lambda: step(desk.site.store, ids, by))

    return handle


def _all_of(desk: Desk, key: str, ids: list[int]) -> None:
    """A page of one edition decides about its own letters alone."""
    with desk.site.store.reading() as session:
        edition_id = editions.by_key(session, key).id
        rows = [ledger.entry(session, one) for one in ids]
    if any(row is None or row.edition.id != edition_id for row in rows):
        raise not_found()


def _done(desk: Desk, request: Request, edition: int, step: Callable[[], object]) -> Response:
    try:
        step()
    except FascicleError as error:
        return _page(desk, request, edition, status=409, problem=str(error))
    return desk.go(f"editions/{edition}/")


def _by(desk: Desk, request: Request, reason: str) -> By:
    return By(person_of(request).email, desk.site.machine(), reason[:500])


def _key(desk: Desk, edition_id: int) -> str:
    with desk.site.store.reading() as session:
        return found(session, edition_id).key


def found(session: Session, edition_id: int) -> Edition:
    row = editions.by_id(session, edition_id) if 0 < edition_id < 2**62 else None
    if row is None:
        raise not_found()
    return row


def _page(
    desk: Desk,
    request: Request,
    edition_id: int,
    *,
    status: int = 200,
    problem: str = "",
    state: str = "",
    after: str = "",
) -> Response:
    beyond = int(after) if after.isascii() and after.isdecimal() and len(after) < 19 else 0
    with desk.site.store.reading() as session:
        row = found(session, edition_id)
        values = _seen(desk, session, row, course=True)
        letters = {one.value: _letters(session, row, one, beyond if one == state else 0) for one in _STATES}
        contained = editions.contained(session, row.id)
    return desk.page(
        request, "edition.html", status=status, problem=problem, letters=letters, contained=contained,
        listed=LISTED, **values,
    )  # fmt: skip


def _letters(session: Session, row: Edition, state: DeliveryState, after: int) -> list[Entry]:
    return ledger.page(session, Wanted(edition_id=row.id, state=state), after=after, limit=LISTED + 1)


def _seen(desk: Desk, session: Session, row: Edition, *, course: bool) -> dict[str, Any]:
    progress = progress_of(session, row, now=desk.site.machine())
    values = {"edition": row, "zone": desk.site.zone, "over": progress.over, **seen(progress)}
    values["titles"] = series.titles(session)
    if course:
        went = course_of(session, row, now=desk.site.machine())
        totals = [(one.total,) for one in went.stretches]
        # Its reasons are words of the relay, which may name a reader.
        values |= {
            "breaker": steer.BREAKER,
            "action_said": action_said,
            "course": went,
            "plot": Plot([one.until for one in went.stretches], ("ended",), totals),
        }
    return values


def _part(desk: Desk, request: Request, edition_id: int, template: str, *, state: str, course: bool) -> Response:
    """A part of the page that a script asks for again and again, until the edition is in another state."""
    with desk.site.store.reading() as session:
        row = found(session, edition_id)
        if row.state != state:
            return Response(status_code=200, headers={**HEADERS, "HX-Refresh": "true"})
        values = _seen(desk, session, row, course=course)
    return desk.page(request, template, **values)
