"""Letters to operators about what waits for them. Each thing is told once, however often it is looked at."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from db import editions
from db import series as all_series
from db.engine import Store
from db.states import Purpose
from scheduler import singles
from scheduler.letters import House
from scheduler.singles import Single
from timing.clocks import Clock
from timing.wall import to_wall


@dataclass(frozen=True)
class Alert:
    """One thing to be told; `key` names it."""

    key: str
    title: str
    lines: tuple[str, ...]
    what_now: str


@dataclass(frozen=True)
class Alarm:
    """Tells an operator at `address` by letters, in a language."""

    store: Store
    house: House
    address: str
    language: str
    calendar: Clock

    def ring(self) -> bool:
        """Have what was not told yet be told; False when there is nothing."""
        with self.store.reading() as session:
            new = [alert for alert in _alerts(session) if not editions.is_there(session, self._key(alert))]
        for alert in new:
            with self.store.writing() as session:
                self._tell(session, alert)
        return bool(new)

    def _tell(self, session: Session, alert: Alert) -> None:
        single = Single(
            purpose=Purpose.operator_alert,
            key=self._key(alert).removeprefix("single:"),
            address=self.address,
            language=self.language,
            about={"title": alert.title, "lines": alert.lines, "what_now": alert.what_now},
        )
        singles.send(session, self.house, single, now=self.calendar())

    def _key(self, alert: Alert) -> str:
        return f"single:{Purpose.operator_alert}:{alert.key}"


def _alerts(session: Session) -> Iterator[Alert]:
    """All that waits for an operator now."""
    for one in all_series.held(session):
        assert one.held_at is not None
        since = to_wall(one.held_at, one.zone)
        yield Alert(
            f"held:{one.id}:{one.held_at.isoformat()}",
            f"{one.title} is held",
            (
                f"Nothing more of {one.title} comes out since {since:%Y-%m-%d %H:%M} ({one.zone}):",
                one.held_reason or "",
            ),
            f"`fascicle series unhold {one.slug}` lets it go on; `fascicle plan show {one.slug}` shows its plan.",
        )
