"""How many statements an answer costs."""

from sqlalchemy import event

from tests.web.making import Shop


def statements_during(shop: Shop, path: str) -> int:
    said: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        said.append(statement)

    event.listen(shop.store.engine, "before_cursor_execute", note)
    try:
        shop.get(path)
    finally:
        event.remove(shop.store.engine, "before_cursor_execute", note)
    return sum(1 for statement in said if statement.lstrip().startswith("SELECT"))
