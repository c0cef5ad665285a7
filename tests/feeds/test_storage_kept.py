"""What is kept in memory stays within its room."""

from datetime import UTC, datetime

from feeds.storage.kept import Kept
from feeds.storage.port import Stored


def a_document(size: int = 10_000) -> Stored:
    return Stored.of(bytes(size), None, datetime(2026, 3, 5, tzinfo=UTC))


def test_the_least_lately_asked_for_is_given_up_first():
    kept: Kept[int] = Kept(room=25_000)
    kept.put("a", 1, a_document())
    kept.put("b", 1, a_document())
    kept.get("a")

    kept.put("c", 1, a_document())

    assert [kept.get(path) is not None for path in "abc"] == [True, False, True]


def test_a_document_put_again_takes_its_room_once():
    kept: Kept[int] = Kept(room=25_000)
    kept.put("a", 1, a_document())

    for mark in range(10):
        kept.put("b", mark, a_document())

    assert kept.get("a") is not None
    assert kept.get("b")[0] == 9


def test_a_document_larger_than_the_room_is_not_kept():
    kept: Kept[int] = Kept(room=5_000)

    kept.put("a", 1, a_document())

    assert kept.get("a") is None


def test_names_of_nothing_do_not_grow_without_end():
    kept: Kept[int] = Kept(room=10_240)

    for number in range(1000):
        kept.put(f"no-{number}", 1, None)

    assert sum(kept.get(f"no-{number}") is not None for number in range(1000)) == 10
