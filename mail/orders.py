"""What the lanes of a round share: the letters that wait, and which of them may go now."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from db.deliveries import Letter
from mail.pace import domain_of
from mail.turns import Turns

PATIENCE: Final = 1.0
"""Seconds that a round waits for a turn; letters that must wait longer are put off, so that others go meanwhile."""
_NAP: Final = 0.02
"""Seconds that a lane sleeps at least: turns that come due meanwhile are not lost."""
LOOK: Final = 0.1
"""Seconds between two looks whether the program is stopping."""


@dataclass
class Orders:
    """`waiting` from the last to the first, `sender` for a letter's return path.

    A letter that is put off may go after so many seconds.
    """

    waiting: list[Letter]
    sender: Callable[[Letter], str]
    build: Callable[[Letter], bytes]
    may_send: Callable[[], bool]
    turns: Turns | None = None
    put_off: dict[int, float] = field(default_factory=dict)

    def take(self, relay: str) -> Letter | None:
        """A letter that may go by this relay this moment."""
        if self.turns is None:
            return self.waiting.pop() if self.waiting else None
        too_soon: set[str] = set()
        for place in range(len(self.waiting) - 1, -1, -1):
            domain = domain_of(self.waiting[place].delivery.address)
            if domain in too_soon:
                continue
            if self.turns.try_take(relay, domain):
                return self.waiting.pop(place)
            too_soon.add(domain)
        return None

    async def next(self, relay: str) -> Letter | None:
        """The same, waiting for its turn; None when there is none left for this round."""
        while self.waiting and self.may_send():
            if letter := self.take(relay):
                return letter
            await self._wait(relay)
        return None

    async def _wait(self, relay: str) -> None:
        assert self.turns is not None
        domains = [domain_of(letter.delivery.address) for letter in self.waiting]
        due = await self.turns.due_in(relay, domains)
        if not due:  # another lane has taken the last one meanwhile
            return
        soonest = min(due.values())
        if soonest > PATIENCE:
            self._put_off(relay, due)
        elif soonest > 0:
            await asyncio.sleep(min(max(soonest, _NAP), LOOK))

    def _put_off(self, relay: str, due: dict[str, float]) -> None:
        assert self.turns is not None
        while self.waiting:
            letter = self.waiting.pop()
            domain = domain_of(letter.delivery.address)
            later = self.turns.promise(relay, domain, due_in=due.get(domain, PATIENCE))
            self.put_off[letter.delivery.id] = later
