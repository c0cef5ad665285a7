"""operators: who may sign in, and what each may do there."""

from typing import Annotated

import typer

from db import operators, sign_ins
from db.states import Role
from fascicle.app import App
from fascicle.cli.context import JsonOption, app_of, operator
from fascicle.cli.output import listing, say
from scheduler.invitation_links import key_of
from timing.clocks import Moment, machine_now
from web.auth import inviting, staff
from web.auth.passwords import Passwords
from web.auth.secrets import new_token

EMPTY = "No operators yet. `fascicle operators invite EMAIL --role owner` makes a link."
DEMO_OPERATOR = "you@example.org"
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The address of the operator.")]
RoleName = Annotated[Role, typer.Option("--role", help="viewer looks, editor changes plans and posts, owner does all.")]


def list_operators(context: typer.Context, as_json: JsonOption = False) -> None:
    """Those who may sign in, and those who are invited."""
    with app_of(context) as app, app.store.reading() as session:
        rows = [
            {"email": one.email, "name": one.name, "role": one.role, "second factor": one.totp is not None}
            for one in operators.every(session)
        ]
        rows += [
            {"email": one.email or "", "name": f"invited by {one.invited_by}", "role": one.role, "second factor": False}
            for one in sign_ins.open_invitations(session, now=machine_now())
            if one.email
        ]
    listing(
        rows, as_json=as_json, empty="No operators yet. `fascicle operators invite EMAIL --role owner` makes a link."
    )


def invite(
    context: typer.Context,
    email: Email,
    role: RoleName = Role.viewer,
    by_letter: Annotated[bool, typer.Option("--by-letter", help="Send the link to the address.")] = False,
) -> None:
    """Print a link by which an address becomes an operator, or have it sent by letter."""
    with app_of(context) as app:
        if by_letter:
            _invite_by_letter(app, email, role)
        else:
            invite_and_say(app, email, role)


def _invite_by_letter(app: App, email: str, role: Role) -> None:
    at, language = Moment(app.now(), machine_now()), app.config.site.language
    with app.store.writing() as session:
        row = inviting.invite_by_letter(session, app.house, email, role, by=operator(), at=at, language=language)
    say(f"A letter to {row.email} goes out; its link works once, for seven days.")
    say(f"`fascicle deliveries list --edition single:{key_of(row)}` says what became of it.")


def give_role(
    context: typer.Context, email: Email, role: Annotated[Role, typer.Argument(help="The new role.")]
) -> None:
    """Give an operator another role. It holds from the next page on."""
    with app_of(context) as app, app.store.writing() as session:
        row = operators.by_email(session, email)
        staff.give_role(session, row, role, by=operator(), now=machine_now())
    say(f"{row.email} is {role} now.")


def remove(context: typer.Context, email: Email) -> None:
    """Take an operator's access away, at once. What they did stays in the record."""
    with app_of(context) as app, app.store.writing() as session:
        row = operators.find(session, email)
        void = sign_ins.withdraw_invitations(session, email=email)
        if row is not None:
            staff.remove(session, row, by=operator(), now=machine_now())
        elif not void:
            operators.by_email(session, email)
    say(f"{email} is no operator any more." if row is not None else f"The invitation of {email} is withdrawn.")


def reset(context: typer.Context, email: Email) -> None:
    """Print a link by which an operator chooses another password; a second factor goes with the old one."""
    with app_of(context) as app, app.store.writing() as session:
        row = operators.by_email(session, email)
        token = staff.reset(session, row, by=operator(), now=machine_now())
    _say_link(app, f"By this link {row.email} chooses another password", token, "seven days")


def invite_and_say(app: App, email: str, role: Role) -> None:
    with app.store.writing() as session:
        token = staff.invite(session, email, role, by=operator(), now=machine_now())
    _say_link(app, f"By this link {email} becomes an operator ({role})", token, "seven days")


def welcome_the_first(app: App) -> None:
    """Where there is no operator yet, print the link by which whoever has it becomes the first."""
    with app.store.writing() as session:
        token = staff.invite_first(session, now=machine_now())
    if token is not None:
        _say_link(app, "There is no operator yet. By this link you become the first", token, "a day")


def entrance_of_the_demo(app: App) -> str:
    """The address by which whoever sits at the demo comes to its operator's pages; of an earlier run's no more."""
    now = machine_now()
    with app.store.writing() as session:
        row = operators.find(session, DEMO_OPERATOR)
        if row is None:
            password = Passwords().hash(new_token())
            row = operators.add(session, email=DEMO_OPERATOR, name="You", role=Role.owner, password=password, now=now)
        return app.addresses.enter(staff.let_in(session, row, by="demo", now=now))


def _say_link(app: App, words: str, token: str, valid: str) -> None:
    say(f"{words}; it works once, for {valid}:")
    say(f"  {app.addresses.welcome(token)}")


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Who may sign in.", no_args_is_help=True)
    group.command("list")(list_operators)
    group.command("invite")(invite)
    group.command("role")(give_role)
    group.command("remove")(remove)
    group.command("reset")(reset)
    app.add_typer(group, name="operators")
