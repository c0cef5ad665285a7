"""/operator/operators/: who the operators are; for owners."""

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from db import operators, sign_ins
from db.errors import BadValue
from db.said import say
from db.states import Role
from db.tables import Invitation, Operator
from scheduler.invitation_links import key_of
from scheduler.naming import named
from web.auth import inviting, staff
from web.auth.needs import Needs, needs
from web.forms import Fields
from web.operator.desk import Desk, person_of
from web.pages import READS, not_found

Step = Callable[[Session, Operator, str, datetime], str | None]
"""Does something to an operator, said by whom and when; gives the token of a link, where there is one."""


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/operators/", methods=READS)
    @needs(Needs.owner)
    def show(request: Request) -> Response:
        return _page(desk, request)

    @router.post("/operators/invite")
    @needs(Needs.owner)
    def invite(request: Request, form: Fields) -> Response:
        email, by = form.get("email", ""), person_of(request).email
        try:
            role = _role(form)
            with desk.site.store.writing() as session:
                if form.get("how") == "letter":
                    _by_letter(desk, session, email, role, by=by)
                    link = ""
                else:
                    link = _link(desk, staff.invite(session, email, role, by=by, now=desk.door.machine()))
        except BadValue as error:
            return _page(desk, request, problem=str(error), email=email)
        return _page(desk, request, link=link, link_for=email) if link else desk.go("operators/")

    @router.post("/operators/invitations/{invitation}/withdraw")
    @needs(Needs.owner)
    def withdraw(invitation: int, request: Request) -> Response:
        with desk.site.store.writing() as session:
            row = session.get(Invitation, invitation) if 0 < invitation < 2**62 else None
            if row is None:
                raise not_found()
            key = key_of(row)
            sign_ins.use_invitation(session, row.id)
        inviting.call_back(desk.site.store, key, by=person_of(request).email, now=desk.door.machine())
        return desk.go("operators/")

    @router.post("/operators/{operator}/role")
    @needs(Needs.owner)
    def role(operator: int, request: Request, form: Fields) -> Response:
        def step(session: Session, row: Operator, by: str, now: datetime) -> None:
            staff.give_role(session, row, _role(form), by=by, now=now)

        return _change(desk, request, operator, step)

    @router.post("/operators/{operator}/remove")
    @needs(Needs.owner)
    def remove(operator: int, request: Request) -> Response:
        return _change(desk, request, operator, lambda *about: staff.remove(*about[:2], by=about[2], now=about[3]))

    @router.post("/operators/{operator}/reset")
    @needs(Needs.owner)
    def reset(operator: int, request: Request) -> Response:
        return _change(desk, request, operator, lambda *about: staff.reset(*about[:2], by=about[2], now=about[3]))

    return router


def _by_letter(desk: Desk, session: Session, email: str, role: Role, *, by: str) -> None:
    """Raises BadValue."""
    at, language = desk.site.moment(), desk.site.language
    inviting.invite_by_letter(session, desk.site.house, email, role, by=by, at=at, language=language)


def _change(desk: Desk, request: Request, operator_id: int, step: Step) -> Response:
    try:
        with desk.site.store.writing() as session:
            row = session.get(Operator, operator_id) if 0 < operator_id < 2**62 else None
            if row is None:
                raise not_found()
            token = step(session, row, person_of(request).email, desk.door.machine())
    except BadValue as error:
        return _page(desk, request, problem=str(error))
    if token is None:
        return desk.go("operators/")
    return _page(desk, request, link=_link(desk, token), link_for=row.email)


def _page(
    desk: Desk, request: Request, *, problem: str = "", email: str = "", link: str = "", link_for: str = ""
) -> Response:
    with desk.site.store.reading() as session:
        rows = operators.every(session)
        waiting = [one for one in sign_ins.open_invitations(session, now=desk.door.machine()) if one.email]
        letters = inviting.letters_of(session, waiting)
    values = {"operators": rows, "waiting": waiting, "letters": letters, "roles": list(Role), "email": email}
    status = 422 if problem else 200
    return desk.page(request, "operators.html", status=status, problem=problem, link=link, link_for=link_for, **values)


def _role(form: Fields) -> Role:
    """Raises BadValue."""
    try:
        return Role(form.get("role", ""))
    except ValueError:
        raise BadValue(say("a role is one of %(role)s", role=[named(one) for one in Role])) from None


def _link(desk: Desk, token: str) -> str:
    return desk.site.addresses.welcome(token)
