"""What became ready in a transaction: noted by the questions that made it so, and handed on before the commit."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy.orm import Session

_NOTED = "fascicle_tasks"


class TaskKind(StrEnum):
    """The kinds of work that are handed out: a feed's topic, an edition to be cut into batches, one of its batches."""

    feed = "feed"
    edition = "edition"
    batch = "batch"


class Task(NamedTuple):
    """One thing that a worker can take. `key` is a topic, or the id of an edition or a batch."""

    kind: TaskKind
    key: str


def feed(topic: str) -> Task:
    return Task(TaskKind.feed, topic)


def edition(edition_id: int) -> Task:
    return Task(TaskKind.edition, str(edition_id))


def batch(batch_id: int) -> Task:
    return Task(TaskKind.batch, str(batch_id))


def note(session: Session, tasks: Iterable[Task]) -> None:
    """Have these tasks offered to workers when the transaction commits, and not if it does not."""
    session.info.setdefault(_NOTED, set()).update(tasks)


def noted(session: Session) -> list[Task]:
    """What this transaction made ready so far, each once, in an order that two transactions share."""
    return sorted(session.info.get(_NOTED, ()))
