"""Series full of released posts, written straight into a store: what publishing is measured on."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from db.engine import Store
from db.states import MissedPolicy, PostState
from db.tables import Post, PostTag, Release, Revision, Series

START = datetime(2020, 1, 1, tzinfo=UTC)
WORDS = "Some words of a chapter, with *marks* and a [link](https://example.org/?a=1&b=2).\n\n"
BODY = WORDS * (2048 // len(WORDS))


def fill(store: Store, series: int, posts: int) -> None:
    """So many series, each with so many released posts that all have one tag, and one of their series' own."""
    with store.writing() as session:
        session.execute(insert(Series), [a_series(number, posts) for number in range(1, series + 1)])
    for number in range(1, series + 1):
        first = (number - 1) * posts
        add(store, number, first=first, seqs=range(1, posts + 1))


def add(store: Store, series: int, *, first: int, seqs: range) -> None:
    """Released posts; `first` is the id before that of the first one."""
    some = [(first + place, seq) for place, seq in enumerate(seqs, 1)]
    for begin in range(0, len(some), 1000):
        part = some[begin : begin + 1000]
        with store.writing() as session:
            session.execute(insert(Post), [_post(series, key, seq) for key, seq in part])
            session.execute(insert(Revision), [_revision(key, seq) for key, seq in part])
            session.execute(insert(Release), [_release(series, key, seq) for key, seq in part])
            names = ("Rain", f"Series {series}")
            tags = [
                {"post_id": key, "tag": name.lower().replace(" ", "-"), "name": name}
                for key, _ in part
                for name in names
            ]
            session.execute(insert(PostTag), tags)


def a_series(number: int, posts: int) -> dict[str, Any]:
    return {
        "id": number,
        "slug": f"series-{number}",
        "entry_id": f"tag:example.org,2026:series-{number}",
        "title": f"Series {number}",
        "language": "en",
        "zone": "UTC",
        "missed": MissedPolicy.release,
        "last_seq": posts,
        "created_at": START,
    }


def _post(series: int, key: int, seq: int) -> dict[str, Any]:
    return {
        "id": key,
        "series_id": series,
        "entry_id": f"tag:example.org,2026:{series}-{seq}",
        "slug": f"chapter-{seq}",
        "position": seq,
        "state": PostState.released,
        "seq": seq,
        "revision_id": key,
        "created_at": START,
    }


def _revision(key: int, seq: int) -> dict[str, Any]:
    return {
        "id": key,
        "post_id": key,
        "number": 1,
        "title": f"Chapter {seq}",
        "summary": "What this chapter is about, in a sentence or two.",
        "tags": ["Rain"],
        "body": BODY,
        "digest": f"{key:064x}",
        "significant": True,
        "created_at": START,
    }


def _release(series: int, key: int, seq: int) -> dict[str, Any]:
    moment = START + timedelta(days=seq, seconds=series)
    return {
        "id": key,
        "post_id": key,
        "series_id": series,
        "seq": seq,
        "planned_at": moment,
        "released_at": moment,
        "lateness_ms": 0,
        "silent": False,
    }
