"""/unsubscribe/{token}: a button for all letters, and one for single series; only pressing one leaves, or a mail
program's one-click POST (RFC 8058).
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session

from db import subscribers
from db.said import say
from db.states import SubscriptionState
from db.tables import Series, Subscriber
from mail.tokens import UNSUBSCRIBE
from scheduler import leaving
from scheduler.proofs import reader_of
from web.errors import error_page
from web.forms import Form, form
from web.pages import READS, spoken_page
from web.private import private
from web.site import WebSite

_NOT_OURS = say("This link does not work any more, or part of it was lost. The newest letter carries one that does.")


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()

    @router.api_route("/unsubscribe/{token}", methods=READS)
    def ask(token: str, request: Request) -> Response:
        with site.store.reading() as session:
            reader_id = reader_of(session, site.tokens, token, UNSUBSCRIBE)
            return private(_refusal(request, site) if reader_id is None else _question(site, session, reader_id, token))

    # Without a look at where it comes from: a mail program posts it, from nowhere.
    @router.post("/unsubscribe/{token}")
    def leave(token: str, request: Request, sent: Annotated[Form, Depends(form)]) -> Response:
        with site.store.writing() as session:
            reader_id = reader_of(session, site.tokens, token, UNSUBSCRIBE)
            if reader_id is None:
                return private(_refusal(request, site))
            if sent.has("only"):
                return private(_leave_some(site, session, reader_id, token, sent))
            leaving.leave(session, site.house, reader_id, site.moment(), by="link")
            return private(spoken_page(site, "web/goodbye.html", _language(site, session, reader_id), kept=()))

    return router


def _leave_some(site: WebSite, session: Session, reader_id: int, token: str, sent: Form) -> Response:
    chosen = sent.every("series")
    if not chosen:
        return _question(site, session, reader_id, token)
    leaving.leave_series(session, site.house, reader_id, chosen, site.moment(), by="link")
    kept = [one.title for one in followed(session, reader_id)]
    return spoken_page(site, "web/goodbye.html", _language(site, session, reader_id), kept=kept)


def _question(site: WebSite, session: Session, reader_id: int, token: str) -> Response:
    language = _language(site, session, reader_id)
    return spoken_page(site, "web/unsubscribe.html", language, token=token, followed=followed(session, reader_id))


def followed(session: Session, reader_id: int) -> list[Series]:
    """The series of which a reader gets letters."""
    held = subscribers.subscriptions_of(session, [reader_id])[reader_id]
    return [session.get_one(Series, one.series_id) for one, _ in held if one.state == SubscriptionState.active]


def _language(site: WebSite, session: Session, reader_id: int) -> str:
    reader = session.get(Subscriber, reader_id)
    return site.language if reader is None else reader.language


def _refusal(request: Request, site: WebSite) -> Response:
    return error_page(request, site, 404, _NOT_OURS)
