"""/operator/enter/{token}: coming in by a link that works once, without choosing a password: a demo gives one."""

from fastapi import APIRouter, Request, Response

from db.errors import BadValue
from db.said import say
from web.auth import staff
from web.auth.door import Opened
from web.auth.needs import Needs, needs
from web.operator.desk import Desk, caller_of
from web.pages import READS


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    # Only the button comes in: who looks a link over before a person follows it, does so by GET.
    @router.api_route("/enter/{token}", methods=READS)
    @needs(Needs.nothing)
    def ask(token: str, request: Request) -> Response:
        try:
            with desk.site.store.reading() as session:
                staff.entrance(session, token, now=desk.door.machine())
        except BadValue as error:
            return _over(desk, request, error)
        return desk.page(request, "enter.html")

    @router.post("/enter/{token}")
    @needs(Needs.nothing)
    def come_in(token: str, request: Request) -> Response:
        try:
            opened = _entered(desk, request, token)
        except BadValue as error:
            return _over(desk, request, error)
        if opened.whole:
            return desk.give_cookie(desk.go("schedule/"), opened)
        return desk.give_cookie(desk.page(request, "code.html", target=f"{desk.root}schedule/"), opened)

    return router


def _entered(desk: Desk, request: Request, token: str) -> Opened:
    with desk.site.store.writing() as session:
        operator = staff.enter(session, token, now=desk.door.machine())
        return desk.door.welcome(session, operator, caller_of(request))


def _over(desk: Desk, request: Request, error: BadValue) -> Response:
    return desk.page(request, "notice.html", status=404, title=say("A link that is over"), message=str(error))
