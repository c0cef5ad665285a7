"""/letters/{token}: a letter in the browser, for whoever has it or was given it."""

from fastapi import APIRouter, HTTPException, Response
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, PlainTextResponse

from db import deliveries, tokens, words
from db.deliveries import Letter
from mail.showing import shown
from mail.skeleton import GAPS, Skeleton
from mail.tokens import UNSUBSCRIBE, VIEW
from web.pages import READS, not_found
from web.site import WebSite

# What a letter may do here: less than a page of the site, since its style stands in it.
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation; "
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()

    @router.api_route("/letters/{token}", methods=READS)
    def show(token: str) -> Response:
        with site.store.reading() as session:
            letter = _proved(site, session, token)
            if letter is None:
                raise not_found()
            if letter.variant.skeleton == words.NONE or deliveries.carries_withdrawn(session, letter.variant):
                raise HTTPException(410)
        return _page(site, letter, token)

    return router


def _proved(site: WebSite, session: Session, token: str) -> Letter | None:
    """The letter that a link is to, or None for a link that was not made here or was revoked."""
    subject = site.tokens.subject_of(token)
    letter = None if subject is None else deliveries.find(session, subject)
    if letter is None or letter.delivery.subscriber_id is None:
        return None
    counter = tokens.counter(session, UNSUBSCRIBE, letter.delivery.subscriber_id)
    return letter if site.tokens.proves(token, VIEW, letter.delivery.id, counter) else None


def _page(site: WebSite, letter: Letter, token: str) -> Response:
    """The letter as it was sent, but for its reader's own links: here they lead to the site, where nobody is known."""
    values = dict.fromkeys(GAPS, site.addresses.site())
    values |= {"name": letter.delivery.name, "view_url": site.addresses.letter(token)}
    seen = shown(Skeleton.from_bytes(letter.variant.skeleton), values)
    if seen.html is None:
        return PlainTextResponse(seen.text, headers=_HEADERS)
    return HTMLResponse(seen.html, headers=_HEADERS)
