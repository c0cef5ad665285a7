"""Who may come in: asked before every handler below /operator/, by what the handler has declared."""

from collections.abc import Callable
from urllib.parse import quote

from fastapi import FastAPI, HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from db.said import say
from scheduler.naming import named
from web.auth.needs import asked_by_itself, needs_of
from web.auth.origin import SAFE_METHODS, is_ours
from web.operator.desk import HEADERS, Desk, person_or_none, token_of

ELSEWHERE = say(
    "This came from another site, or your browser does not say from where. Go back, load the page, try again."
)


class SignInFirst(Exception):
    """Nobody is signed in here who could be asked for their role."""


class NotYours(Exception):
    """Somebody is signed in whose role does not reach so far; the message says so."""


def guard(desk: Desk) -> Callable[[Request], None]:
    def check(request: Request) -> None:
        endpoint = request.scope["endpoint"]
        what = needs_of(endpoint)
        if what is None:
            raise RuntimeError(f"{request.url.path}: nobody has said what this page needs")
        if not is_ours(request.method, request.headers, site_url=desk.site.addresses.site_url):
            raise HTTPException(403, ELSEWHERE)
        token = token_of(request)
        request.state.person = desk.door.who(token, is_here=not asked_by_itself(endpoint)) if token else None
        if what.role is None:
            return
        person = person_or_none(request)
        if person is None:
            raise SignInFirst
        if not person.role.covers(what.role):
            raise NotYours(
                say(
                    "That takes an %(role)s, and you are %(person_role)s. An owner can change what you are.",
                    role=named(what.role),
                    person_role=named(person.role),
                )
            )

    return check


def add_refusals(app: FastAPI, desk: Desk) -> None:
    """Makes the app lead whoever has to sign in to where they can, and from there back; and tell who may not."""

    def not_yours(request: Request, error: Exception) -> Response:
        return desk.page(request, "notice.html", status=403, title=say("Not for you"), message=str(error))

    def sign_in_first(request: Request, _error: Exception) -> Response:
        wanted = request.url.path if request.method in SAFE_METHODS else desk.root
        query = f"?{request.url.query}" if request.method in SAFE_METHODS and request.url.query else ""
        to = f"{desk.root}sign-in?next={quote(wanted + query, safe='')}"
        if request.headers.get("hx-request"):
            # A part of a page cannot show the form: the whole page goes there.
            return Response(status_code=401, headers={**HEADERS, "HX-Redirect": to})
        return RedirectResponse(to, status_code=303, headers=HEADERS)

    app.add_exception_handler(SignInFirst, sign_in_first)
    app.add_exception_handler(NotYours, not_yours)
