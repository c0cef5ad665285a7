"""The turns of this process: a letter goes when its relay and its domain both have one that is due."""

import asyncio
from collections import Counter, deque
from collections.abc import Iterable
from concurrent.futures import Executor
from typing import Final

from db import turns
from db.engine import Store
from db.errors import StoreBusy
from db.turns import Wanted
from mail.pace import Limits, Pace
from timing.clocks import Clock

AT_ONCE: Final = 0.2
"""Seconds of a pace that one write takes; asked for when half of the last ones are left, so that no moment is lost."""
_AGAIN: Final = 0.1
"""Seconds until a turn is asked for once more when none could be had."""
_KEPT: Final = 1.0
"""Seconds that a turn may wait for its letter beyond the time to the next one: so much may go at once."""


class Turns:
    """Taken from the store in chunks, used one by one. For one event loop."""

    def __init__(self, limits: Limits, store: Store, machine: Clock, thread: Executor) -> None:
        self._limits = limits
        self._store = store
        self._machine = machine
        self._thread = thread
        self._had: dict[str, deque[float]] = {}
        self._promised: dict[str, float] = {}
        self._refilling = asyncio.Lock()

    def try_take(self, relay: str, domain: str) -> bool:
        """Use up a turn of each pace that holds for such a letter: all of them, or none."""
        keys = self._paces(relay, domain)
        now = self._now()
        if any(self._due_in(key, pace, now) > 0 for key, pace in keys.items()):
            return False
        for key in keys:
            self._had[key].popleft()
        return True

    async def due_in(self, relay: str, domains: Iterable[str]) -> dict[str, float]:
        """By domain, the seconds until a letter to it has its turn; turns that are wanted are fetched first."""
        wanted = Counter(domains)
        async with self._refilling:
            await self._refill(relay, wanted)
        now = self._now()
        return {
            domain: max((self._due_in(key, pace, now) for key, pace in self._paces(relay, domain).items()), default=0.0)
            for domain in wanted
        }

    def promise(self, relay: str, domain: str, *, due_in: float) -> float:
        """Seconds after which a letter should ask again: behind all those that were told so before."""
        now = self._now()
        step = max((1 / pace.rate for pace in self._paces(relay, domain).values()), default=0.0)
        at = max(now + due_in, self._promised.get(domain, 0.0))
        self._promised[domain] = at + step
        return at - now

    async def _refill(self, relay: str, domains: Counter[str]) -> None:
        now = self._now()
        wanted: Counter[str] = Counter()
        paces: dict[str, Pace] = {}
        for domain, letters in domains.items():
            for key, pace in self._paces(relay, domain).items():
                wanted[key] += letters
                paces[key] = pace
        asked = {
            key: Wanted(_chunk(pace, wanted[key]), pace.rate)
            for key, pace in paces.items()
            if len(self._fresh(key, pace, now)) <= _chunk(pace, wanted[key]) // 2
        }
        if not asked:
            return
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._fetch, asked)
        except StoreBusy:
            return  # asked again in a moment

    def _fetch(self, asked: dict[str, Wanted]) -> None:
        with self._store.writing(first=True) as session:
            given = turns.take(session, asked, now=self._machine())
        for key, first in given.items():
            begin, step = first.timestamp(), 1 / asked[key].rate
            self._had.setdefault(key, deque()).extend(begin + place * step for place in range(asked[key].turns))

    def _due_in(self, key: str, pace: Pace, now: float) -> float:
        had = self._fresh(key, pace, now)
        return max(had[0] - now, 0.0) if had else _AGAIN

    def _fresh(self, key: str, pace: Pace, now: float) -> deque[float]:
        """The turns that are left; one that nobody used for long is lost, or a rest would end in a rush."""
        had = self._had.setdefault(key, deque())
        while had and had[0] < now - _KEPT - 1 / pace.rate:
            had.popleft()
        return had

    def _paces(self, relay: str, domain: str) -> dict[str, Pace]:
        both = {f"relay:{relay}": self._limits.of_relay(relay), f"domain:{domain}": self._limits.of_domain(domain)}
        return {key: pace for key, pace in both.items() if pace is not None}

    def _now(self) -> float:
        return self._machine().timestamp()


def _chunk(pace: Pace, letters: int) -> int:
    return max(1, min(letters, int(pace.rate * AT_ONCE)))
