"""Looking at each part of an installation, and saying what is wrong and how to mend it."""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import select

from db import editions, feed_work, pings, zones
from db import series as all_series
from db.engine import Store, open_store
from db.errors import FascicleError
from db.said import say, say_and, say_in_a_row, worded
from db.states import EditionState
from db.tables import Series, Subscriber
from fascicle.app import hub_of
from fascicle.config import Config, read_config
from fascicle.founding import check_store
from fascicle.names import records_of
from fascicle.relaying import relays_of, sender_of
from fascicle.returning import mailbox_of
from fascicle.signing import keys_of, open_to_others, state_of_signing
from feeds.storage import names_objects, open_storage
from mail.dns_records import Lookup, Record
from mail.mailbox import look_into
from mail.opening import RelaySettings
from mail.relay import Connection
from scheduler import copies
from scheduler.dispatch import jobs
from scheduler.dispatch.procrastinate import PATIENCE
from scheduler.release import hold_said
from scheduler.steer import BREAKER
from timing.clocks import machine_now
from timing.wall import TZDATA, is_zone


@dataclass(frozen=True)
class Finding:
    part: str
    ok: bool
    words: str

    @property
    def part_said(self) -> str:
        return _PARTS[self.part]


_PARTS = {
    "configuration": say("configuration"),
    "secret": say("secret"),
    "database": say("database"),
    "copies": say("copies"),
    "zones": say("zones"),
    "holds": say("holds"),
    "editions": say("editions"),
    "feeds": say("feeds"),
    "hub": say("hub"),
    "jobs": say("jobs"),
    "relay": say("relay"),
    "signing": say("signing"),
    "bounces": say("bounces"),
    "feeds folder": say("feeds folder"),
    "dns": say("DNS"),
}


def examine(path: Path) -> list[Finding]:
    """One finding or more for each part; later parts are left out when the configuration cannot be read."""
    try:
        config = read_config(path)
    except FascicleError as error:
        return [Finding("configuration", False, str(error))]
    found = [Finding("configuration", True, say("%(file)s is read", file=path))]
    found.append(_try("secret", lambda: _secret(config)))
    found += _database(config)
    found += _relays(config)
    found.append(_try("signing", lambda: _signing(config)))
    found.append(_try("bounces", lambda: _bounces(config)))
    found.append(_try("feeds folder", lambda: _storage(config.feeds.storage)))
    return found


def examine_names(config: Config, *, lookup: Lookup) -> list[Finding]:
    """One finding for each record of the DNS that receivers of letters look up."""
    try:
        records = records_of(config, lookup=lookup, now=machine_now())
    except FascicleError as error:
        return [Finding("dns", False, str(error))]
    return [Finding("dns", one.ok, _told_of(one)) for one in records]


def _told_of(record: Record) -> str:
    advice = record.publish or record.advice
    return f"{record.kind} {record.name}: {record.words}{f'; publish or change: {advice}' if advice else ''}"


def _try(part: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, look())
    except FascicleError as error:
        return Finding(part, False, str(error))


def _secret(config: Config) -> str:
    if not config.secret_file.exists():
        raise FascicleError(say("%(file)s: not there; `fascicle init` makes it", file=config.secret_file))
    if config.secret_file.stat().st_mode & 0o077:
        raise FascicleError(open_to_others(config.secret_file))
    return say("%(file)s is there, for you alone", file=config.secret_file.name)


def _database(config: Config) -> Iterator[Finding]:
    with _store(config) as store:
        current = _try("database", lambda: _current(store, config))
        yield current
        if current.ok:
            yield _try("copies", lambda: _no_copy(store, config))
            yield _try("zones", lambda: _zones(store))
            yield _try("holds", lambda: _holds(store))
            yield _try("editions", lambda: _editions(store))
            yield _try("feeds", lambda: _feeds(store))
            yield _try("hub", lambda: _hub(store, config))
            if config.dispatch == "procrastinate":
                yield _try("jobs", lambda: _jobs(store))


@contextmanager
def _store(config: Config) -> Iterator[Store]:
    store = open_store(config.database)
    try:
        yield store
    finally:
        store.close()


def _current(store: Store, config: Config) -> str:
    check_store(config, store)
    return say("%(database)s answers and is up to date", database=store.engine.dialect.name)


def _no_copy(store: Store, config: Config) -> str:
    copies.check(store, config.node_file)
    return say("this store and this machine belong together")


def _zones(store: Store) -> str:
    with store.reading() as session:
        names = {series.zone for series in all_series.all_series(session)}
        names |= set(session.scalars(select(Subscriber.zone).distinct()))
        older = len(zones.series_not_by(session, TZDATA))
    unknown = sorted(name for name in names if not is_zone(name))
    if unknown:
        words = say(
            "tzdata %(version)s does not know %(zones)s; upgrade the tzdata package", version=TZDATA, zones=unknown
        )
        raise FascicleError(words)
    if older:
        raise FascicleError(
            say(
                "%(plans)s plans stand on another tzdata than %(version)s; the next release mends them",
                plans=older,
                version=TZDATA,
            )
        )
    return say("tzdata %(version)s knows all %(zones)s zones in use", version=TZDATA, zones=len(names))


