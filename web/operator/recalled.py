"""Texts that were kept in English, as pages tell them."""

from db.kept import recalled
from scheduler.release import MISSED, MISSED_REFLOW


def hold_said(reason: str) -> str:
    """Why a series is held, as a release noted it."""
    return recalled(reason, (MISSED_REFLOW, MISSED))
