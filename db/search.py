"""Finding posts by their words: FTS5 on SQLite, tsvector on PostgreSQL. Only what is out now is ever found.

Each keeps its index by itself: a trigger there, a generated column here. Words match by their beginnings, whatever
their case; on SQLite whatever their accents, too.
"""

import re

from sqlalchemy import ColumnElement, Connection, MetaData, TextClause, event, text
from sqlalchemy.orm import Session

from db.states import PostState
from db.tables import Base

MOST_WORDS = 8
LONGEST_WORD = 40
_WORD = re.compile(r"[^\W_]+")

SQLITE = (
    "CREATE VIRTUAL TABLE search_words USING fts5("
    "title, summary, body, content='revisions', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
    "CREATE TRIGGER search_words_insert AFTER INSERT ON revisions BEGIN "
    "INSERT INTO search_words (rowid, title, summary, body) VALUES (new.id, new.title, new.summary, new.body); END",
    "CREATE TRIGGER search_words_delete AFTER DELETE ON revisions BEGIN "
    "INSERT INTO search_words (search_words, rowid, title, summary, body) "
    "VALUES ('delete', old.id, old.title, old.summary, old.body); END",
)
"""What makes the index; a revision is never changed, so there is nothing to do when one is."""


def _vector(column: str, weight: str) -> str:
    # An index entry has a bound; past so many characters the words of a very long chapter are not found.
    plain = f"regexp_replace(left({column}, 100000), '[^[:alnum:]]+', ' ', 'g')"
    return f"setweight(to_tsvector('simple', {plain}), '{weight}')"


POSTGRESQL = (
    "ALTER TABLE revisions ADD COLUMN search_words tsvector GENERATED ALWAYS AS ("
    f"{_vector('title', 'A')} || {_vector('summary', 'B')} || {_vector('body', 'D')}) STORED",
    "CREATE INDEX search_words_index ON revisions USING gin (search_words)",
)

_ON_SQLITE = """
SELECT posts.id FROM search_words
JOIN revisions ON revisions.id = search_words.rowid
JOIN posts ON posts.revision_id = revisions.id AND posts.state = :released
JOIN series ON series.id = posts.series_id AND series.retired_at IS NULL
JOIN releases ON releases.post_id = posts.id
WHERE search_words MATCH :words
ORDER BY bm25(search_words, 8.0, 3.0, 1.0), releases.released_at DESC
LIMIT :limit
"""
_ON_POSTGRESQL = """
SELECT posts.id FROM revisions
JOIN posts ON posts.revision_id = revisions.id AND posts.state = :released
JOIN series ON series.id = posts.series_id AND series.retired_at IS NULL
JOIN releases ON releases.post_id = posts.id
WHERE revisions.search_words @@ to_tsquery('simple', :words)
ORDER BY ts_rank(revisions.search_words, to_tsquery('simple', :words)) DESC, releases.released_at DESC
LIMIT :limit
"""


def _make_index(metadata: MetaData, connection: Connection, **_options: object) -> None:
    del metadata
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[connection.dialect.name]:
        connection.exec_driver_sql(statement)


event.listen(Base.metadata, "after_create", _make_index)


def words_of(asked: str) -> list[str]:
    """The words of what somebody typed, as many as are looked for."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(asked.casefold())][:MOST_WORDS]


def matching(session: Session, asked: str, *, limit: int) -> list[int]:
    """Ids of the posts that are out and have every word, in titles first; none when there is no word to look for."""
    words = words_of(asked)
    if not words:
        return []
    statement, spoken = _spoken(session, words)
    values = {"words": spoken, "released": PostState.released.value, "limit": limit}
    return list(session.scalars(statement, values))


def among_current(session: Session, asked: str) -> ColumnElement[bool] | None:
    """For a query over Revision: has every word that somebody typed, whatever the state of its post. For operators.

    None when there is no word to look for.
    """
    words = words_of(asked)
    if not words:
        return None
    if session.get_bind().dialect.name == "sqlite":
        return text("revisions.id IN (SELECT rowid FROM search_words WHERE search_words MATCH :words)").bindparams(
            words=_on_sqlite(words)
        )  # type: ignore[return-value]  # a condition, though only text
    return text("revisions.search_words @@ to_tsquery('simple', :words)").bindparams(words=_on_postgresql(words))  # type: ignore[return-value]  # as above


def _on_sqlite(words: list[str]) -> str:
    return " AND ".join(f'"{word}"*' for word in words)


def _on_postgresql(words: list[str]) -> str:
    return " & ".join(f"'{word}':*" for word in words)


def _spoken(session: Session, words: list[str]) -> tuple[TextClause, str]:
    """Words have letters and digits alone, so that none of them can mean anything to either language."""
    if session.get_bind().dialect.name == "sqlite":
        return text(_ON_SQLITE), _on_sqlite(words)
    return text(_ON_POSTGRESQL), _on_postgresql(words)
