"""The composition root: the only place that builds things."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from threading import Event

from fastapi import FastAPI
from jinja2 import Environment

from db import tokens
from db.engine import Store, open_store
from db.errors import BadValue, FascicleError
from fascicle.config import Config
from fascicle.founding import check_store, read_secret
from fascicle.node import lease_owner
from fascicle.relaying import limits_of, relays_of, sender_of
from fascicle.returning import leave_address_of, patience_of, return_path_of_each
from fascicle.signing import signer_of
from feeds.calendar import About
from feeds.outward import Outward
from feeds.publication import Publication
from feeds.publish import Publisher
from feeds.storage import Storage, open_storage
from feeds.websub import Hub
from mail.courier import Courier
from mail.tokens import Tokens
from scheduler import copies
from scheduler.alerts import Alarm
from scheduler.correct import move_site
from scheduler.dispatch import Dispatcher, Embedded, Procrastinate
from scheduler.letters import House
from scheduler.passes import Clockwork, Passes
from scheduler.pings import Herald, Pinger
from scheduler.readers import ReaderDefaults
from scheduler.release import Rules
from scheduler.replay import calendar_of
from scheduler.sending import LetterSender
from scheduler.uploads import UploadTaker
from scheduler.work import FeedWriter
from templates.environment import environment
from text.addresses import Addresses
from timing.clocks import Clock, machine_now
from web.app import WebSite, build_app
from web.asked import FeedCounter
from web.household import Household

HUB_PATIENCE = 5
"""Seconds that one conversation with the hub may take."""


@dataclass(frozen=True)
class App:
    """What the parts share: one store, one secret, one idea of addresses."""

    config: Config
    store: Store
    tokens: Tokens
    addresses: Addresses
    storage: Storage
    dispatcher: Dispatcher
    asked: FeedCounter = field(default_factory=FeedCounter)

    def now(self) -> datetime:
        """Calendar time: a replay's own, otherwise the machine's."""
        return calendar_of(self.store) or machine_now()

    @property
    def publisher(self) -> Publisher:
        return Publisher(self.store, self.storage, self.publication, self.now)

    @property
    def publication(self) -> Publication:
        site, feeds = self.config.site, self.config.feeds
        return Publication(
            addresses=self.addresses,
            title=site.title,
            author_name=site.author.name,
            author_email=site.author.email,
            language=site.language,
            rights=feeds.rights,
            icon=feeds.icon,
            logo=feeds.logo,
            hub=feeds.hub,
            full_text=feeds.full_text,
        )

    @property
    def calendars(self) -> About:
        site = self.config.site
        return About(addresses=self.addresses, title=site.title, zone=site.zone, fingerprint=self.tokens.fingerprint)

    @property
    def house(self) -> House:
        site = self.config.site
        name, address = sender_of(self.config)
        domain = address.rpartition("@")[2]
        return House(
            title=site.title,
            postal_address=site.postal_address,
            zone=site.zone,
            from_name=name or site.title,
            from_address=address,
            reply_to=self.config.mail.reply_to,
            domain=domain,
            addresses=self.addresses,
            tokens=self.tokens,
            env=self.templates,
            signer=signer_of(self.config.mail, domain=domain),
            leave_address=leave_address_of(self.config, self.tokens),
        )

    @cached_property
    def templates(self) -> Environment:
        """The templates, with the operator's own before ours. Raises BadValue when their folder is not there."""
        return templates_of(self.config)

    def token_counter(self, purpose: str, subject: int) -> int:
        with self.store.reading() as session:
            return tokens.counter(session, purpose, subject)


def dispatcher_of(config: Config, store: Store) -> Dispatcher:
    """How this store's work reaches its workers; from now on the store's transactions tell what they make ready."""
    if config.dispatch == "embedded":
        embedded = Embedded()
        store.made_ready = embedded.wake
        return embedded
    dispatcher = Procrastinate(store, machine_now)
    store.offer = dispatcher.offer
    return dispatcher


def templates_of(config: Config) -> Environment:
    """The templates, the operator's own first. Raises BadValue when the folder of those is not there."""
    folder = config.templates
    if folder is not None and not folder.is_dir():
        raise BadValue(f"config.yaml: templates: {folder} is no folder; make it, or leave the setting out")
    return environment(overrides=folder)


