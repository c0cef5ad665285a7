"""What lint finds in the plans, looked for once for each state of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy.orm import Session

from db.pulse import Pulse
from scheduler.lint import Finding, lint, read_books

_ANEW = timedelta(minutes=10)
"""So long findings hold while nothing changes but the time, or a setting that the pulse of the plans does not show."""

Numbered = list[tuple[int, Finding]]
"""Findings, each with its number among all."""


@dataclass(frozen=True)
class Findings:
    """In the order in which lint tells them."""

    all: tuple[Finding, ...] = ()

    def of(self, series: str | None) -> Numbered:
        """Those of one series or of all, each with its number among all."""
        return [(number, one) for number, one in enumerate(self.all, 1) if series in (None, one.series)]

    def by_post(self) -> dict[tuple[str, str], Numbered]:
        """By series and post."""
        return _grouped(((one.series, one.post), (number, one)) for number, one in self.of(None) if one.post)

    def by_day(self) -> dict[tuple[str, str], Numbered]:
        """Those of no single post whose place begins with a date: by series and that date, such as 2026-03-05."""
        dated = ((number, one) for number, one in self.of(None) if not one.post and _is_day(one.place[:10]))
        return _grouped(((one.series, one.place[:10]), (number, one)) for number, one in dated)


def _grouped(
    pairs: Iterable[tuple[tuple[str, str], tuple[int, Finding]]],
) -> dict[tuple[str, str], Numbered]:
    found: dict[tuple[str, str], Numbered] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def _is_day(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 - only whether it is a date
    except ValueError:
        return False
    return True


@dataclass
class Inspector:
    """Keeps the findings of the last state that was looked at. For many threads: one looks, the others wait for it."""

    site_url: str
    _lock: Lock = field(default_factory=Lock)
    _known: tuple[Pulse, datetime, Findings] | None = None

    def known(self, pulse: Pulse, now: datetime) -> Findings | None:
        """The findings of this state, where somebody has looked for them already."""
        known = self._known
        if known is None or known[0] != pulse or not timedelta() <= now - known[1] < _ANEW:
            return None
        return known[2]

    def findings(self, session: Session, pulse: Pulse, now: datetime) -> Findings:
        """The findings of this state. May take some tenths of a second for thousands of posts."""
        with self._lock:
            known = self.known(pulse, now)
            if known is None:
                known = Findings(tuple(lint(read_books(session), now=now, site_url=self.site_url)))
                self._known = (pulse, now, known)
            return known

    def forget(self) -> None:
        """Something changed that no pulse shows."""
        self._known = None
