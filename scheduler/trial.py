"""A letter on trial: to an operator, through the ledger, the relay and all keys, as its readers would get it."""

from sqlalchemy.orm import Session

from db import editions
from db.states import Purpose
from mail.trial import marked
from scheduler import singles
from scheduler.letters import House
from scheduler.preview import Preview
from scheduler.singles import Single
from timing.clocks import Moment

MARK = "[Test]"


def key_of_next(session: Session) -> str:
    """A key that no letter on trial has yet."""
    return f"{Purpose.operator_test}:{editions.count_of(session, f'single:{Purpose.operator_test}:') + 1}"


def send(session: Session, house: House, preview: Preview, to: str, at: Moment, *, language: str) -> str:
    """Have a letter sent to an operator's address; gives the key of its edition. Its links for readers do nothing."""
    single = Single(
        purpose=Purpose.operator_test,
        key=key_of_next(session),
        address=to,
        name=preview.values["name"],
        language=language,
    )
    singles.send(session, house, single, now=at.calendar, skeleton=marked(preview.skeleton, MARK))
    return f"single:{single.key}"
