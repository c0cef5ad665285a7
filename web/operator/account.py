"""/operator/account/: one's own password, and where one is signed in."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from db import operators, sign_ins
from db.errors import BadValue
from db.said import say
from web.auth import account
from web.auth.needs import Needs, needs
from web.auth.passwords import SHORTEST
from web.choosing import language_names
from web.forms import Fields
from web.operator.desk import Desk, person_of
from web.pages import READS, not_found


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()
    door = desk.door

    @router.api_route("/account/", methods=READS)
    @needs(Needs.viewer)
    def show(request: Request) -> Response:
        return account_page(desk, request)

    @router.post("/account/password")
    @needs(Needs.viewer)
    def password(request: Request, form: Fields) -> Response:
        old, new = form.get("old", ""), form.get("password", "")
        change = lambda: account.change_password(door, person_of(request), old=old, new=new)  # noqa: E731 - a step of `carried_out`
        return carried_out(
            desk, request, change, say("Your password is another one now, and all other sign-ins have ended.")
        )

    @router.post("/account/language")
    @needs(Needs.viewer)
    def language(request: Request, form: Fields) -> Response:
        try:
            account.choose_language(door, person_of(request), form.get("language", ""))
        except BadValue as error:
            return account_page(desk, request, problem=str(error))
        return desk.go("account/")

    @router.post("/account/sign-ins/{sign_in}/end")
    @needs(Needs.viewer)
    def end(sign_in: int, request: Request) -> Response:
        if not 0 < sign_in < 2**62 or not account.end_sign_in(door, person_of(request), sign_in):
            raise not_found()
        return desk.go("account/")

    @router.post("/account/sign-out-everywhere")
    @needs(Needs.viewer)
    def everywhere(request: Request) -> Response:
        account.sign_out_everywhere(door, person_of(request))
        return desk.take_cookie(desk.go("sign-in"))

    return router


def carried_out(desk: Desk, request: Request, change: Callable[[], object], words: str) -> Response:
    try:
        change()
    except BadValue as error:
        return account_page(desk, request, problem=str(error))
    return account_page(desk, request, done=words)


def account_page(desk: Desk, request: Request, *, problem: str = "", done: str = "") -> Response:
    person = person_of(request)
    with desk.site.store.reading() as session:
        mine = sign_ins.of_operator(session, person.id, now=desk.door.machine())
        operator = operators.by_email(session, person.email)
        left = operators.codes_left(session, person.id)
    return desk.page(
        request,
        "account.html",
        status=422 if problem else 200,
        sign_ins=mine,
        has_second=operator.totp is not None,
        codes_left=left,
        shortest=SHORTEST,
        problem=problem,
        done=done,
        languages=language_names(),
    )
