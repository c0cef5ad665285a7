"""What the web part is given: all that its pages need, built elsewhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from jinja2 import Environment

from db.engine import Store
from feeds.publication import Publication
from feeds.storage import Storage
from mail.tokens import Tokens
from scheduler.letters import House
from scheduler.release import Rules
from text.addresses import Addresses
from timing.clocks import Clock, Moment, machine_now
from web.asked import FeedCounter
from web.auth.passwords import Passwords
from web.household import Household


@dataclass(frozen=True, kw_only=True)
class WebSite:
    """`calendar` gives the aware instant that is now; `outbox` is a folder of .eml files, shown only when given.

    `house` writes the letters that pages cause, `household` shows operators what is around the program. `machine` is
    the clock by which links expire and limits are counted.

    `publication` is the site as its feeds name it. Caches may keep live feeds for `cache_seconds`; `hub` is the URL of
    the WebSub hub that is told of their changes. By `machine` sign-ins of operators end, and tries are counted.
    `rules` say what late is, for a look ahead. Requests for feeds are counted in `asked`.
    """

    store: Store
    addresses: Addresses
    title: str
    author_name: str
    language: str
    zone: str
    tokens: Tokens
    publication: Publication
    storage: Storage
    env: Environment
    calendar: Callable[[], datetime]
    outbox: Path | None
    health: Callable[[], Mapping[str, object]]
    house: House
    household: Household
    machine: Clock = machine_now
    cache_seconds: int = 60
    hub: str | None = None
    passwords: Passwords = field(default_factory=Passwords)
    rules: Rules = field(default_factory=Rules)
    asked: FeedCounter = field(default_factory=FeedCounter)

    def moment(self) -> Moment:
        """Now, on both clocks."""
        return Moment(self.calendar(), self.machine())
