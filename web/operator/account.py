"""/operator/account/: one's own password, second factor, recovery codes, and where one is signed in."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from db import operators, sign_ins
from db.errors import BadValue
from web.auth import account, totp
from web.auth.needs import Needs, needs
from web.auth.passwords import SHORTEST
from web.forms import Fields
from web.operator.desk import Desk, person_of
from web.pages import READS, not_found


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()
    door = desk.door

    @router.api_route("/account/", methods=READS)
    @needs(Needs.viewer)
    def show(request: Request) -> Response:
        return _page(desk, request)

    @router.post("/account/password")
    @needs(Needs.viewer)
    def password(request: Request, form: Fields) -> Response:
        old, new = form.get("old", ""), form.get("password", "")
        change = lambda: account.change_password(door, person_of(request), old=old, new=new)  # noqa: E731 - a step of `_done`
        return _done(desk, request, change, "Your password is another one now, and all other sign-ins have ended.")

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
        return desk.page(request, "codes.html", codes=codes, title="Your second factor is on")

    @router.post("/account/second/off")
    @needs(Needs.viewer)
    def turn_off(request: Request, form: Fields) -> Response:
        password = form.get("password", "")
        change = lambda: account.turn_second_off(door, person_of(request), password=password)  # noqa: E731 - as above
        return _done(desk, request, change, "Your second factor is off.")

    @router.post("/account/codes")
    @needs(Needs.viewer)
    def codes(request: Request, form: Fields) -> Response:
        try:
            made = account.renew_codes(door, person_of(request), password=form.get("password", ""))
        except BadValue as error:
            return _page(desk, request, problem=str(error))
        return desk.page(request, "codes.html", codes=made, title="New recovery codes")

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


def _done(desk: Desk, request: Request, change: Callable[[], object], words: str) -> Response:
    try:
        change()
    except BadValue as error:
        return _page(desk, request, problem=str(error))
    return _page(desk, request, done=words)


def _page(desk: Desk, request: Request, *, problem: str = "", done: str = "") -> Response:
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
    )


def _second_again(desk: Desk, request: Request, sealed: str, problem: str) -> Response:
    """The same picture once more: the app has it already."""
    try:
        secret = account.secret_offered(desk.door, person_of(request), sealed)
    except BadValue as error:
        return _page(desk, request, problem=str(error))
    return _second(desk, request, secret, sealed, problem=problem)


def _second(desk: Desk, request: Request, secret: str, sealed: str, *, problem: str = "") -> Response:
    address = totp.address(secret, email=person_of(request).email, site=desk.site.title)
    spelled = " ".join(secret[begin : begin + 4] for begin in range(0, len(secret), 4))
    values = {"picture": totp.picture(address), "secret": spelled, "sealed": sealed, "problem": problem}
    return desk.page(request, "second.html", status=422 if problem else 200, **values)
