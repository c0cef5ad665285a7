"""How many letters a worker takes at a time: as many as go in a second, so that what is urgent waits no longer."""

from typing import Final

LEAST: Final = 200
MOST: Final = 1000
_SECONDS: Final = 1.0


class Stretches:
    """Of one worker. Taking letters has a price of its own, which is small only for many of them."""

    def __init__(self) -> None:
        self.letters = LEAST
        """Of the next stretch."""

    def took(self, seconds: float, *, letters: int) -> None:
        """So many were tried in so many seconds. A few say nothing, as the last ones of a batch."""
        if letters >= self.letters:
            pace = letters / max(seconds, 0.001)
            self.letters = round(max(LEAST, min(MOST, pace * _SECONDS)))
