"""Dates, and the order that follows from them."""

import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime

from feeds.check.finding import Found
from feeds.check.rule import Look
from feeds.check.seen import SeenFeed
from feeds.form import Form
from feeds.moments import rfc822, rfc3339

_WRITTEN = {
    Form.ATOM: re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    Form.RSS: re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"),
}


def dates_are_plain(look: Look) -> Iterator[Found]:
    """UTC in whole seconds, as each form writes them (RFC 3339, 5.6; RFC 822, 5)."""
    pattern = _WRITTEN[Form.RSS if look.seen.form is Form.RSS else Form.ATOM]
    for where, text, entry in _texts(look.seen):
        if text is not None and not pattern.fullmatch(text):
            yield Found("date-form", f"{where} is {text!r}: not a date in UTC with whole seconds", entry)


def dates_are_those_of_the_post(look: Look) -> Iterator[Found]:
    write = rfc822 if look.seen.form is Form.RSS else rfc3339
    for one, meant in look.pairs:
        told = {"published": (one.published, write(meant.published))}
        if look.seen.form is not Form.RSS:
            told["updated"] = (one.updated, write(meant.changed))
        for name, (text, expected) in told.items():
            if text != expected:
                yield Found("date-wrong", f"{one.called}: {name} is {text or '–'} and not {expected}", one.id)


def nothing_is_updated_before_it_is_published(look: Look) -> Iterator[Found]:
    for one in look.seen.entries:
        published, updated = moment(one.published), moment(one.updated)
        if published and updated and updated < published:
            yield Found("updated-before-published", f"{one.called} is updated before it is published", one.id)


def the_feed_is_as_new_as_its_entries(look: Look) -> Iterator[Found]:
    updated = moment(look.seen.updated)
    changes = [changed for one in look.seen.entries if (changed := moment(one.updated or one.published))]
    if updated and changes and updated < max(changes):
        yield Found(
            "feed-older-than-entry", f"the feed says {look.seen.updated}, before its newest entry: readers wait"
        )
    elif look.seen.form is not Form.JSON and not look.document.frozen:
        meant = (rfc822 if look.seen.form is Form.RSS else rfc3339)(look.document.updated)
        if look.seen.updated != meant:
            words = f"the feed says {look.seen.updated or 'no date'}; its newest change was {meant}"
            yield Found("feed-date-wrong", words)


def nothing_is_dated_ahead(look: Look) -> Iterator[Found]:
    for where, text, entry in _texts(look.seen):
        at = moment(text)
        if at and at > look.model.now:
            yield Found("date-ahead", f"{where} is {text}, which is yet to come: readers hide it or pin it", entry)


def newest_first(look: Look) -> Iterator[Found]:
    there = set(look.seen.ids)
    meant = [entry.id for entry in look.document.entries if entry.id in there]
    seen = [id for id in dict.fromkeys(look.seen.ids) if id in look.expected]
    if seen != meant:
        first = next(one for one, other in zip(seen, meant, strict=True) if one != other)
        words = f"the entries are not in their order, from {first} on: readers that cut a feed off lose the newest"
        yield Found("wrong-order", words, first)


def moment(text: str | None) -> datetime | None:
    """The instant that a date means, however it is written; None for none."""
    if text is None:
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text.strip())
        except ValueError:
            continue
        return found if found.tzinfo else None
    return None


def _texts(seen: SeenFeed) -> Iterator[tuple[str, str | None, str | None]]:
    yield "the date of the feed", seen.updated, None
    for one in seen.entries:
        yield f"{one.called}: published", one.published, one.id
        yield f"{one.called}: updated", one.updated, one.id
