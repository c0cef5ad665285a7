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
from db.states import EditionState
from db.tables import Subscriber
from fascicle.app import hub_of
from fascicle.config import Config, read_config
from fascicle.founding import check_store
from fascicle.names import records_of
from fascicle.relaying import relays_of, sender_of
from fascicle.returning import mailbox_of
from fascicle.signing import keys_of, state_of_signing
from feeds.storage import names_objects, open_storage
from mail.dns_records import Lookup, Record
from mail.mailbox import look_into
from mail.opening import RelaySettings
from mail.relay import Connection
from scheduler import copies
from scheduler.dispatch import jobs
from scheduler.dispatch.procrastinate import PATIENCE
from scheduler.steer import BREAKER
from timing.clocks import machine_now
from timing.wall import TZDATA, is_zone


@dataclass(frozen=True)
class Finding:
    part: str
    ok: bool
    words: str


def examine(path: Path) -> list[Finding]:
    """One finding or more for each part; later parts are left out when the configuration cannot be read."""
    try:
        config = read_config(path)
    except FascicleError as error:
        return [Finding("configuration", False, str(error))]
    found = [Finding("configuration", True, f"{path} is read")]
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
    advice = f"; publish or change: {record.advice}" if record.advice else ""
    return f"{record.kind} {record.name}: {record.words}{advice}"


def _try(part: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, look())
    except FascicleError as error:
        return Finding(part, False, str(error))


def _secret(config: Config) -> str:
    if not config.secret_file.exists():
        raise FascicleError(f"{config.secret_file}: not there; `fascicle init` makes it")
    if config.secret_file.stat().st_mode & 0o077:
        raise FascicleError(f"{config.secret_file}: others may read it; run `chmod 600 {config.secret_file.name}`")
    return f"{config.secret_file.name} is there, for you alone"


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
    return f"{store.engine.dialect.name} answers and is up to date"


def _no_copy(store: Store, config: Config) -> str:
    copies.check(store, config.node_file)
    return "this store and this machine belong together"


def _zones(store: Store) -> str:
    with store.reading() as session:
        names = {series.zone for series in all_series.all_series(session)}
        names |= set(session.scalars(select(Subscriber.zone).distinct()))
        older = len(zones.series_not_by(session, TZDATA))
    unknown = sorted(name for name in names if not is_zone(name))
    if unknown:
        raise FascicleError(f"tzdata {TZDATA} does not know {', '.join(unknown)}; upgrade the tzdata package")
    if older:
        raise FascicleError(f"{older} plans stand on another tzdata than {TZDATA}; the next release mends them")
    return f"tzdata {TZDATA} knows all {len(names)} zones in use"


def _holds(store: Store) -> str:
    with store.reading() as session:
        held = all_series.held(session)
    if held:
        told = "; ".join(f"{series.slug}: {series.held_reason}" for series in held)
        raise FascicleError(f"{told}. `fascicle series unhold {held[0].slug}` lets it go on")
    return "no series is held"


def _editions(store: Store) -> str:
    """Those that stopped by themselves; one that an operator paused is no trouble."""
    with store.reading() as session:
        paused = editions.page(session, state=EditionState.paused, limit=100)
        steered = [(edition, editions.last_steered(session, edition.id)) for edition in paused]
    stopped = [(edition.key, last.detail["reason"]) for edition, last in steered if last and last.actor == BREAKER]
    if stopped:
        key, reason = stopped[0]
        raise FascicleError(
            f"{key} is paused: {reason}. When that is mended, `fascicle editions resume {key}` lets it go on"
        )
    return f"paused by operators: {len(paused)}" if paused else "none is paused"


def _feeds(store: Store) -> str:
    with store.reading() as session:
        behind = feed_work.behind(session)
    troubles = [problem for _, problem in behind if problem]
    if troubles:
        raise FascicleError(troubles[0])
    return f"{len(behind)} feeds wait to be written" if behind else "all feeds are written"


def _hub(store: Store, config: Config) -> str:
    hub = hub_of(config)
    if hub is None:
        return "none is named in feeds.hub; readers look for news themselves"
    with store.reading() as session:
        troubles, waiting = pings.troubles(session), pings.waiting(session)
    if troubles:
        raise FascicleError(_untold(troubles))
    hub.reach()
    return f"{hub.url} is still to be told of {waiting} feeds" if waiting else f"{hub.url} has been told of all news"


def _jobs(store: Store) -> str:
    with store.reading() as session:
        counts = jobs.counts(session, patience=PATIENCE)
    if counts.get("failed"):
        raise FascicleError(f"{counts['failed']} jobs ended with a bug; the log of the worker says which")
    if counts.get("stalled"):
        raise FascicleError(f"{counts['stalled']} jobs are with dead workers; a running worker takes them over")
    return f"{counts.get('todo', 0)} wait, {counts.get('doing', 0)} are under way"


def _untold(troubles: Sequence[pings.Trouble]) -> str:
    """The first trouble and its address; what was given up for good comes before what is tried again."""
    url, problem, retry_at = troubles[0]
    then = f"tried again at {retry_at:%Y-%m-%d %H:%M} UTC" if retry_at else "given up until there is more news"
    more = f" ({len(troubles) - 1} more)" if len(troubles) > 1 else ""
    return f"{problem}; {url}{more}: {then}"


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
    return f"{relay.name} at {relay.host}:{relay.port} takes letters"


async def _greet(relay: RelaySettings) -> None:
    connection = await Connection.open(relay)
    await connection.close()


def _signing(config: Config) -> str:
    domain = sender_of(config)[1].rpartition("@")[2]
    return state_of_signing(keys_of(config.mail, domain=domain), domain=domain, now=machine_now())


def _bounces(config: Config) -> str:
    if config.bounces is None:
        return "not set: what comes back goes to the sender of the letters, and nobody is suppressed by it"
    box = mailbox_of(config)
    waiting = f"; {look_into(box)} messages wait in {box.folder}" if box else ""
    ports = [f"{name} at {place}" for name in ("smtp", "lmtp") if (place := getattr(config.bounces, name))]
    if not box and not ports:
        raise FascicleError("bounces: no way in; name bounces.lmtp, bounces.smtp or bounces.mailbox")
    return f"come to {config.bounces.address}{''.join(f', {port}' for port in ports)}{waiting}"


def _storage(url: str) -> str:
    if not names_objects(url):
        return _folder(Path(url))
    next(open_storage(url).paths("feeds"), None)  # reading would not tell a missing bucket from a missing feed
    return f"{url} answers"


def _folder(folder: Path) -> str:
    there = folder if folder.exists() else folder.parent
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise FascicleError(f"{folder}: cannot be written; give this user the right, or change feeds.storage")
    return f"{folder} can be written"
