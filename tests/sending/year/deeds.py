"""A deed comes after some time has passed; and what the deeds of all people need."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from db import series as all_series
from db.engine import Store
from tests.making import a_reader, a_source, taken_in
from tests.sending.year import drawing
from tests.sending.year.drawing import READERS, SERIES, While
from tests.sending.year.living import MINUTE, Year
from tests.sending.year.world import Reader, World
from timing.wall import to_wall

CADENCES = {"primer": "thursdays at 07:00", "novel": "every 5 days at 02:30", "notes": ""}
ZONE_OF = {"primer": "Europe/Berlin", "novel": "America/New_York", "notes": "Pacific/Apia"}


def then(
    when: Callable[[Any], bool] = lambda self: True, **drawn: st.SearchStrategy[Any]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A rule before which some time passes. Where it does not apply `when` that time has passed, nothing else happens.

    Not by a precondition: what the program did in that time may differ a little from run to run, as threads do, and
    hypothesis must draw the same year again all the same.
    """

    def of(deed: Callable[..., None]) -> Callable[..., None]:
        def both(self: "Deeds", how: While, **values: object) -> None:
            self.failed = True
            self.year.pass_time(how)
            if when(self):
                self.did(deed.__name__.replace("_", " "))
                deed(self, **values)
            self.year.now += MINUTE
            self.failed = False

        both.__name__ = deed.__name__
        return rule(how=drawing.whiles, **drawn)(both)

    return of


class Deeds(RuleBasedStateMachine):
    """`world` is what ought to be, `store` the program's, by the operator's hands."""

    year: Year
    world: World
    store: Store

    def day(self, days: int, hour: int = 12) -> datetime:
        return datetime.combine(self.year.now.date() + timedelta(days=days), time(hour))

    def imported(self, series: str, walls: list[datetime | None], *, draft: bool = False) -> list[str]:
        """New posts; those that are dated in the past are history."""
        slugs = [f"{series}-{len(self.world.posts) + number}" for number in range(len(walls))]
        posts = [self.world.write(slug, series) for slug in slugs]
        sources = [
            a_source(f"About {post.word}", slug=post.slug, wall=wall, body=f"It is {post.word}.", draft=draft)
            for post, wall in zip(posts, walls, strict=True)
        ]
        with self.store.writing() as session:
            row = all_series.by_slug(session, series)
            now = to_wall(self.year.now, row.zone)
            taken_in(session, row, sources, now=self.year.now)
        dated = [(wall, slug) for wall, slug in zip(walls, slugs, strict=True) if wall is not None and wall <= now]
        self.year.enter_history([slug for _, slug in sorted(dated)])
        return slugs

    def new_reader(self, address: str, **values: Any) -> None:
        self.world.readers.setdefault(address, Reader())
        with self.store.writing() as session:
            a_reader(session, address, now=self.year.now, **values)
        if self.world.readers[address].state in ("active", "paused"):
            for series in values.get("series") or SERIES:
                self.world.follow(address, series)

    def there(self) -> list[str]:
        """Readers who have not left."""
        return [address for address in READERS if self.state(address) in ("active", "paused")]

    def someone(self, pick: int) -> str:
        there = self.there() or [READERS[0]]
        return there[pick % len(there)]

    def state(self, address: str) -> str:
        return self.world.readers[address].state if address in self.world.readers else ""

    def did(self, what: str) -> None:
        self.year.book.happened[what] += 1
