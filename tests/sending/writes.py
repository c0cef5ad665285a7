"""What a store's transactions do, told by the driver: how many rows each write touches, and what is asked outside."""

from typing import Any

from sqlalchemy import event

from db.engine import Store


class Writes:
    """From now on: rows touched by each write transaction, the statements in them, and those of mere looks."""

    def __init__(self, store: Store) -> None:
        self.rows: list[int] = []
        self.statements: list[str] = []
        self.looks: list[str] = []
        self._transaction: object = None
        event.listen(store.engine, "after_cursor_execute", self._executed)

    def _executed(self, connection: Any, cursor: Any, statement: str, *_: object) -> None:
        if not connection.get_execution_options().get("fascicle_writes"):
            self.looks.append(statement)
            return
        if statement.startswith("BEGIN"):
            return
        if connection.get_transaction() is not self._transaction:
            self._transaction = connection.get_transaction()
            self.rows.append(0)
        self.statements.append(statement)
        if not statement.startswith("SELECT"):
            self.rows[-1] += cursor.rowcount
