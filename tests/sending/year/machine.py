"""A year of many people's deeds, from its beginning to its quiet end."""

from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize
from sqlalchemy import select

from db.tables import Edition
from scheduler import steer
from scheduler.cadence import parse_words
from tests.making import a_series
from tests.sending.year import looking
from tests.sending.year.catchers import CatchingUp
from tests.sending.year.deeds import CADENCES, ZONE_OF
from tests.sending.year.drawing import READERS, SERIES, While
from tests.sending.year.living import BEGINNINGS, ME, Year
from tests.sending.year.readers import Readers
from tests.sending.year.steering import Steering
from tests.sending.year.writers import Writers

MISSED = {"primer": "release", "novel": "hold", "notes": "reflow"}
QUIET = timedelta(days=18)
"""At most: two weeks for those who read weekly, and some for what comes before."""


class Living(Writers, Readers, CatchingUp, Steering):
    """A year that begins with two series on their way and four readers."""

    a_year: Callable[[datetime, str], Year]

    @initialize(begin=st.sampled_from(BEGINNINGS), policy=st.sampled_from(["resend", "resend", "hold"]))
    def begin(self, begin: datetime, policy: str) -> None:
        self.failed = True
        self.year = self.a_year(begin, policy)
        self.world, self.store = self.year.world, self.year.node.hands
        with self.store.writing() as session:
            for slug, words in CADENCES.items():
                cadence = words and parse_words(f"{words} from {self.year.now.date().isoformat()}").to_json()
                a_series(
                    session, slug, zone=ZONE_OF[slug], cadence=cadence or None, missed=MISSED[slug], announces=True
                )
                self.world.out[slug] = []
        self.imported("primer", [self.day(-days) for days in (30, 20, 10)])
        self.new_reader(READERS[0], zone="Europe/Berlin", hour=7)
        self.new_reader(READERS[1], zone="America/New_York", hour=7, frequency="instant")
        self.new_reader(READERS[2], zone="Pacific/Apia", hour=7, frequency="weekly:thursday")
        self.new_reader(READERS[3], zone="UTC", hour=20, series=("novel",))
        self.imported("primer", [None] * 5)
        self.imported("novel", [None] * 6)
        self.imported("notes", [self.day(days) for days in (3, 4, 9)])
        self.failed = False

    def teardown(self) -> None:
        if hasattr(self, "year"):
            try:
                if not self.failed:
                    self.quiet_days()
            finally:
                self.year.node.close()

    def quiet_days(self) -> None:
        """All that was stopped goes on, with a relay that takes everything: at the end nobody is owed anything."""
        year = self.year
        year.pass_time(While("down", 0))
        for series in SERIES:
            self.lift(series)
        for address in self.world.readers:
            self.resumed(address)
        self.go_on()
        last = {series: self.imported(series, [self.day(2, 5)])[0] for series in SERIES}
        end = year.now + QUIET
        while owed := self.still_owed(last):
            moment = year.next_moment([address for address, _, _ in owed])
            assert moment is not None
            assert moment < end, f"after quiet days these are owed something still: {owed}, of {last}"
            year.live_at(moment)
            year.enter_letters()
        year.book.happened["letters that came twice"] += year.book.twice
        self.check_runs()

    def go_on(self) -> None:
        with self.store.reading() as session:
            keys = session.scalars(select(Edition.key).where(Edition.state == "paused")).all()
        for key in keys:
            steer.resume(self.store, key, steer.By(ME, self.year.now))
        for address, series in self.followed(walking=True):
            self.changed(address, series, "resume", self.pace("every day", 10))
            self.changed(address, series, "pace", self.pace("every day", 10))

    def still_owed(self, last: dict[str, str]) -> list[tuple[str, str, int]]:
        """Whose letters have not come as far as the last post of a series; one that is not out yet is owed, too."""
        seqs = {series: self.world.posts[slug].seq or 10_000 for series, slug in last.items()}
        return [
            (address, series, follow.mark)
            for (address, series), follow in self.world.follows.items()
            if self.state(address) == "active" and not follow.left and follow.mark < seqs[series]
        ]

    def check_runs(self) -> None:
        """Invariant 2 once more, for the whole year."""
        with self.store.reading() as session:
            rows = [row for _, row in looking.releases(session)]
        runs = [[(post.slug, post.seq, post.silent) for post in self.world.out[series]] for series in SERIES]
        assert [(row.slug, row.seq, row.silent) for row in rows] == [one for run in runs for one in run]
        for series in SERIES:
            self.year.check_pages(series)
