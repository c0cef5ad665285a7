"""/operator/sign-in, /operator/code, /operator/sign-out: coming in and going."""

from fastapi import APIRouter, Request, Response

from web.auth.account import end_sign_in
from web.auth.door import Opened
from web.auth.needs import Needs, needs
from web.forms import Fields
from web.operator.desk import Desk, caller_of, person_of, person_or_none, token_of
from web.pages import READS


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/sign-in", methods=READS)
    @needs(Needs.nothing)
    def ask(request: Request, next: str = "") -> Response:
        if person_or_none(request):
            return desk.go_to(next)
        return desk.page(request, "sign_in.html", email="", target=desk.own(next))

    @router.post("/sign-in")
    @needs(Needs.nothing)
    def sign_in(request: Request, form: Fields) -> Response:
        email, target = form.get("email", ""), desk.own(form.get("next", ""))
        found = desk.door.sign_in(email, form.get("password", ""), caller_of(request))
        if not isinstance(found, Opened):
            words = {"email": email, "target": target, "problem": found.words}
            return desk.page(request, "sign_in.html", status=found.status, **words)
        if found.whole:
            return desk.give_cookie(desk.go_to(target), found)
        return desk.give_cookie(desk.page(request, "code.html", target=target), found)

    @router.post("/code")
    @needs(Needs.nothing)
    def code(request: Request, form: Fields) -> Response:
        target = desk.own(form.get("next", ""))
        found = desk.door.second(token_of(request), form.get("code", ""))
        if isinstance(found, Opened):
            return desk.give_cookie(desk.go_to(target), found)
        if not desk.door.awaits_second(token_of(request)):
            return desk.page(request, "sign_in.html", status=401, email="", target=target, problem=found.words)
        return desk.page(request, "code.html", status=found.status, target=target, problem=found.words)

    @router.post("/sign-out")
    @needs(Needs.viewer)
    def sign_out(request: Request) -> Response:
        person = person_of(request)
        end_sign_in(desk.door, person, person.sign_in)
        return desk.take_cookie(desk.go("sign-in"))

    return router
