"""What readers do in a year who begin a series late."""

from typing import Any

from hypothesis import strategies as st
from sqlalchemy.orm import Session

from db import series as all_series
from db import subscribers
from db.tables import Series
from scheduler import catchup
from tests.sending.year import looking
from tests.sending.year.deeds import Deeds, then
from tests.sending.year.drawing import picks

PACES = ("every day", "every 2 days", "mondays and thursdays")


class CatchingUp(Deeds):
    """They begin with an earlier post, at a pace of their own."""

    def pace(self, words: str, posts: int) -> catchup.Pace:
        return catchup.parse_pace(words, posts, today=self.year.now.date())

    def followed(self, *, walking: bool = False) -> list[tuple[str, str]]:
        """Subscriptions of readers who have not left; only those that catch up, when asked so."""
        there = self.there()
        return [
            (address, series)
            for (address, series), follow in self.world.follows.items()
            if address in there and not follow.left and (follow.walking or not walking)
        ]

    @then(
        when=lambda self: self.followed(),
        who=st.integers(0, 20),
        pick=picks,
        words=st.sampled_from(PACES),
        posts=st.integers(1, 3),
    )
    def a_catch_up_begins(self, who: int, pick: int, words: str, posts: int) -> None:
        followed = self.followed()
        if not followed:
            return
        address, series = followed[who % len(followed)]
        standing = self.world.standing(series, self.year.now)
        post = standing[pick % len(standing)] if standing and pick > 3 else None
        first = post.seq if post else standing[0].seq if standing else 1
        with self.store.writing() as session:
            row = all_series.by_slug(session, series)
            held = self.held(session, address, series)
            doomed = looking.under_way(session, address)
            assert catchup.first_seq(session, row, post and post.slug) == first
            catchup.start(session, held, self.pace(words, posts), first=first, now=self.year.now)
        self.world.walk(address, series, first=first, step=posts, doomed=doomed)

    @then(
        when=lambda self: self.followed(walking=True),
        who=st.integers(0, 20),
        deed=st.sampled_from(["pace", "pause", "resume", "next", "next", "end"]),
        words=st.sampled_from(PACES),
        posts=st.integers(1, 3),
    )
    def a_catch_up_is_changed(self, who: int, deed: str, words: str, posts: int) -> None:
        if walking := self.followed(walking=True):
            self.changed(*walking[who % len(walking)], deed, self.pace(words, posts))

    def changed(self, address: str, series: str, deed: str, pace: catchup.Pace) -> None:
        follow = self.world.follows[address, series]
        with self.store.writing() as session:
            held, now = self.held(session, address, series), self.year.now
            if deed == "pace":
                catchup.change_pace(session, held, pace)
                follow.step = max(follow.step, pace.posts)
            elif deed == "pause":
                catchup.pause(session, held, now=now)
            elif deed == "resume":
                reader = subscribers.by_address(session, address)
                catchup.resume(session, held, today=catchup.today_of(reader, now))
            elif deed == "next":
                catchup.next_now(session, held, now=now)
            else:
                doomed = looking.under_way(session, address)
                catchup.end(session, held, last_seq=session.get_one(Series, held.series_id).last_seq)
                self.world.stop_walking(address, series, doomed=doomed)
        self.did(f"catch-up {deed}")

    def held(self, session: Session, address: str, series: str) -> Any:
        reader, row = subscribers.by_address(session, address), all_series.by_slug(session, series)
        return subscribers.subscription(session, reader.id, row.id)
