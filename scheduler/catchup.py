"""Catching up: beginning in a series' past at a pace of one's own, changing it, and meeting the live run."""

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy.orm import Session

from db import catch_ups, releases
from db.engine import Store
from db.errors import BadValue
from db.said import say
from db.states import SubscriptionState
from db.tables import CatchUp, Series, Subscriber, Subscription
from scheduler.cadence import Cadence, parse_words, slots
from scheduler.personal import send_owed
from timing.wall import to_wall

AT_ONCE = 500
"""Catch-ups whose next dates are found in one transaction."""
MOST_POSTS = 50
"""In one step."""


@dataclass(frozen=True)
class Pace:
    """When a step comes, and how many posts it brings."""

    cadence: Cadence
    posts: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.posts <= MOST_POSTS:
            raise BadValue(
                say(
                    "posts %(posts)s: from 1 to %(most_posts)s go into one step",
                    posts=self.posts,
                    most_posts=MOST_POSTS,
                )
            )


def parse_pace(words: str, posts: int, *, today: date) -> Pace:
    """A pace in the words of a cadence, such as "every 2 days" or "mondays and thursdays"; it counts from today.

    Raises BadValue for words that cannot be read, and for a pace that has no further day.
    """
    said = words if " from " in f" {words} " else f"{words} from {today.isoformat()}"
    cadence = parse_words(said)
    if next(slots(cadence, after=datetime.combine(today, time.max)), None) is None:
        raise BadValue(
            say("pace %(words)r has no day to come; write such as every day, or mondays and thursdays", words=words)
        )
    return Pace(cadence, posts)


def next_date(cadence: Cadence, stepped_on: date | None) -> date:
    """The first date of a pace after the last step. One that has ended goes on daily: nobody is left in the middle."""
    after = datetime.combine(stepped_on, time.max) if stepped_on else None
    slot = next(slots(cadence, after=after), None)
    if slot is not None:
        return slot.date()
    assert stepped_on is not None
    return date.fromordinal(stepped_on.toordinal() + 1)


def first_seq(session: Session, series: Series, begin: str | None) -> int:
    """The seq of the post that a catch-up begins with: by number or slug, else the first. Raises BadValue."""
    out = releases.out_of(session, series.id)
    if begin is None:
        return out[0].seq if out else 1
    for post in out:
        if begin in (post.number, post.slug):
            return post.seq
    known = ", ".join(post.number or post.slug for post in out[:20])
    raise BadValue(
        say(
            "%(begin)r is no chapter of %(slug)s that is out; there are %(value)s",
            begin=begin,
            slug=series.slug,
            value=known or say("none yet"),
        )
    )


def start(session: Session, subscription: Subscription, pace: Pace, *, first: int, now: datetime) -> None:
    """Have an active subscription read the series from the post with the seq `first` on, at a pace.

    What was sent before is sent again where it comes after `first`: the reader asked for that. Where nothing is out
    from there on, the live run is met already.
    """
    catch_ups.void_marks(session, subscription)
    subscription.watermark = first - 1
    if first > session.get_one(Series, subscription.series_id).last_seq:
        catch_ups.end(session, subscription.id)
        return
    row = catch_ups.find(session, subscription.id) or CatchUp(subscription_id=subscription.id)
    row.pace, row.posts = pace.cadence.to_json(), pace.posts
    row.next_on, row.stepped_on, row.paused_at, row.started_at = None, None, None, now
    session.add(row)
    session.flush()
    _find_next(session, row)


def change_pace(session: Session, subscription: Subscription, pace: Pace) -> None:
    """Go on at another pace from the last step on. Raises BadValue when nothing is caught up with."""
    row = the(session, subscription)
    row.pace, row.posts, row.next_on = pace.cadence.to_json(), pace.posts, None
    _find_next(session, row)


def pause(session: Session, subscription: Subscription, *, now: datetime) -> None:
    """Take no further step until `resume`; the live run is not joined meanwhile either. Raises BadValue."""
    the(session, subscription).paused_at = now


def resume(session: Session, subscription: Subscription, *, today: date) -> None:
    """Go on with the next date of the pace; missed dates are not made up for. Raises BadValue."""
    row = the(session, subscription)
    row.paused_at = None
    if row.next_on is not None and row.next_on < today:
        row.next_on = next_date(Cadence.from_json(row.pace), date.fromordinal(today.toordinal() - 1))


def next_now(session: Session, subscription: Subscription, *, now: datetime) -> None:
    """Send the next step at once, beside the pace, which goes on as it is. Raises BadValue."""
    the(session, subscription)
    send_owed(session, [subscription], now=now)


def end(session: Session, subscription: Subscription, *, last_seq: int) -> None:
    """Leave out what is left of the past: from the next post on, the subscription is live. Raises BadValue."""
    session.delete(the(session, subscription))
    subscription.watermark = last_seq
    session.flush()


def the(session: Session, subscription: Subscription) -> CatchUp:
    """The catch-up of a subscription. Raises BadValue when it has none."""
    row = catch_ups.find(session, subscription.id)
    if row is None or subscription.state != SubscriptionState.active:
        raise BadValue(say("nothing is caught up with here; `fascicle subscribers catch-up start` begins it"))
    return row


def find_next_dates(store: Store) -> bool:
    """Find the dates of some next steps where they are not known; False when none was missing."""
    with store.reading() as session:
        if not catch_ups.any_unfound(session):
            return False
    with store.writing() as session:
        rows = catch_ups.unfound(session, limit=AT_ONCE)
        for row in rows:
            _find_next(session, row)
    return bool(rows)


def _find_next(session: Session, row: CatchUp) -> None:
    row.next_on = next_date(Cadence.from_json(row.pace), row.stepped_on)
    session.flush()


def today_of(reader: Subscriber, now: datetime) -> date:
    """The date that it is for a reader."""
    return to_wall(now, reader.zone).date()
