"""/preferences/{token}: what readers choose, without a password. GET shows; each change is a POST of its own."""

from datetime import date, datetime
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse

from db import catch_ups, subscribers
from db import series as all_series
from db.errors import BadValue
from db.said import say
from db.states import Frequency, SubscriberState, SubscriptionState
from db.tables import CatchUp, Subscriber, Subscription
from mail.tokens import PREFERENCES
from scheduler import catchup
from scheduler.cadence import Cadence
from scheduler.proofs import reader_of
from scheduler.readers import WEEKDAYS
from timing.wall import next_moment, to_wall
from web.choosing import PACES, consent, offered
from web.errors import error_page
from web.forms import Form, form
from web.pages import READS, not_found, spoken_page
from web.private import private
from web.public.preference_steps import STEPS
from web.same_site import from_our_page
from web.site import WebSite

_NOT_OURS = say("This link does not work any more, or part of it was lost. The newest letter carries one that does.")


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()

    @router.api_route("/preferences/{token}", methods=READS)
    def show(token: str, request: Request, done: str = "") -> Response:
        with site.store.reading() as session:
            reader = _proved(site, session, token)
            return private(
                _refusal(request, site) if reader is None else _page(site, session, reader, token, done=done)
            )

    @router.post("/preferences/{token}/{step}", dependencies=[Depends(from_our_page)])
    def change(token: str, step: str, request: Request, sent: Annotated[Form, Depends(form)]) -> Response:
        if step not in STEPS:
            raise not_found()
        with site.store.writing() as session:
            reader = _proved(site, session, token, lock=True)
            if reader is None:
                return private(_refusal(request, site))
            try:
                with session.begin_nested():
                    STEPS[step](site, session, reader, sent)
            except BadValue as error:
                session.refresh(reader)
                return private(_page(site, session, reader, token, problem=str(error)))
        back = urlsplit(site.addresses.preferences(token)).path
        return private(RedirectResponse(f"{back}?done={step}", status_code=303))

    return router


def _proved(site: WebSite, session: Session, token: str, *, lock: bool = False) -> Subscriber | None:
    reader_id = reader_of(session, site.tokens, token, PREFERENCES)
    return None if reader_id is None else session.get(Subscriber, reader_id, with_for_update=lock or None)


def _refusal(request: Request, site: WebSite) -> Response:
    return error_page(request, site, 404, _NOT_OURS)


def _page(
    site: WebSite, session: Session, reader: Subscriber, token: str, *, done: str = "", problem: str | None = None
) -> Response:
    held = {row.series_id: row for row, _ in subscribers.subscriptions_of(session, [reader.id])[reader.id]}
    walking = catch_ups.of(session, [row.id for row in held.values()])
    rows = [
        {
            "series": one,
            "follows": one.id in held and held[one.id].state == SubscriptionState.active,
            "frequency": _frequency(held.get(one.id)),
            "walk": _walk(reader, walking.get(held[one.id].id), site.calendar()) if one.id in held else None,
        }
        for one in all_series.all_series(session)
        if one.retired_at is None
    ]
    return spoken_page(
        site,
        "web/preferences.html",
        reader.language,
        status=200 if problem is None else 422,
        base=site.addresses.preferences(token),
        reader=reader,
        gets_letters=reader.state in (SubscriberState.active, SubscriberState.paused),
        rows=rows,
        done=done,
        problem=problem,
        offered=offered(reader.language),
        consent=consent(site.env, reader.language, site.title),
        until=None if reader.paused_until is None else to_wall(reader.paused_until, reader.zone).date(),
    )


def _frequency(held: Subscription | None) -> str:
    """As the forms name it."""
    if held is None:
        return Frequency.daily
    return f"{held.frequency}:{WEEKDAYS[held.weekday]}" if held.frequency == Frequency.weekly else held.frequency


def _walk(reader: Subscriber, row: CatchUp | None, now: datetime) -> dict[str, object] | None:
    """How a reader catches up: the pace as the forms name it, the day of the next step, and whether it rests."""
    if row is None:
        return None
    cadence = Cadence.from_json(row.pace)
    same = [one for one in PACES if cadence.start and _named(one, cadence) == cadence]
    pace = same[0] if same else cadence.in_words()
    return {"pace": pace, "next_on": _day(reader, row.next_on, now), "rests": row.paused_at is not None}


def _day(reader: Subscriber, since: date | None, now: datetime) -> date | None:
    """The day of the first digest on or after a date."""
    day, moment = next_moment(now, hour=reader.hour, zone=reader.zone)
    while since is not None and day < since:
        day, moment = next_moment(moment, hour=reader.hour, zone=reader.zone)
    return None if since is None else day


def _named(pace: str, like: Cadence) -> Cadence:
    assert like.start is not None
    return catchup.parse_pace(pace, 1, today=like.start).cadence
