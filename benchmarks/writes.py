"""How long write transactions hold a store: from their BEGIN, which waits for the lock before, to after the COMMIT."""

import threading
import time

from sqlalchemy import Connection, event

from db.engine import Store


class WriteTimes:
    """Milliseconds of each write transaction from now on, by the name of the thread that made it."""

    def __init__(self, store: Store) -> None:
        self.took: dict[str, list[float]] = {}
        self._mine = threading.local()
        event.listen(store.engine, "begin", self._begun)
        event.listen(store.engine, "commit", self._committing)
        # Told before its COMMIT; the connection's return to the pool is what follows it.
        event.listen(store.engine, "checkin", self._returned)

    def _begun(self, _connection: Connection) -> None:
        self._mine.begin, self._mine.wrote = time.perf_counter(), False

    def _committing(self, connection: Connection) -> None:
        writes = connection.get_execution_options().get("fascicle_writes", False)
        self._mine.wrote = writes and hasattr(self._mine, "begin")

    def _returned(self, *_: object) -> None:
        if getattr(self._mine, "wrote", False):
            took = (time.perf_counter() - self._mine.begin) * 1000
            self.took.setdefault(threading.current_thread().name, []).append(took)
            self._mine.wrote = False

    def longest(self) -> float:
        return max((took for times in self.took.values() for took in times), default=0)
