"""What pages ask again and again while they are open: whether plans are other than they show, and who did it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from db import agenda
from db.pulse import Pulse, deeds_since, pulse
from web.operator.deeds import Deed, told
from web.operator.desk import Desk
from web.operator.inspector import Findings

_TOLD = 3
LOOKED, NOT_YET = ".looked", ".not-yet"
"""How what a page says of itself ends: whether it shows findings."""


@dataclass(frozen=True)
class Shown:
    """What a page shows: the state of the plans, with their findings or without (`looked`)."""

    pulse: Pulse
    findings: Findings
    looked: bool

    def __str__(self) -> str:
        """What the page says of itself when it asks whether that is still so."""
        return f"{self.pulse}{LOOKED if self.looked else NOT_YET}"


def shown(desk: Desk, session: Session) -> Shown:
    """For a page that must not wait: the findings where they are known."""
    now = pulse(session)
    found = desk.inspector.known(now, desk.site.calendar())
    return Shown(now, found or Findings(), found is not None)


def looked_at(desk: Desk, session: Session) -> Shown:
    """The same with the findings, whatever time that takes."""
    now = pulse(session)
    return Shown(now, desk.inspector.findings(session, now, desk.site.calendar()), looked=True)


def news(session: Session, since: str, *, me: str) -> list[Deed]:
    """What was done to plans since a page said `since`, the newest first; the words are cut for a line of news."""
    deed = since.partition(".")[0]
    if not (deed.isascii() and deed.isdecimal() and len(deed) < 18):
        return []
    titles: Mapping[int, str] = {one.id: one.title for one in agenda.kept_series(session)}
    found = [told(row, titles, names_readers=False) for row in deeds_since(session, int(deed), limit=_TOLD)]
    return [one for one in found if one.who != me]
