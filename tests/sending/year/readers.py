"""What readers do in a year."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from db import series as all_series
from db import subscribers
from db.errors import BadValue
from db.states import LetterFormat
from importers.subscribers import subscriber_of
from scheduler import pauses, readers
from tests.sending.year import drawing
from tests.sending.year.deeds import ZONE_OF, Deeds, then
from tests.sending.year.drawing import READERS, While, picks
from timing.wall import to_wall


class Readers(Deeds):
    """They come, choose, pause and leave."""

    @then(address=drawing.readers, zone=st.sampled_from(drawing.ZONES), hour=st.sampled_from(drawing.HOURS))
    def a_reader_is_imported(self, address: str, zone: str, hour: int) -> None:
        """For the first time, or again; nobody who left is brought back."""
        self.new_reader(address, zone=zone, hour=hour, frequency=None if address in self.world.readers else "daily")

    @then(
        when=lambda self: self.there(),
        pick=picks,
        zone=st.sampled_from(("", *drawing.ZONES)),
        hour=st.sampled_from(("", *map(str, drawing.HOURS))),
        language=st.sampled_from(["", "de"]),
        kind=st.none() | st.sampled_from(LetterFormat),
    )
    def a_reader_chooses(self, pick: int, zone: str, hour: str, language: str, kind: LetterFormat | None) -> None:
        self.chosen(self.someone(pick), zone=zone, hour=hour, language=language, kind=kind)

    def chosen(self, address: str, *, zone: str = "", hour: str, language: str = "", kind: Any = None) -> None:
        row = {"email": address, "name": "", "zone": zone, "hour": hour, "frequency": "", "series": ""}
        source = subscriber_of({**row, "language": language}, place="test")
        with self.store.writing() as session:
            readers.change(session, subscribers.by_address(session, address), source, kind, now=self.year.now)

    @then(when=lambda self: self.there(), pick=picks, series=drawing.series, more=st.integers(2, 11))
    def a_restless_reader_has_the_hour_come_twice(self, pick: int, series: str, more: int) -> None:
        """News comes before either hour, and both may be of one day."""
        address = self.someone(pick)
        for hours in (2, more):
            wall = self.year.now.replace(minute=0) + timedelta(hours=hours)
            self.imported(series, [to_wall(wall - timedelta(minutes=30), ZONE_OF[series])])
            self.chosen(address, zone="UTC", hour=str(wall.hour))
            self.year.pass_time(While("running", hours))

    @then(
        when=lambda self: self.there(),
        pick=picks,
        series=drawing.series,
        frequency=st.sampled_from(drawing.FREQUENCIES),
    )
    def a_reader_follows(self, pick: int, series: str, frequency: str) -> None:
        address = self.someone(pick)
        with suppress(BadValue), self.store.writing() as session:
            reader, row = subscribers.by_address(session, address), all_series.by_slug(session, series)
            readers.follow(session, reader, row, frequency=frequency, now=self.year.now)
            self.world.follow(address, series)

    @then(when=lambda self: self.there(), pick=picks, days=st.none() | st.integers(1, 20))
    def a_reader_pauses(self, pick: int, days: int | None) -> None:
        address, until = self.someone(pick), None if days is None else self.year.now + timedelta(days=days)
        with self.store.writing() as session:
            pauses.pause(subscribers.by_address(session, address), until=until, now=self.year.now)
        self.world.readers[address].state = "paused"
        self.year.silence(address, set(), until=until)

    @then(when=lambda self: any(self.state(address) == "paused" for address in READERS))
    def readers_resume(self) -> None:
        for address in self.world.readers:
            self.resumed(address)

    def resumed(self, address: str) -> None:
        if self.state(address) == "paused":
            with self.store.writing() as session:
                pauses.resume(session, subscribers.by_address(session, address), now=self.year.now)
            self.year.end_silence(address)

    @then(
        when=lambda self: self.there(),
        pick=picks,
        series=drawing.series,
        deed=st.sampled_from(["leave series", "leave series", "leave", "suppress"]),
    )
    def a_reader_says_no(self, pick: int, series: str, deed: str) -> None:
        with self.store.writing() as session:
            self.year.say_no(session, deed, self.someone(pick), set(), series=series)