@contextmanager
def opened(config: Config) -> Iterator[App]:
    """The program over an existing, current store. Raises a FascicleError that says what is missing."""
    store = open_store(config.database)
    try:
        check_store(config, store)
        yield App(
            config=config,
            store=store,
            tokens=Tokens(read_secret(config.secret_file)),
            addresses=Addresses(config.site.url),
            storage=open_storage(config.feeds.storage, cache_seconds=config.feeds.cache_seconds),
            dispatcher=dispatcher_of(config, store),
        )
    finally:
        store.close()


def clockwork(app: App) -> Clockwork:
    config = app.config
    return Clockwork(app.store, config.node_file, rules_of(config), alarm_of(app), config.mail.kept)


def alarm_of(app: App) -> Alarm | None:
    """Who tells an operator what waits for them; None where none is named, and in a rehearsal."""
    to = app.config.mail.alerts_to
    if to is None or calendar_of(app.store):
        return None
    return Alarm(app.store, app.house, to, app.config.site.language, app.now)


def rules_of(config: Config) -> Rules:
    return Rules(config.release.missed_after, config.release.hold_after)


@contextmanager
def working(app: App, *, stopping: Event, calendar: Clock | None = None) -> Iterator[Passes]:
    """The worker's passes, with connections to the relay; for one thread."""
    relays = relays_of(app.config)
    _, address = sender_of(app.config)
    courier = Courier(
        relays,
        sender=address,
        connections=app.config.mail.connections,
        stopping=stopping,
        return_path=return_path_of_each(app.config, app.tokens),
        limits=limits_of(app.config),
    )
    with lease_owner(app.config.node_file.with_name("worker.lock")) as owner:
        # A rehearsal must not send the readers of the real site to look for news.
        hub = None if calendar_of(app.store) else hub_of(app.config)
        herald = Herald(app.addresses.site()) if hub else None
        move_site(app.store, app.config.site.url, now=app.now())
        feeds = FeedWriter(app.store, app.publisher, owner, machine_now, herald)
        letters = LetterSender(
            store=app.store,
            courier=courier,
            house=app.house,
            owner=owner,
            machine=machine_now,
            calendar=calendar or app.now,
            policy=app.config.mail.in_doubt,
            note=app.config.node_file,
            patience=patience_of(app.config),
        )
        try:
            pings = Pinger(app.store, hub, owner, machine_now) if hub else None
            yield Passes(clockwork(app), feeds, letters, stopping.is_set, pings)
        finally:
            courier.close()


def upload_taker(app: App, owner: str, *, stopping: Event) -> UploadTaker:
    """Who takes in the lists that operators send by a page."""
    site = app.config.site
    return UploadTaker(
        store=app.store,
        fingerprint=app.tokens.fingerprint,
        defaults=ReaderDefaults(site.zone, site.language),
        owner=owner,
        machine=machine_now,
        calendar=app.now,
        stopping=stopping.is_set,
    )


def hub_of(config: Config) -> Hub | None:
    """The hub that is told of news; None where none is named."""
    feeds = config.feeds
    return Hub(feeds.hub, HUB_PATIENCE, Outward(private=feeds.hub_private)) if feeds.hub else None


def web_of(app: App, household: Household, *, outbox: Path | None = None) -> FastAPI:
    """The pages. `outbox` is a folder of received letters to show, for a demo."""
    site = app.config.site
    return build_app(
        WebSite(
            store=app.store,
            addresses=app.addresses,
            title=site.title,
            author_name=site.author.name,
            language=site.language,
            zone=site.zone,
            tokens=app.tokens,
            publication=app.publication,
            storage=app.storage,
            cache_seconds=app.config.feeds.cache_seconds,
            hub=app.config.feeds.hub,
            env=app.templates,
            calendar=app.now,
            outbox=outbox,
            health=partial(health, app),
            house=app.house,
            rules=rules_of(app.config),
            household=household,
            asked=app.asked,
        )
    )


def health(app: App) -> dict[str, object]:
    """Whether this store may release and mail: what /healthz answers."""
    try:
        copies.check(app.store, app.config.node_file)
    except FascicleError as error:
        return {"ok": False, "problem": str(error)}
    return {"ok": True}