def _holds(store: Store) -> str:
    with store.reading() as session:
        held = all_series.held(session)
    if held:
        told = say_in_a_row([_why_held(series) for series in held])
        go_on = say("%(held)s. On the page of its plan it can go on", held=told)
        raise FascicleError(worded(f"{told}. `fascicle series unhold {held[0].slug}` lets it go on", go_on))
    return say("no series is held")


def _why_held(series: Series) -> str:
    return say("%(path)s: %(error)s", path=series.slug, error=hold_said(series.held_reason or ""))


def _editions(store: Store) -> str:
    """Those that stopped by themselves; one that an operator paused is no trouble."""
    with store.reading() as session:
        paused = editions.page(session, state=EditionState.paused, limit=100)
        steered = [(edition, editions.last_steered(session, edition.id)) for edition in paused]
    stopped = [(edition.key, last.detail["reason"]) for edition, last in steered if last and last.actor == BREAKER]
    if stopped:
        key, reason = stopped[0]
        said = say("%(key)s is paused: %(reason)s. When that is mended, resume it", key=key, reason=reason)
        raise FascicleError(
            worded(
                f"{key} is paused: {reason}. When that is mended, `fascicle editions resume {key}` lets it go on", said
            )
        )
    return say("paused by operators: %(editions)s", editions=len(paused)) if paused else say("none is paused")


def _feeds(store: Store) -> str:
    with store.reading() as session:
        behind = feed_work.behind(session)
    troubles = [problem for _, problem in behind if problem]
    if troubles:
        raise FascicleError(troubles[0])
    return say("%(feeds)s feeds wait to be written", feeds=len(behind)) if behind else say("all feeds are written")


def _hub(store: Store, config: Config) -> str:
    hub = hub_of(config)
    if hub is None:
        return say("none is named in feeds.hub; readers look for news themselves")
    with store.reading() as session:
        troubles, waiting = pings.troubles(session), pings.waiting(session)
    if troubles:
        raise FascicleError(_untold(troubles))
    hub.reach()
    if waiting:
        return say("%(url)s is still to be told of %(feeds)s feeds", url=hub.url, feeds=waiting)
    return say("%(url)s has been told of all news", url=hub.url)


def _jobs(store: Store) -> str:
    with store.reading() as session:
        counts = jobs.counts(session, patience=PATIENCE)
    if counts.get("failed"):
        raise FascicleError(
            say("%(jobs)s jobs ended with a bug; the log of the worker says which", jobs=counts["failed"])
        )
    if counts.get("stalled"):
        words = say("%(jobs)s jobs are with dead workers; a running worker takes them over", jobs=counts["stalled"])
        raise FascicleError(words)
    waiting, going = counts.get("todo", 0), counts.get("doing", 0)
    return say("%(waiting)s wait, %(going)s are under way", waiting=waiting, going=going)


def _untold(troubles: Sequence[pings.Trouble]) -> str:
    """The first trouble and its address; what was given up for good comes before what is tried again."""
    url, problem, retry_at = troubles[0]
    then = say("tried again at %(at)s UTC", at=retry_at) if retry_at else say("given up until there is more news")
    more = say(" (%(others)s more)", others=len(troubles) - 1) if len(troubles) > 1 else ""
    return say("%(problem)s; %(url)s%(more)s: %(then)s", problem=problem, url=url, more=more, then=then)


def _relays(config: Config) -> Iterator[Finding]:
    """Each relay by itself: letters may go by any of them."""
    try:
        relays = relays_of(config)
    except FascicleError as error:
        yield Finding("relay", False, str(error))
        return
    for relay in relays:
        yield _try("relay", partial(_relay, relay))


def _relay(relay: RelaySettings) -> str:
    asyncio.run(_greet(relay))
    return say("%(name)s at %(where)s takes letters", name=relay.name, where=f"{relay.host}:{relay.port}")


async def _greet(relay: RelaySettings) -> None:
    connection = await Connection.open(relay)
    await connection.close()


def _signing(config: Config) -> str:
    domain = sender_of(config)[1].rpartition("@")[2]
    return state_of_signing(keys_of(config.mail, domain=domain), domain=domain, now=machine_now())


def _bounces(config: Config) -> str:
    if config.bounces is None:
        return say("not set: what comes back goes to the sender of the letters, and nobody is suppressed by it")
    box = mailbox_of(config)
    ports = [(name, place) for name in ("smtp", "lmtp") if (place := getattr(config.bounces, name))]
    if not box and not ports:
        raise FascicleError(say("bounces: no way in; name bounces.lmtp, bounces.smtp or bounces.mailbox"))
    come = say("come to %(address)s", address=config.bounces.address)
    told = say_and([come, *(say("%(name)s at %(place)s", name=name, place=place) for name, place in ports)])
    if not box:
        return told
    waiting = say("%(messages)s messages wait in %(folder)s", messages=look_into(box), folder=box.folder)
    return say_in_a_row([told, waiting])


def _storage(url: str) -> str:
    if not names_objects(url):
        return _folder(Path(url))
    next(open_storage(url).paths("feeds"), None)  # reading would not tell a missing bucket from a missing feed
    return say("%(url)s answers", url=url)


def _folder(folder: Path) -> str:
    there = folder if folder.exists() else folder.parent
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        words = say("%(folder)s: cannot be written; give this user the right, or change feeds.storage", folder=folder)
        raise FascicleError(words)
    return say("%(folder)s can be written", folder=folder)
