"""Doing something in the store, or only finding out what would come of it."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from db.engine import Store
from db.errors import FascicleError

Outcome = TypeVar("Outcome")


class OutcomeChanged(FascicleError):
    """What would come of it is not what was shown any more; nothing was done."""


class _NotForReal(Exception):
    """Ends the transaction of a rehearsal."""


def done(store: Store, work: Callable[[Session], Outcome], *, only: Callable[[Outcome], bool] | None = None) -> Outcome:
    """Do it. Raises OutcomeChanged, with nothing done, when what came of it is not `only` what is wanted."""
    with store.writing() as session:
        outcome = work(session)
        if only is not None and not only(outcome):
            raise OutcomeChanged("this is not what was shown any more; nothing was done. Look again and decide anew")
    return outcome


def rehearsed(store: Store, work: Callable[[Session], Outcome]) -> Outcome:
    """What would come of it; nothing is written."""
    outcomes: list[Outcome] = []
    try:
        with store.writing() as session:
            outcomes.append(work(session))
            raise _NotForReal
    except _NotForReal:
        return outcomes[0]
