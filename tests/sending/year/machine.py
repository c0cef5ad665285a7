"""What people do in a year: writers, readers, operators. Each deed comes after some time has passed."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from db import series as all_series
from db import subscribers
from db.errors import BadValue
from db.states import LetterFormat
from db.tables import Delivery, Edition, Series
from importers.subscribers import subscriber_of
from scheduler import catchup, correct, pauses, readers, release, steer
from scheduler.cadence import parse_words
from scheduler.edit import (
    Edit,
    Insert,
    MoveAlone,
    MoveBeside,
    Pin,
    PlanChanged,
    Reflow,
    Remove,
    ShiftDays,
    Swap,
    apply_at_once,
    load,
)
from tests.making import a_reader, a_series, a_source, taken_in
from tests.sending.year import drawing, looking
from tests.sending.year.drawing import READERS, SERIES, While, picks
from tests.sending.year.living import BEGINNINGS, ME, MINUTE, Year
from tests.sending.year.world import Reader
from timing.wall import to_wall

CADENCES = {"primer": "thursdays at 07:00", "novel": "every 5 days at 02:30", "notes": ""}
ZONE_OF = {"primer": "Europe/Berlin", "novel": "America/New_York", "notes": "Pacific/Apia"}
MISSED = {"primer": "release", "novel": "hold", "notes": "reflow"}
QUIET = timedelta(days=18)
"""At most: two weeks for those who read weekly, and some for what comes before."""
PACES = ("every day", "every 2 days", "mondays and thursdays")


def then(
    when: Callable[[Any], bool] = lambda self: True, **drawn: st.SearchStrategy[Any]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A rule before which some time passes. Where it does not apply `when` that time has passed, nothing else happens.

    Not by a precondition: what the program did in that time may differ a little from run to run, as threads do, and
    hypothesis must draw the same year again all the same.
    """

    def of(deed: Callable[..., None]) -> Callable[..., None]:
        def both(self: "Living", how: While, **values: object) -> None:
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


