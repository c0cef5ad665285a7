"""Who the operators are: inviting, making, changing and removing them, by page or by command."""

from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from db import audit, operators, sign_ins
from db.errors import BadValue
from db.said import say, worded
from db.states import Role
from db.tables import Invitation, Operator
from scheduler.naming import named
from web.auth.door import subject
from web.auth.passwords import check_password
from web.auth.secrets import digest, new_token

VALID = timedelta(days=7)
VALID_FOR_THE_FIRST = timedelta(days=1)
GONE = say("This link does not work any more. Links work once, and for a few days; ask for another one.")


def invite(session: Session, email: str, role: Role, *, by: str, now: datetime) -> str:
    """The token of a link by which this address becomes an operator; an earlier one is void. Raises BadValue."""
    token = new_token()
    add_invitation(session, email, role, token=token, by=by, now=now)
    return token


def add_invitation(session: Session, email: str, role: Role, *, token: str, by: str, now: datetime) -> Invitation:
    """The same, with a token that is there already. Raises BadValue."""
    email = checked(email)
    if operators.find(session, email) is not None:
        raise BadValue(
            say("%(email)s is an operator already; `fascicle operators role` and `reset` change one", email=email)
        )
    sign_ins.withdraw_invitations(session, email=email)
    audit.note(session, who=by, action="invite", subject="operators", at=now, detail={"email": email, "role": role})
    return _invitation(session, token, email=email, role=role, by=by, now=now)


def invite_first(session: Session, *, now: datetime) -> str | None:
    """The token of a link by which whoever has it becomes the first owner; None when there are operators."""
    if operators.are_there(session):
        return None
    token = new_token()
    _invitation(session, token, role=Role.owner, by="the program", now=now, valid=VALID_FOR_THE_FIRST)
    return token


def reset(session: Session, operator: Operator, *, by: str, now: datetime) -> str:
    """The token of a link by which an operator chooses another password; the second factor goes with the old one."""
    sign_ins.withdraw_invitations(session, operator_id=operator.id)
    audit.note(session, who=by, action="reset", subject=subject(operator.id), at=now, detail={"email": operator.email})
    token = new_token()
    _invitation(session, token, role=Role(operator.role), by=by, now=now, operator=operator)
    return token


def let_in(session: Session, operator: Operator, *, by: str, now: datetime) -> str:
    """The token of a link by which an operator signs in once without a password; a second factor is asked for still."""
    sign_ins.withdraw_invitations(session, operator_id=operator.id)
    detail = {"email": operator.email}
    audit.note(session, who=by, action="let in", subject=subject(operator.id), at=now, detail=detail)
    token = new_token()
    _invitation(session, token, role=Role(operator.role), by=by, now=now, operator=operator, valid=VALID_FOR_THE_FIRST)
    return token


def entrance(session: Session, token: str, *, now: datetime) -> Invitation:
    """Raises BadValue for a link that does not work, or not any more, or that is for somebody who has yet to begin."""
    found = invited(session, token, now=now)
    if found.operator_id is None:
        raise BadValue(GONE)
    return found


def enter(session: Session, token: str, *, now: datetime) -> Operator:
    """Use the link; gives whose it is. Raises BadValue."""
    found = entrance(session, token, now=now)
    operator = session.get(Operator, found.operator_id, with_for_update=True)
    if operator is None or not sign_ins.use_invitation(session, found.id):
        raise BadValue(GONE)
    return operator


def invited(session: Session, token: str, *, now: datetime) -> Invitation:
    """What a link is for. Raises BadValue for one that does not work, or not any more."""
    found = sign_ins.invitation(session, digest(token), now=now)
    if found is None or (found.email is None and operators.are_there(session)):
        raise BadValue(GONE)
    return found


def accept(
    session: Session, invitation: Invitation, *, email: str, name: str, password: str, hashed: str, now: datetime
) -> Operator:
    """Use a link: make the operator, or give an old one another password. Raises BadValue."""
    email = invitation.email or checked(email)
    check_password(password, email=email)
    if not sign_ins.use_invitation(session, invitation.id):
        raise BadValue(GONE)
    if invitation.operator_id is not None:
        return _with_password(session, invitation.operator_id, hashed, now=now)
    if operators.find(session, email) is not None:
        raise BadValue(say("%(email)s is an operator already; sign in instead", email=email))
    made = operators.add(
        session, email=email, name=checked_name(name, email), role=Role(invitation.role), password=hashed, now=now
    )
    detail = {"email": email, "role": made.role, "invited by": invitation.invited_by}
    audit.note(session, who=email, action="join", subject=subject(made.id), at=now, detail=detail)
    return made


def give_role(session: Session, operator: Operator, role: Role, *, by: str, now: datetime) -> None:
    """Raises BadValue when the last owner would cease to be one."""
    if operator.role == role:
        raise BadValue(say("%(email)s is %(role)s already", email=operator.email, role=named(role)))
    _keep_an_owner(session, operator)
    detail = {"email": operator.email, "before": operator.role, "role": role}
    operator.role = role
    audit.note(session, who=by, action="role", subject=subject(operator.id), at=now, detail=detail)


def remove(session: Session, operator: Operator, *, by: str, now: datetime) -> None:
    """Raises BadValue for the last owner."""
    _keep_an_owner(session, operator)
    audit.note(session, who=by, action="remove", subject=subject(operator.id), at=now, detail={"email": operator.email})
    session.delete(operator)


def checked(email: str) -> str:
    """Raises BadValue for what is no address."""
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise BadValue(
            worded(
                f"{email.strip()[:100]!r} is not an email address: {error}",
                say("%(email)r is not an email address", email=email.strip()[:100]),
            )
        ) from None


def checked_name(name: str, email: str) -> str:
    """What an operator is called; the first part of the address when nothing is said. Raises BadValue."""
    plain = " ".join(name.split())
    if len(plain) > 100 or not plain.isprintable():
        raise BadValue(say("a name has at most 100 plain characters"))
    return plain or email.partition("@")[0]


def _invitation(
    session: Session, token: str, *, role: Role, by: str, now: datetime, email: str | None = None,
    operator: Operator | None = None, valid: timedelta = VALID,
) -> Invitation:  # fmt: skip
    row = Invitation(
        digest=digest(token),
        email=operator.email if operator else email,
        role=role,
        operator_id=operator.id if operator else None,
        invited_by=by,
        created_at=now,
        ends_at=now + valid,
    )
    session.add(row)
    session.flush()
    return row


def _with_password(session: Session, operator_id: int, hashed: str, *, now: datetime) -> Operator:
    operator = session.get(Operator, operator_id, with_for_update=True)
    if operator is None:
        raise BadValue(GONE)
    operator.password, operator.totp = hashed, None
    operators.put_codes(session, operator.id, ())
    sign_ins.end_all(session, operator.id)
    audit.note(session, who=operator.email, action="new password", subject=subject(operator.id), at=now)
    session.flush()
    return operator


def _keep_an_owner(session: Session, operator: Operator) -> None:
    if operators.lock_owners(session) == 1 and operator.role == Role.owner:
        raise BadValue(say("%(email)s is the only owner; make another operator an owner first", email=operator.email))
