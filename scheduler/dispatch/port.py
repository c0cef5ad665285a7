"""What a way of handing work out must do."""

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy.orm import Session

from db.tasks import Task


class Bench(Protocol):
    """A worker's place of work, used by one thread at a time; `scheduler.workbench.Workbench` is one."""

    def take(self, task: Task) -> bool:
        """Do what can be done of a task now: nothing, when somebody else has it or it is done. False for trouble."""

    def left(self) -> list[Task]:
        """What a former worker of the same name was at when it ended: its leases are ours."""

    def do_all(self) -> None:
        """Do all that the store shows to be ready."""


class Dispatcher(Protocol):
    """Brings what is ready to the workers that are there."""

    def offer(self, session: Session, tasks: Sequence[Task]) -> None:
        """Told in the transaction that made these tasks ready, before it commits."""

    def work(self, bench: Bench) -> None:
        """Have a worker take tasks, the urgent ones first, until `stop` is called from another thread."""

    def wake(self) -> None:
        """There may be something to take in this very process."""

    def stop(self) -> None:
        """Take no further task; `work` ends when the task under way has."""

    def keep_up(self) -> int:
        """Bring back tasks that are ready and were lost; gives how many. To be called every few seconds."""
