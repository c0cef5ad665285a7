"""/unsubscribe/{token}: one button; only pressing it, or a mail program's one-click POST (RFC 8058), leaves."""

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from db import subscribers, tokens
from mail.tokens import UNSUBSCRIBE
from web.errors import error_page
from web.pages import READS, page
from web.site import WebSite

_NOT_OURS = "This link does not work any more, or part of it was lost. The newest letter carries one that does."


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()

    @router.api_route("/unsubscribe/{token}", methods=READS)
    def ask(token: str) -> Response:
        with site.store.reading() as session:
            known = _proved(site, session, token) is not None
        return _private(page(site, "web/unsubscribe.html", token=token) if known else _refusal(site))

    @router.post("/unsubscribe/{token}")
    def leave(token: str) -> Response:
        with site.store.writing() as session:
            subject = _proved(site, session, token)
            if subject is not None:
                subscribers.leave(session, subject, now=site.calendar())
        return _private(_refusal(site) if subject is None else page(site, "web/goodbye.html"))

    return router


def _proved(site: WebSite, session: Session, token: str) -> int | None:
    """The subscriber this token speaks for, or None for one that was not made here or was revoked."""
    subject = site.tokens.subject_of(token)
    if subject is None:
        return None
    counter = tokens.counter(session, UNSUBSCRIBE, subject)
    return subject if site.tokens.proves(token, UNSUBSCRIBE, subject, counter) else None


def _refusal(site: WebSite) -> Response:
    return error_page(site, 404, _NOT_OURS)


def _private(response: Response) -> Response:
    # The address of this page is a key: it goes into no cache, index or Referer.
    response.headers.update(
        {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
    )
    return response
