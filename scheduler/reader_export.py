"""Readers as the rows of a list that `subscribers import` reads back to the same."""

from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Any

from sqlalchemy.orm import Session

from db import subscribers
from db.states import Frequency, SubscriberState, SubscriptionState
from db.tables import Subscriber, Subscription
from importers.subscribers import NOTHING
from scheduler.readers import WEEKDAYS

PAGE = 1_000
EXPORTED = (SubscriberState.active, SubscriberState.paused, SubscriberState.left)
"""Who has not confirmed is no subscriber yet; who is suppressed is on a list of its own."""

Held = Sequence[tuple[Subscription, str]]


def everybody(session: Session) -> Iterator[tuple[Subscriber, Held]]:
    """All readers in the order in which they came, each with what they hold, and the slug of its series."""
    last = 0
    while page := subscribers.after(session, last, limit=PAGE):
        held = subscribers.subscriptions_of(session, [one.id for one in page])
        last = page[-1].id
        yield from ((one, held[one.id]) for one in page if one.state in EXPORTED)
        session.expunge_all()


def follows(held: Held) -> dict[str, list[str]]:
    """The slugs of the series that are followed, by how often."""
    found: dict[str, list[str]] = {}
    for subscription, slug in held:
        if subscription.state == SubscriptionState.active:
            found.setdefault(how_often(subscription), []).append(slug)
    return found


def how_often(subscription: Subscription) -> str:
    """`instant`, `daily` or `weekly:friday`."""
    weekly = subscription.frequency == Frequency.weekly
    return subscription.frequency + (f":{WEEKDAYS[subscription.weekday]}" if weekly else "")


def rows_of(reader: Subscriber, held: Held) -> Iterator[dict[str, str]]:
    """One row for each frequency, by the names of the columns."""
    followed = {} if reader.state == SubscriberState.left else follows(held)
    for frequency, slugs in (followed or {"": [NOTHING]}).items():
        yield {
            "email": reader.address,
            "name": reader.name,
            "zone": reader.zone,
            "hour": str(reader.hour),
            "frequency": frequency,
            "series": ";".join(slugs),
            "language": reader.language,
            "format": reader.format,
            "state": reader.state,
            "paused_until": reader.paused_until.astimezone(UTC).isoformat() if reader.paused_until else "",
        }


def record_of(reader: Subscriber, held: Held) -> dict[str, Any]:
    """One reader for a program."""
    return {
        "email": reader.address,
        "name": reader.name,
        "zone": reader.zone,
        "hour": reader.hour,
        "language": reader.language,
        "format": reader.format,
        "state": reader.state,
        "paused_until": reader.paused_until,
        "follows": [{"series": slug, "frequency": kind} for kind, slugs in follows(held).items() for slug in slugs],
    }
