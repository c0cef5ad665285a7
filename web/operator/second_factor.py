"""/operator/account/second and codes: one's own second factor, and the recovery codes beside it."""

from fastapi import APIRouter, Request, Response

from db.errors import BadValue
from db.said import say
from web.auth import account, totp
from web.auth.needs import Needs, needs
from web.forms import Fields
from web.operator.account import account_page, carried_out
from web.operator.desk import Desk, person_of
from web.pages import READS


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()
    door = desk.door

    @router.api_route("/account/second", methods=READS)
    @needs(Needs.viewer)
    def offer(request: Request) -> Response:
        secret, sealed = account.offer_second(door, person_of(request))
        return _second(desk, request, secret, sealed)

    @router.post("/account/second")
    @needs(Needs.viewer)
    def turn_on(request: Request, form: Fields) -> Response:
        person, sealed = person_of(request), form.get("sealed", "")
        code, password = form.get("code", ""), form.get("password", "")
        try:
            codes = account.turn_second_on(door, person, sealed=sealed, code=code, password=password)
        except BadValue as error:
            return _second_again(desk, request, sealed, str(error))
        return desk.page(request, "codes.html", codes=codes, title=say("Your second factor is on"))

    @router.post("/account/second/off")
    @needs(Needs.viewer)
    def turn_off(request: Request, form: Fields) -> Response:
        password = form.get("password", "")
        change = lambda: account.turn_second_off(door, person_of(request), password=password)  # noqa: E731 - a step of `carried_out`
        return carried_out(desk, request, change, say("Your second factor is off."))

    @router.post("/account/codes")
    @needs(Needs.viewer)
    def codes(request: Request, form: Fields) -> Response:
        try:
            made = account.renew_codes(door, person_of(request), password=form.get("password", ""))
        except BadValue as error:
            return account_page(desk, request, problem=str(error))
        return desk.page(request, "codes.html", codes=made, title=say("New recovery codes"))

    return router


def _second_again(desk: Desk, request: Request, sealed: str, problem: str) -> Response:
    """The same picture once more: the app has it already."""
    try:
        secret = account.secret_offered(desk.door, person_of(request), sealed)
    except BadValue as error:
        return account_page(desk, request, problem=str(error))
    return _second(desk, request, secret, sealed, problem=problem)


def _second(desk: Desk, request: Request, secret: str, sealed: str, *, problem: str = "") -> Response:
    address = totp.address(secret, email=person_of(request).email, site=desk.site.title)
    spelled = " ".join(secret[begin : begin + 4] for begin in range(0, len(secret), 4))
    values = {"picture": totp.picture(address), "secret": spelled, "sealed": sealed, "problem": problem}
    return desk.page(request, "second.html", status=422 if problem else 200, **values)
