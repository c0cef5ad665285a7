"""Noticing that relays refuse us, not single letters: better to stop than to go on."""

import re
from typing import Final

from mail.opening import RelayDown
from mail.replies import Outcome, OutcomeKind

RUN: Final = 10
"""Letters in a row refused by policy, or for want of a sign-in, after which no more are tried."""
SIGN_INS: Final = 3
"""Tries in a row at which no relay lets us in."""
_POLICY: Final = re.compile(r"5\.7\.\d+")
_SIGN_IN: Final = (530, 534, 535, 538)  # RFC 4954, 6


class Breaker:
    """Trips at a run of refusals that no other letter would escape; a letter that is taken ends the run."""

    def __init__(self) -> None:
        self._letters = 0
        self._sign_ins = 0
        self._words = ""

    @property
    def tripped(self) -> str | None:
        """Why nothing more should be sent."""
        if self._letters >= RUN:
            return f"{RUN} letters in a row were refused by policy, the last with: {self._words}"
        if self._sign_ins >= SIGN_INS:
            return f"{SIGN_INS} times in a row no relay let us in: {self._words}"
        return None

    def heard(self, outcome: Outcome) -> None:
        """What became of a letter."""
        if outcome.kind is OutcomeKind.sent:
            self._letters = self._sign_ins = 0
        elif outcome.kind is OutcomeKind.hard and _by_policy(outcome.code, outcome.reply):
            self._letters += 1
            self._words = f"{outcome.code} {outcome.reply}"

    def shut_out(self, down: RelayDown) -> None:
        """No relay could be reached, the first one for this reason; a line that is merely down counts for nothing."""
        if down.code in _SIGN_IN or _by_policy(down.code, down.words):
            self._sign_ins += 1
            self._words = str(down)

    def reset(self) -> None:
        """Somebody was told."""
        self._letters = self._sign_ins = 0


def _by_policy(code: int | None, reply: str) -> bool:
    return code in _SIGN_IN or (code is not None and 500 <= code <= 599 and _POLICY.match(reply) is not None)
