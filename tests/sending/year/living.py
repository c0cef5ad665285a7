"""A year as it is lived: one node and its relay, and what passes between two things that somebody does."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from db import public, subscribers
from db.tables import Edition
from mail import ledger
from scheduler import pauses, steer
from tests.making import at
from tests.sending.year import looking
from tests.sending.year.book import Book
from tests.sending.year.drawing import READERS, Interruption, While
from tests.sending.year.node import Killed, Node
from tests.sending.year.relay import Relay
from tests.sending.year.world import Silence, World, by_the_rules

MINUTE = timedelta(minutes=1)
PATIENCE = timedelta(hours=1)
"""What waits for another try waits at least as long, or a day with a relay that is down would take for ever."""
ME = "olga"


class Year:
    """`now` is both clocks. Each deed has a minute of its own, so that facts have an order."""

    def __init__(self, node: Node, relay: Relay, begin: datetime, happened: Counter[str]) -> None:
        self.node, self.relay, self.now = node, relay, begin
        self.world = World()
        self.book = Book(self.world, resends=node.policy == "resend", happened=happened)
        self.held: set[str] = set()
        self._entered = 0
        self._stale = False

    def pass_time(self, how: While) -> None:
        until = self.now + how.long
        self.relay.behave(how.answers, down=how.relay_down)
        if how.interruption:
            one = how.interruption
            self.relay.interruptions.append((one.address, one.stage, lambda: self._interrupt(one)))
        self.node.store.doom = how.kill
        if how.how != "down":
            while (moment := self._next(how.how, until)) < until:
                self.live_at(moment, elsewhere=how.elsewhere)
        self.live_at(until, elsewhere=how.elsewhere)
        self.relay.behave({})
        self.node.store.doom = None
        self.enter_letters()
        self.now = until + MINUTE
        self.book.happened["days"] += how.hours // 24

    def _next(self, how: str, until: datetime) -> datetime:
        if how == "running":
            return self.next_moment() or until
        with self.node.hands.reading() as session:
            return looking.next_post(session, self.now) or until

    def next_moment(self, readers: Sequence[str] = READERS) -> datetime | None:
        """When there is something to do next, be it a digest for one of these readers."""
        with self.node.hands.reading() as session:
            return min(looking.moments(session, self.now, readers, self.now + PATIENCE), default=None)

    def live_at(self, moment: datetime, *, elsewhere: bool = False) -> None:
        """What the node does at a moment, whatever it dies of meanwhile."""
        self.now = moment
        self.book.happened["passes"] += 1
        with self.node.hands.reading() as session:
            due = looking.due(session, moment)
        self._end_pauses()
        released, held = by_the_rules(due, moment)
        try:
            self.node.wake(moment)
        except Killed:
            self.node.begin_anew()
            self.book.happened["killed over the calendar"] += 1
            self.node.wake(moment)
        self._enter_releases(released, held)
        heard, dead = len(self.relay.heard), False
        try:
            self.node.send(moment)
        except Killed:
            self.node.begin_anew(elsewhere=elsewhere)
            self.book.happened["killed over letters"] += 1
            dead = True
        if self.node.office.stopping.is_set():
            self.node.begin_anew()
        self.enter_letters(lazily=not dead and len(self.relay.heard) == heard)

    def _enter_releases(self, due: list, held: set[str]) -> None:
        with self.node.hands.reading() as session:
            rows = looking.releases(session, beyond=self._entered)
            self.held = looking.held(session) if held or self.held else set()
        assert held <= self.held, "what was missed is held where its policy says so"
        self._entered = max((key for key, _ in rows), default=self._entered)
        self.book.enter_releases(due, [row for _, row in rows], self.now)

    def enter_released_by_hand(self, due: list) -> None:
        self._enter_releases(due, set())

    def enter_history(self, slugs: list[str]) -> None:
        with self.node.hands.reading() as session:
            rows = looking.releases(session, beyond=self._entered)
        self._entered = max((key for key, _ in rows), default=self._entered)
        self.book.enter_history([row for _, row in rows], slugs, self.now)

    def enter_letters(self, *, lazily: bool = False) -> None:
        """Everything that was heard or written since the last time. Lazily: only if a letter was under way then."""
        if lazily and not self._stale:
            return
        with self.node.hands.reading() as session:
            letters = looking.letters(session)
            marks = looking.watermarks(session)
            states = looking.states(session)
        self.book.enter_heard(self.relay.heard[len(self.book.heard) :], self.now)
        self.book.enter_letters(letters)
        self._stale = any(letter.state in ("pending", "intent") for letter in letters)
        for whose, follow in self.world.follows.items():
            if not follow.left:
                assert marks[whose] == follow.mark, f"the watermark of {whose} lies where its letters have come to"
        self._enter_states(states)

    def _enter_states(self, states: dict[str, str]) -> None:
        for address, reader in self.world.readers.items():
            if states[address] == "suppressed" != reader.state:
                assert address in self.relay.blamed, f"{address} is suppressed for no reason"
                reader.state = "suppressed"
                self.silence(address, set())
            assert states[address] == reader.state

    def silence(
        self, address: str, allowed: set[int], *, series: str | None = None, until: datetime | None = None
    ) -> None:
        """Nothing may be heard for this reader from now on."""
        one = Silence(len(self.relay.heard), allowed, series, until)
        self.world.readers[address].silences.append(one)

    def end_silence(self, address: str) -> None:
        reader = self.world.readers[address]
        reader.state = "active"
        for one in reader.silences:
            one.over = one.over or one.series is None

    def _end_pauses(self) -> None:
        for address, reader in self.world.readers.items():
            ends = [one.until for one in reader.silences if not one.over and one.series is None]
            if reader.state == "paused" and ends[-1] is not None and ends[-1] <= self.now:
                self.end_silence(address)

    def check_pages(self, series: str) -> None:
        """Invariant 1, on pages: what they name is what is out."""
        with self.node.hands.reading() as session:
            page = public.series_page(session, series, self.now)
            waiting = [post for post in self.world.posts.values() if not post.stands_at(self.now)]
            assert page is not None
            named = {one.slug for one in page.chapters if isinstance(one, public.Chapter)}
            assert named == {post.slug for post in self.world.standing(series, self.now)}
            for post in waiting[:3]:
                assert public.post_page(session, post.series, post.slug, now=self.now) is None

    def _interrupt(self, one: Interruption) -> None:
        """What somebody does while the relay has a letter before it. Runs on a thread of the relay."""
        if one.deed == "stop":
            self.node.office.stopping.set()
        elif one.deed in ("pause edition", "cancel edition"):
            self._stop_editions(one.deed)
        elif one.address in self.world.readers:
            self._say_no(one)

    def _stop_editions(self, deed: str) -> None:
        with self.node.hands.reading() as session:
            keys = [key for (key,) in session.query(Edition.key).filter(Edition.state == "sending")]
        step = steer.pause if deed == "pause edition" else steer.cancel
        for key in keys:
            with suppress(steer.SteeringRefused):
                step(self.node.hands, key, steer.By(ME, self.now))

    def _say_no(self, one: Interruption) -> None:
        with self.node.hands.writing() as session:
            allowed = looking.under_way(session, one.address, alone=True)
            self.say_no(session, one.deed, one.address, allowed)
        self.book.happened[f"{one.deed} at {one.stage}"] += 1

    def say_no(self, session: Session, deed: str, address: str, allowed: set[int], *, series: str = "") -> None:
        """A reader leaves, pauses or is suppressed: from the end of this transaction on nothing more is allowed."""
        reader = self.world.readers[address]
        row = subscribers.by_address(session, address)
        if reader.state in ("left", "suppressed"):
            return
        if deed == "leave series":
            mine = [of for (whose, of), follow in self.world.follows.items() if whose == address and not follow.left]
            if mine:
                self._leave_series(session, row.id, address, series if series in mine else mine[0], allowed)
            return
        if deed == "leave":
            subscribers.leave(session, row.id, now=self.now)
            reader.state = "left"
        elif deed == "suppress":
            ledger.suppress(session, row.id, reason="asked", now=self.now)
            reader.state = "suppressed"
        elif deed == "pause":
            pauses.pause(row, until=self.now + timedelta(days=3), now=self.now)
            reader.state = "paused"
        session.flush()
        self.silence(address, allowed, until=row.paused_until)

    def _leave_series(self, session: Session, reader: int, address: str, series: str, allowed: set[int]) -> None:
        [held] = [one for one, slug in subscribers.subscriptions_of(session, [reader])[reader] if slug == series]
        subscribers.leave_series(session, held, now=self.now)
        self.world.follows[address, series].left = True
        self.silence(address, allowed, series=series)


BEGINNINGS = (at("2011-01-20 12:00"), at("2011-03-12 03:00"), at("2011-05-01 12:00"))
