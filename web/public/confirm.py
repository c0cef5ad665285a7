"""/confirm/{token}: where the link of a letter leads. Only the button does what was asked for, and once."""

import json
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session

from db.errors import BadValue
from db.said import say
from db.states import Purpose
from db.tables import Series, Subscriber, Wish
from scheduler import joining, wishes
from scheduler.proofs import was_granted, wish_of
from web.errors import error_page
from web.pages import READS, page_for, spoken_page
from web.private import private
from web.same_site import from_our_page
from web.site import WebSite

_NOT_OURS = say(
    "This link does not work any more, or part of it was lost. Nothing was changed; ask again, and a new letter comes."
)


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()

    @router.api_route("/confirm/{token}", methods=READS)
    def ask(token: str, request: Request) -> Response:
        with site.store.reading() as session:
            return private(_question(request, site, session, token))

    @router.post("/confirm/{token}", dependencies=[Depends(from_our_page)])
    def grant(token: str, request: Request) -> Response:
        at = site.moment()
        with site.store.writing() as session:
            wish = wish_of(session, site.tokens, token, now=at.machine, lock=True)
            if wish is None:
                return private(_question(request, site, session, token))
            try:
                with session.begin_nested():
                    answer = _granted(site, session, wish)
            except BadValue as error:
                answer = error_page(request, site, 409, str(error))
            return private(answer)

    return router


def _question(request: Request, site: WebSite, session: Session, token: str) -> Response:
    at = site.moment()
    wish = wish_of(session, site.tokens, token, now=at.machine)
    if wish is None:
        done = was_granted(session, site.tokens, token)
        if done is not None:
            return page_for(request, site, "web/confirmed_before.html", purpose=done)
        return error_page(request, site, 404, _NOT_OURS)
    return spoken_page(
        site,
        "web/confirm.html",
        _language(session, wish),
        token=token,
        purpose=wish.purpose,
        detail=wish.detail,
        titles=_titles(session, wish),
    )


def _titles(session: Session, wish: Wish) -> list[str]:
    asked = wish.detail.get("series", [])
    return [row.title for row in session.query(Series).filter(Series.slug.in_(asked)).order_by(Series.title)]


def _language(session: Session, wish: Wish) -> str:
    return str(wish.detail.get("language") or session.get_one(Subscriber, wish.subscriber_id).language)


def _granted(site: WebSite, session: Session, wish: Wish) -> Response:
    at = site.moment()
    language = _language(session, wish)
    match Purpose(wish.purpose):
        case Purpose.confirm:
            first = joining.join(session, site.house, wish, at)
            return _joined(site, session, wish, language, first=first)
        case Purpose.change_address:
            address = wishes.ask_new_address(session, site.house, wish, at)
            return spoken_page(site, "web/address_asked.html", language, address=address)
        case Purpose.new_address:
            address = wishes.change_address(session, site.house, wish, at)
            return spoken_page(site, "web/address_changed.html", language, address=address)
        case Purpose.export:
            return _file(wishes.export(session, wish, at))
        case Purpose.erase:
            wishes.erase(session, wish, at)
            return spoken_page(site, "web/erased.html", language)
    raise AssertionError(f"nothing is known of the wish {wish.purpose}")


def _file(data: dict[str, Any]) -> Response:
    body = json.dumps(data, ensure_ascii=False, indent=2)
    headers = {"Content-Disposition": 'attachment; filename="my-letters.json"'}
    return Response(body, media_type="application/json; charset=utf-8", headers=headers)


def _joined(site: WebSite, session: Session, wish: Wish, language: str, *, first: object) -> Response:
    reader = session.get_one(Subscriber, wish.subscriber_id)
    return spoken_page(site, "web/joined.html", language, reader=reader, first=first, titles=_titles(session, wish))
