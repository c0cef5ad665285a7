"""How many letters may go in how much time: to a relay, and to the addresses of a domain."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Self

from db.errors import BadValue
from mail.headers import ascii_domain

ANY: Final = "*"
"""Stands for each domain that is not named, by itself."""
_SECONDS: Final = {
    **dict.fromkeys(("s", "sec", "second"), 1),
    **dict.fromkeys(("m", "min", "minute"), 60),
    **dict.fromkeys(("h", "hour"), 3_600),
    **dict.fromkeys(("d", "day"), 86_400),
}
_WORDS: Final = re.compile(r"(\d{1,9})(?: ?/ ?| per )(\d{0,5}) ?([a-z]+)", re.ASCII)


@dataclass(frozen=True)
class Pace:
    """So many letters in so many seconds, one after the other in equal steps."""

    letters: int
    seconds: int

    @property
    def rate(self) -> float:
        """Letters a second."""
        return self.letters / self.seconds

    @classmethod
    def of(cls, words: str) -> Self:
        """`500/s`, `20/minute`, `100 per 15 minutes`. Raises BadValue for anything else, and for none at all."""
        found = _WORDS.fullmatch(words.strip().lower())
        unit = found and (_SECONDS.get(found[3]) or _SECONDS.get(found[3].removesuffix("s")))
        if not found or not unit:
            raise BadValue(f"{words!r} is no pace; write 500/s, 20/minute or 100 per 15 minutes")
        letters, times = int(found[1]), int(found[2] or 1)
        if not letters or not times:
            raise BadValue(f"{words!r} would send nothing, ever; to stop letters pause their edition")
        return cls(letters, times * unit)


@dataclass(frozen=True)
class Limits:
    """The paces that hold together: by the name of a relay, and by domain in lower case, ANY for the others."""

    relays: Mapping[str, Pace] = field(default_factory=dict)
    domains: Mapping[str, Pace] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.relays or self.domains)

    def of_relay(self, name: str) -> Pace | None:
        return self.relays.get(name)

    def of_domain(self, domain: str) -> Pace | None:
        return self.domains.get(domain) or self.domains.get(ANY)


@lru_cache(maxsize=4096)
def domain_of(address: str) -> str:
    """The domain of an address in lower case and as A-labels, so that it has one pace however it is written."""
    domain = address.rpartition("@")[2].lower()
    try:
        return domain if domain.isascii() else ascii_domain(domain).lower()
    except BadValue:
        return domain
