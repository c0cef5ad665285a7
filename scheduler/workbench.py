"""Where a worker's tasks are done: what cannot be done is said in the log and tried again some time later."""

from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from db import ready
from db.errors import FascicleError
from db.tasks import Task, TaskKind
from scheduler.passes import Passes
from timing.clocks import Clock

log = structlog.get_logger()


def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Workbench:
    """For one thread at a time; a `scheduler.dispatch.Bench`.

    `feeds_written` is called after documents were, `in_trouble` when something could not be done, `met_a_bug` from
    within the handling of an exception that nobody foresaw, and which is raised then.
    """

    passes: Passes
    calendar: Clock
    feeds_written: Callable[[], object] = field(default=_nothing)
    in_trouble: Callable[[], object] = field(default=_nothing)
    met_a_bug: Callable[[], object] = field(default=_nothing)

    def take(self, task: Task) -> bool:
        done = self._do(lambda: self.passes.take(task, self.calendar()))
        if done and task.kind is TaskKind.feed:
            self.feeds_written()
        return done

    def left(self) -> list[Task]:
        with self.passes.clockwork.store.reading() as session:
            return ready.left_by(session, self.passes.letters.owner)

    def do_all(self) -> None:
        self._do(self._round)

    def _round(self) -> None:
        if self.passes.write_feeds():
            self.feeds_written()
        self.passes.send_letters(self.calendar())

    def _do(self, work: Callable[[], object]) -> bool:
        try:
            done = in_words(work)
        except Exception:
            self.met_a_bug()
            raise
        if not done:
            self.in_trouble()
        return done


def in_words(work: Callable[[], object]) -> bool:
    """Do something; False when it could not be done, and then the log has said why."""
    try:
        work()
    except FascicleError as error:
        log.error("worker cannot work", problem=str(error))
        return False
    return True
