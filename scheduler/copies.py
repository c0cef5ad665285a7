"""Noticing that a store is a copy: a clone or a restored backup must not release or mail by itself.

Store and node each keep the installation's name, the database's identity and an epoch. The store's epoch rises before
each edition is opened, and before each letter that is in no edition that is; a node notes it before the first letter.
So a store that is behind its node is old.
"""

import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from db import installation
from db.engine import Store
from db.errors import CopyRefused
from db.said import say

_POSTGRESQL_IDENTITY = """
    SELECT cluster.system_identifier, database.oid
    FROM pg_control_system() AS cluster, pg_database AS database
    WHERE database.datname = current_database()
"""
_MACHINE_ID = Path("/etc/machine-id")


@dataclass(frozen=True)
class Note:
    """What a node remembers of its store."""

    installation: str
    database: str
    epoch: int


def read_note(path: Path) -> Note | None:
    """The node's note, or None where this node never worked. Raises CopyRefused when it is unreadable."""
    try:
        return Note(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise CopyRefused(f"{path}: cannot be read ({error}); remove it and run `fascicle db adopt`") from None


def write_note(path: Path, note: Note) -> None:
    """Write the node's note so that it is either the old one or the new one, after a crash too."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(note), file)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)


def identity(store: Store, session: Session) -> str:
    """What tells this database from a copy of it.

    PostgreSQL: the cluster's system identifier with the database's own id. SQLite: the file's inode and the machine's
    id; not the path, so that moving the folder is no copy.
    """
    if not store.is_sqlite:
        return "/".join(str(part) for part in session.execute(text(_POSTGRESQL_IDENTITY)).one())
    file = store.engine.url.database
    assert file
    machine = _MACHINE_ID.read_text().strip() if _MACHINE_ID.exists() else ""
    return hashlib.sha256(f"{Path(file).stat().st_ino}|{machine}".encode()).hexdigest()[:32]


def check(store: Store, path: Path) -> None:
    """Raises CopyRefused unless node and store belong together. A node that is new to a store takes its first note."""
    with store.reading() as session:
        row, now_identity = installation.the(session), identity(store, session)
    if row.database != now_identity:
        raise CopyRefused(_refusal(say("this is not the database that the installation was set up with")))
    note = read_note(path)
    if note is None:
        write_note(path, Note(row.name, row.database, row.epoch))
    elif note.installation != row.name or note.database != row.database:
        raise CopyRefused(_refusal(say("%(file)s on this machine belongs to another store", file=path.name)))
    elif row.epoch < note.epoch:
        raise CopyRefused(
            _refusal(
                say("the store is at epoch %(epoch)s, this machine has seen %(seen)s", epoch=row.epoch, seen=note.epoch)
            )
        )


def _refusal(why: str) -> str:
    return say(
        "%(why)s: it looks like a clone or a restored backup, so nothing is released or mailed. "
        "If it is the one that shall go on, run `fascicle db adopt`",
        why=why,
    )


def adopt(store: Store, path: Path) -> Note:
    """Make this store and this node belong together from now on."""
    seen = _seen_epoch(path)
    with store.writing() as session:
        row, now_identity = installation.the(session), identity(store, session)
        note = Note(row.name, now_identity, max(row.epoch, seen) + 1)
        installation.adopt(session, database=note.database, epoch=note.epoch)
    write_note(path, note)
    return note


def _seen_epoch(path: Path) -> int:
    try:
        note = read_note(path)
    except CopyRefused:
        return 0
    return note.epoch if note else 0


def raise_epoch(store: Store, path: Path) -> None:
    """Raise the store's epoch and note it here: to be done before an edition is opened."""
    with store.writing() as session:
        note = raised(session)
    keep(path, note)


def raised(session: Session) -> Note:
    """Raise the store's epoch; the note of it is to be kept once that is committed, and before any letter."""
    epoch = installation.raise_epoch(session)
    return replace(as_it_is(session), epoch=epoch)


def as_it_is(session: Session) -> Note:
    """What a node that works now has to remember of its store."""
    row = installation.the(session)
    return Note(row.name, row.database, row.epoch)


def keep(path: Path, note: Note) -> None:
    """Have a node remember an epoch, unless it knows of a later one."""
    known = read_note(path)
    if known is None or known.epoch < note.epoch:
        write_note(path, note)