class Living(RuleBasedStateMachine):
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

    # Writers

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

    @then(series=drawing.series, count=st.integers(1, 3))
    def posts_are_written(self, series: str, count: int) -> None:
        days = range(2, 2 + 3 * count, 3)
        self.imported(series, [None if CADENCES[series] else self.day(day) for day in days])

    @then(series=drawing.series, days=st.lists(st.integers(-300, 9).filter(bool), min_size=1, max_size=3, unique=True))
    def posts_are_imported_with_dates(self, series: str, days: list[int]) -> None:
        self.imported(series, [self.day(day, 6) for day in days])

    @then(series=drawing.series, place=picks)
    def a_draft_is_inserted(self, series: str, place: int) -> None:
        [draft] = self.imported(series, [None], draft=True)
        waiting = self.waiting(series)
        self.edited(series, Insert(draft, before=waiting[place % len(waiting)]) if waiting else Insert(draft))

    @then(series=drawing.series, one=picks, other=picks, days=st.integers(-3, 9), kind=st.integers(0, 6))
    def the_plan_is_edited(self, series: str, one: int, other: int, days: int, kind: int) -> None:
        waiting = self.waiting(series)
        if len(waiting) < 2:
            return
        first, second = waiting[one % len(waiting)], waiting[other % len(waiting)]
        moment = self.day(max(days, 1), 9)
        edits: list[Edit] = [
            MoveBeside(first, after=second),
            Swap(first, second),
            Pin(first, moment),
            MoveAlone(first, moment),
            Remove(first),
            ShiftDays(first, days or 2),
            Reflow(),
        ]
        self.edited(series, edits[kind])

    def waiting(self, series: str) -> list[str]:
        with self.store.reading() as session:
            return [post.slug for post in load(session, all_series.by_slug(session, series)).waiting]

    def edited(self, series: str, edit: Edit) -> None:
        with suppress(BadValue, PlanChanged), self.store.writing() as session:
            apply_at_once(session, all_series.by_slug(session, series), edit, actor=ME, now=self.year.now)
            self.did(type(edit).__name__)

    @then(when=lambda self: self.year.held)
    def the_holds_are_lifted(self) -> None:
        for series in SERIES:
            self.lift(series)

    def lift(self, series: str) -> None:
        with self.store.writing() as session:
            row = all_series.lock(session, all_series.by_slug(session, series).id)
            if row.held_at is None:
                return
            due = looking.due(session, self.year.now)
            all_series.unhold(session, row.id)
            release.release_overdue(session, row, now=self.year.now)
        self.year.enter_released_by_hand([one for one in due if one.series == series])
        self.did("a hold is lifted")

    @then(series=drawing.series, pick=picks)
    def a_post_is_withdrawn(self, series: str, pick: int) -> None:
        standing = self.world.standing(series, self.year.now)
        if standing:
            post = standing[-1 - pick % min(4, len(standing))]
            with self.store.writing() as session:
                row = all_series.by_slug(session, series)
                correct.withdraw(session, row, post.slug, actor=ME, now=self.year.now)
            post.away.append((self.year.now, None))
            self.year.check_pages(series)

    @then(when=lambda self: any(self.world.withdrawn(series) for series in SERIES), pick=picks)
    def a_post_is_restored(self, pick: int) -> None:
        withdrawn = [post for series in SERIES for post in self.world.withdrawn(series)]
        post = withdrawn[pick % len(withdrawn)]
        with self.store.writing() as session:
            row = all_series.by_slug(session, post.series)
            correct.restore(session, row, post.slug, actor=ME, now=self.year.now)
        post.away[-1] = (post.away[-1][0], self.year.now)
        self.year.check_pages(post.series)

    # Readers

    def new_reader(self, address: str, **values: Any) -> None:
        self.world.readers.setdefault(address, Reader())
        with self.store.writing() as session:
            a_reader(session, address, now=self.year.now, **values)
        if self.world.readers[address].state in ("active", "paused"):
            for series in values.get("series") or SERIES:
                self.world.follow(address, series)

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

    def there(self) -> list[str]:
        """Readers who have not left."""
        return [address for address in READERS if self.state(address) in ("active", "paused")]

    def someone(self, pick: int) -> str:
        there = self.there() or [READERS[0]]
        return there[pick % len(there)]

    def state(self, address: str) -> str:
        return self.world.readers[address].state if address in self.world.readers else ""

    # Readers who catch up

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

    # Operators

    @then(pick=picks, step=st.sampled_from([steer.pause, steer.pause, steer.resume, steer.cancel, steer.retry]))
    def an_edition_is_steered(self, pick: int, step: Callable[..., object]) -> None:
        with self.store.reading() as session:
            keys = session.scalars(select(Edition.key).order_by(Edition.id.desc()).limit(10)).all()
        if keys:
            with suppress(steer.SteeringRefused):
                step(self.store, keys[pick % len(keys)], steer.By(ME, self.year.now))
                self.did(f"edition {step.__name__}")

    @then(
        when=lambda self: any(one.state in ("soft", "hard", "in_doubt") for one in self.year.book.seen.values()),
        pick=picks,
        step=st.sampled_from([steer.retry_letters, steer.retry_hard, steer.resend, steer.settle]),
    )
    def a_letter_is_steered(self, pick: int, step: Callable[..., object]) -> None:
        state = {steer.retry_letters: "soft", steer.retry_hard: "hard"}.get(step, "in_doubt")
        with self.store.reading() as session:
            ids = session.scalars(select(Delivery.id).where(Delivery.state == state).order_by(Delivery.id.desc())).all()
        if ids:
            chosen = ids[pick % len(ids)]
            with suppress(steer.SteeringRefused):
                step(self.store, chosen if step is steer.retry_hard else [chosen], steer.By(ME, self.year.now))
                self.did(f"letter {step.__name__}")
                self.year.book.asked[chosen] += step is steer.resend

    def did(self, what: str) -> None:
        self.year.book.happened[what] += 1

    # Its end

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
