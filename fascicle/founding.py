"""What a house begins with: its secret, and a store that has the tables this program needs."""

import secrets
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from db import installation, migrate
from db.engine import Store, open_store
from db.errors import FascicleError
from db.states import StoreKind
from fascicle.config import Config
from scheduler import copies
from scheduler.dispatch import tables


def init_store(config: Config, *, kind: StoreKind, now: datetime) -> bool:
    """Make the secret and the store with its tables where they are missing; False when the store was there already."""
    _make_secret(config.secret_file)
    store = open_store(config.database)
    try:
        upgrade_store(config, store)
        with store.writing() as session:
            if installation.exists(session):
                return False
            domain = urlsplit(config.site.url).hostname or "localhost"
            identity = copies.identity(store, session)
            installation.create(session, database=identity, kind=kind, domain=domain, now=now)
        copies.check(store, config.node_file)
        return True
    finally:
        store.close()


def upgrade_store(config: Config, store: Store) -> None:
    """Bring all tables to what this program needs."""
    migrate.upgrade(store)
    if config.dispatch == "procrastinate":
        tables.upgrade(store)


def check_store(config: Config, store: Store) -> None:
    """Raises StoreTooNew or StoreTooOld unless the store has just the tables that this program needs."""
    migrate.check_current(store)
    if config.dispatch == "procrastinate":
        tables.check_current(store)


def _make_secret(path: Path) -> None:
    if path.exists():
        return
    try:
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
    except OSError as error:
        raise FascicleError(f"{path}: the secret cannot be written: {error.strerror}") from None


def read_secret(path: Path) -> bytes:
    try:
        secret = path.read_bytes().strip()
    except OSError:
        raise FascicleError(
            f"{path}: no secret there; `fascicle init` makes one, or put back the one you had"
        ) from None
    if len(secret) < 32:
        raise FascicleError(f"{path}: a secret of at least 32 characters is expected; put back the one you had")
    return secret
