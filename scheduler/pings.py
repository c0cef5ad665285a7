"""Telling the hub what is new: which addresses have news, and one by one, again if need be, telling it of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy.orm import Session

from db import pings
from db.engine import Store
from feeds.websub import Answer, Verdict, wait_asked
from timing.clocks import Clock

log = structlog.get_logger()

PING_LEASE = timedelta(minutes=2)
"""Longer than any conversation with a hub takes."""
PAUSES = [
    *(timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2)),
    *[timedelta(hours=6)] * 4,
]
"""Before each further try; after the last of them the ping is given up."""
SLOWEST = len(PAUSES) - 4
"""From here on, tries are hours apart, which is soon enough when somebody has to change something first."""
AT_ONCE = 100
LIVE = frozenset(f"{name}.{kind}" for name in ("feed", "all") for kind in ("atom", "rss", "json"))


class Listener(Protocol):
    """A hub that can be told; `feeds.websub.Hub` is one."""

    @property
    def url(self) -> str: ...

    def tell(self, topic: str) -> Answer: ...


@dataclass(frozen=True)
class Herald:
    """Says which addresses have news, for the writer of documents; `site` is the URL of the site, with a slash."""

    site: str

    def news(self, session: Session, topic: str) -> int:
        """How much news the documents of a topic hold, as seen by the session that they are made with."""
        return pings.news(session, topic)

    def want(self, session: Session, paths: Iterable[str], *, news: int) -> None:
        """Have the hub told of the live documents among these, once they are in their place and unless it was."""
        pings.want(session, (f"{self.site}{path}" for path in paths if path.rpartition("/")[2] in LIVE), news=news)


@dataclass(frozen=True)
class Pinger:
    """Tells the hub of one address."""

    store: Store
    hub: Listener
    owner: str
    machine: Clock

    def any_ready(self) -> bool:
        """Whether there is anything to tell now; asks without a write, as this is asked often."""
        with self.store.reading() as session:
            return pings.any_ready(session, hub=self.hub.url, owner=self.owner, now=self.machine())

    def do_one(self) -> bool:
        claim = next(iter(self._claim(limit=1)), None)
        if claim is None:
            return False
        answer = self.hub.tell(claim.url)
        if answer.verdict is not Verdict.told:
            self._failed(claim, answer)
            return True
        with self.store.writing() as session:
            pings.done(session, claim)
        log.info("hub told", hub=self.hub.url, url=claim.url)
        return True

    def _claim(self, *, limit: int) -> list[pings.Claim]:
        now = self.machine()
        with self.store.writing() as session:
            return self._claim_in(session, now, limit=limit)

    def _claim_in(self, session: Session, now: datetime, *, limit: int) -> list[pings.Claim]:
        return pings.claim(
            session, hub=self.hub.url, owner=self.owner, now=now, lease_until=now + PING_LEASE, limit=limit
        )

    def _failed(self, claim: pings.Claim, answer: Answer) -> None:
        """A hub in trouble is not asked again for each of the others that wait: they count as tried with this one."""
        now = self.machine()
        asked = wait_asked(answer.retry_after, now=now)
        with self.store.writing() as session:
            met = [claim]
            if answer.verdict is Verdict.later:
                met += self._claim_in(session, now, limit=AT_ONCE)
            for one in met:
                self._postpone(session, one, answer, asked, now)
            if asked:
                pings.leave_alone(session, self.hub.url, until=now + asked)

    def _postpone(
        self, session: Session, claim: pings.Claim, answer: Answer, asked: timedelta | None, now: datetime
    ) -> None:
        pause = pause_after(claim.attempts, answer.verdict)
        if pause is None:
            log.error("ping given up", url=claim.url, problem=answer.problem)
            pings.give_up(session, claim, problem=answer.problem)
            return
        retry_at = now + max(pause, asked or pause)
        log.warning("hub not told", url=claim.url, problem=answer.problem, retry_at=retry_at.isoformat())
        pings.failed(session, claim, problem=answer.problem, retry_at=retry_at)


def pause_after(tries: int, verdict: Verdict) -> timedelta | None:
    """How long to wait after a failed try, when there were `tries` failed ones before; None: no more.

    A refusal goes straight to the slow tries: it is repeated for the case that somebody mends what it names.
    """
    if verdict is Verdict.refused:
        step = tries + SLOWEST
        return PAUSES[step] if step < len(PAUSES) else None
    return PAUSES[tries] if tries < len(PAUSES) else None
