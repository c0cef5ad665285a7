"""Lint over 41 posts that really came out, with the faults that readers saw and nobody had been told of."""

from pathlib import Path

from db.engine import Store
from scheduler.lint import lint, read_books
from tests.lint.listing import bring_in, expected
from tests.making import a_house, at

AFTERWARDS = at("2026-03-20 12:00")
BEFOREHAND = at("2024-08-01 12:00")


def test_lint_finds_exactly_what_was_expected(store: Store, tmp_path: Path):
    a_house(store, now=AFTERWARDS)
    with store.writing() as session:
        bring_in(session, tmp_path, now=AFTERWARDS)

    with store.reading() as session:
        found = lint(read_books(session), now=AFTERWARDS)

    assert sorted(f"{one.rule} {one.series} {one.post or one.place}" for one in found) == sorted(expected())


def test_lint_would_have_told_it_beforehand(store: Store, tmp_path: Path):
    a_house(store, now=BEFOREHAND)
    with store.writing() as session:
        bring_in(session, tmp_path, now=BEFOREHAND)

    with store.reading() as session:
        found = lint(read_books(session), now=BEFOREHAND)

    assert sorted(f"{one.rule} {one.series} {one.post or one.place}" for one in found) == sorted(expected())
