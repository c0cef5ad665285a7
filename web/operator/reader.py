"""/operator/readers/{reader}/: one reader, what they were sent and what comes next; and what can be done for them."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from db import bounces, catch_ups, ledger, series, subscribers, suppressions
from db.errors import FascicleError
from db.states import Frequency
from db.tables import Subscriber
from scheduler import care, suppressing
from scheduler.next_letter import next_letter, owes
from scheduler.steer import By
from web.auth.needs import Needs, needs
from web.forms import Fields
from web.operator.desk import Desk, person_of
from web.pages import READS, not_found

LETTERS = 50
_A_MONDAY = date(2024, 1, 1)
Step = Callable[[Session, Subscriber, By], object]


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/readers/{reader}/", methods=READS)
    @needs(Needs.editor)
    def show(reader: int, request: Request, done: str = "") -> Response:
        return _page(desk, request, reader, done=done)

    @router.post("/readers/{reader}/stop")
    @needs(Needs.editor)
    def stop(reader: int, request: Request, form: Fields) -> Response:
        def end(session: Session, row: Subscriber, by: By) -> None:
            care.stop(session, row, by, desk.site.moment())

        return _act(desk, request, reader, form, "stopped", end)

    @router.post("/readers/{reader}/preferences")
    @needs(Needs.editor)
    def preferences(reader: int, request: Request, form: Fields) -> Response:
        def send(session: Session, row: Subscriber, by: By) -> None:
            care.send_preferences(session, desk.site.house, row, by, desk.site.moment())

        return _act(desk, request, reader, form, "link", send)

    @router.post("/readers/{reader}/lift")
    @needs(Needs.editor)
    def lift(reader: int, request: Request, form: Fields) -> Response:
        resume = bool(form.get("resume"))

        def step(session: Session, row: Subscriber, by: By) -> None:
            suppressing.lift(session, row.address, desk.site.tokens.fingerprint, by, resume=resume)

        return _act(desk, request, reader, form, "resumed" if resume else "lifted", step)

    return router


def _act(desk: Desk, request: Request, reader_id: int, form: Fields, done: str, step: Step) -> Response:
    by = By(person_of(request).email, desk.site.machine(), form.get("reason", "").strip()[:500])
    try:
        with desk.site.store.writing() as session:
            step(session, _found(session, reader_id), by)
    except FascicleError as error:
        return _page(desk, request, reader_id, status=409, problem=str(error))
    return desk.go(f"readers/{reader_id}/?done={done}")


def _found(session: Session, reader_id: int) -> Subscriber:
    row = session.get(Subscriber, reader_id) if 0 < reader_id < 2**62 else None
    if row is None:
        raise not_found()
    return row


def _page(
    desk: Desk, request: Request, reader_id: int, *, status: int = 200, problem: str = "", done: str = ""
) -> Response:
    with desk.site.store.reading() as session:
        reader = _found(session, reader_id)
        values = _about(desk, session, reader)
    return desk.page(request, "reader.html", status=status, reader=reader, problem=problem, done=done, **values)


def _about(desk: Desk, session: Session, reader: Subscriber) -> dict[str, Any]:
    held = subscribers.subscriptions_of(session, [reader.id])[reader.id]
    walking = catch_ups.of(session, [one.id for one, _ in held])
    letters = ledger.newest_of(session, reader.id, limit=LETTERS + 1)
    return {
        "coming": next_letter(session, reader, [one for one, _ in held], now=desk.site.calendar()),
        "follows": [
            {
                "held": one,
                "slug": slug,
                "weekly_on": _A_MONDAY + timedelta(days=one.weekday) if one.frequency == Frequency.weekly else None,
                "walk": walking.get(one.id),
                "owed": owes(session, one) if one.state == "active" else [],
            }
            for one, slug in held
        ],
        "letters": letters[:LETTERS],
        "more_letters": len(letters) > LETTERS,
        "bounces": bounces.newest(session, kind=None, subscriber_id=reader.id, before=None, limit=20),
        "suppression": suppressions.find(session, reader.fingerprint),
        "zone": desk.site.zone,
        "titles": series.titles(session),
    }
