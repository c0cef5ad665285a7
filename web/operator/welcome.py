"""/operator/welcome/{token}: becoming an operator, or choosing another password, by a link that works once."""

from fastapi import APIRouter, Request, Response

from db.errors import BadValue
from db.said import say
from db.tables import Invitation
from web.auth import staff
from web.auth.door import Opened
from web.auth.needs import Needs, needs
from web.auth.passwords import SHORTEST, check_password
from web.forms import Fields
from web.operator.desk import Desk, caller_of
from web.pages import READS


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/welcome/{token}", methods=READS)
    @needs(Needs.nothing)
    def ask(token: str, request: Request) -> Response:
        try:
            with desk.site.store.reading() as session:
                invitation = staff.invited(session, token, now=desk.door.machine())
        except BadValue as error:
            return _over(desk, request, error)
        return _form(desk, request, invitation, {})

    @router.post("/welcome/{token}")
    @needs(Needs.nothing)
    def accept(token: str, request: Request, form: Fields) -> Response:
        with desk.site.store.reading() as session:
            try:
                invitation = staff.invited(session, token, now=desk.door.machine())
            except BadValue as error:
                return _over(desk, request, error)
        try:
            opened = _accepted(desk, request, invitation, form)
        except BadValue as error:
            return _form(desk, request, invitation, form, problem=str(error))
        return desk.give_cookie(desk.go(""), opened)

    return router


def _over(desk: Desk, request: Request, error: BadValue) -> Response:
    return desk.page(request, "notice.html", status=404, title=say("A link that is over"), message=str(error))


def _accepted(desk: Desk, request: Request, invitation: Invitation, form: Fields) -> Opened:
    password = form.get("password", "")
    check_password(password, email=invitation.email or form.get("email", "").strip())
    hashed = desk.door.passwords.hash(password)
    with desk.site.store.writing() as session:
        operator = staff.accept(
            session,
            invitation,
            email=form.get("email", ""),
            name=form.get("name", ""),
            password=password,
            hashed=hashed,
            now=desk.door.machine(),
        )
        return desk.door.welcome(session, operator, caller_of(request))


def _form(desk: Desk, request: Request, invitation: Invitation, form: Fields, *, problem: str = "") -> Response:
    return desk.page(
        request,
        "welcome.html",
        status=422 if problem else 200,
        invitation=invitation,
        form=form,
        shortest=SHORTEST,
        problem=problem,
    )
