"""Books as they are in a store."""

from datetime import date, datetime

from db.engine import Store
from db.states import PostState
from scheduler.cadence import Cadence
from scheduler.lint import Book, read_books
from tests.making import NOON, a_house, a_series, a_source, at, taken_in


def the_book(store: Store) -> Book:
    with store.reading() as session:
        [book] = read_books(session)
    return book


def test_a_series_is_read_with_all_that_rules_need(store: Store):
    a_house(store)
    with store.writing() as session:
        series = a_series(session, title="The Harbour", zone="Europe/Riga", announced_count=3)
        series.announced_from, series.announced_until = date(2026, 3, 2), date(2026, 3, 4)
        series.lint = {"off": ["gap"], "buffer": 5}
        taken_in(session, series, [a_source(slug="one", number="1", wall=datetime(2026, 3, 2, 7))])

    book = the_book(store)

    assert (book.series, book.title, book.language, book.zone) == ("primer", "The Harbour", "en", "Europe/Riga")
    assert (book.announced_count, book.announced_from, book.announced_until) == (
        3,
        date(2026, 3, 2),
        date(2026, 3, 4),
    )
    assert (book.off, book.buffer, book.held, book.cadence) == (frozenset({"gap"}), 5, None, Cadence())


def test_a_post_is_read_with_its_words_and_its_plan(store: Store):
    a_house(store)
    source = a_source("The lamp", slug="one", number="1", wall=datetime(2026, 3, 2, 7), summary="Lit.", body="Dark.")
    with store.writing() as session:
        taken_in(session, a_series(session, zone="Europe/Riga"), [source])

    [chapter] = the_book(store).chapters

    assert (chapter.slug, chapter.number, chapter.title) == ("one", "1", "The lamp")
    assert (chapter.summary, chapter.body, chapter.state) == ("Lit.", "Dark.", PostState.planned)
    assert (chapter.wall, chapter.due_at) == (datetime(2026, 3, 2, 7), at("2026-03-02 05:00"))
    assert (chapter.pinned, chapter.released_at, chapter.position) == (True, None, 0)


def test_history_is_read_with_the_moment_it_came_out(store: Store):
    a_house(store)
    with store.writing() as session:
        taken_in(session, a_series(session), [a_source(wall=datetime(2026, 2, 2, 7))])

    [chapter] = the_book(store).chapters

    assert (chapter.state, chapter.released_at) == (PostState.released, at("2026-02-02 07:00"))


def test_drafts_are_read_too(store: Store):
    a_house(store)
    with store.writing() as session:
        taken_in(session, a_series(session), [a_source(draft=True)])

    assert [chapter.state for chapter in the_book(store).chapters] == [PostState.draft]


def test_a_hold_is_read_with_its_reason(store: Store):
    a_house(store)
    with store.writing() as session:
        a_series(session, held_at=NOON, held_reason="the proofs are missing")

    assert the_book(store).held == "the proofs are missing"


def test_a_cadence_is_read(store: Store):
    a_house(store)
    with store.writing() as session:
        a_series(session, cadence={"every": "day", "at": "07:00", "start": "2026-03-02"})

    assert the_book(store).cadence.start == date(2026, 3, 2)
