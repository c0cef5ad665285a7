from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from db import installation
from db.engine import Store
from db.errors import CopyRefused
from scheduler import copies
from tests.making import a_clockwork, a_house, a_planned_post, a_series, at, released_slugs

DUE = at("2026-03-05 07:00")
Clone = Callable[[Store], Store]


@pytest.fixture
def house(store: Store, note: Path) -> Store:
    """A store with one planned post, known to this node."""
    a_house(store)
    with store.writing() as session:
        a_planned_post(session, a_series(session), DUE, slug="one")
    copies.check(store, note)
    return store


def test_a_node_that_is_new_to_a_store_takes_its_first_note(house: Store, tmp_path: Path):
    fresh = tmp_path / "fresh.json"

    copies.check(house, fresh)

    assert copies.read_note(fresh) == copies.read_note(tmp_path / "node.json")


def test_a_store_and_its_node_go_on(house: Store, note: Path):
    a_clockwork(house, note).wake(DUE)

    assert released_slugs(house) == ["one"]


def test_a_clone_of_the_database_is_refused(house: Store, note: Path, cloned: Clone):
    clone = cloned(house)

    with pytest.raises(CopyRefused, match="fascicle db adopt"):
        copies.check(clone, note)


def test_a_clone_is_refused_on_a_machine_that_never_saw_the_store(house: Store, tmp_path: Path, cloned: Clone):
    clone = cloned(house)

    with pytest.raises(CopyRefused, match="not the database"):
        copies.check(clone, tmp_path / "fresh.json")


def test_a_clone_releases_nothing(house: Store, note: Path, cloned: Clone):
    clone = cloned(house)

    with pytest.raises(CopyRefused):
        a_clockwork(clone, note).wake(DUE)

    assert released_slugs(clone) == []


def test_a_clone_opens_no_edition(house: Store, note: Path, cloned: Clone):
    clone = cloned(house)

    with pytest.raises(CopyRefused):
        a_clockwork(clone, note).open_editions(DUE)


def test_an_adopted_clone_goes_on_and_the_old_store_does_not(house: Store, note: Path, cloned: Clone):
    clone = cloned(house)

    copies.adopt(clone, note)
    a_clockwork(clone, note).wake(DUE)

    assert released_slugs(clone) == ["one"]
    with pytest.raises(CopyRefused):
        copies.check(house, note)


def test_a_store_older_than_what_its_node_has_seen_is_refused(house: Store, note: Path):
    known = copies.read_note(note)
    assert known
    copies.write_note(note, replace(known, epoch=5))

    with pytest.raises(CopyRefused, match="the store is at epoch 0, this machine has seen 5"):
        copies.check(house, note)


def test_adopting_an_old_store_raises_it_above_all_that_was_seen(house: Store, note: Path):
    known = copies.read_note(note)
    assert known
    copies.write_note(note, replace(known, epoch=5))

    adopted = copies.adopt(house, note)

    assert adopted.epoch == 6
    copies.check(house, note)


def test_a_note_of_another_installation_is_refused(house: Store, note: Path):
    known = copies.read_note(note)
    assert known
    copies.write_note(note, replace(known, installation="another"))

    with pytest.raises(CopyRefused, match=r"node.json on this machine belongs to another store"):
        copies.check(house, note)


def test_an_epoch_is_raised_in_the_store_and_in_the_note(house: Store, note: Path):
    copies.raise_epoch(house, note)

    known = copies.read_note(note)
    assert known
    assert known.epoch == 1
    with house.reading() as session:
        assert installation.the(session).epoch == 1


def test_a_note_that_is_behind_its_store_goes_on(house: Store, note: Path, tmp_path: Path):
    copies.raise_epoch(house, tmp_path / "another-node.json")

    copies.check(house, note)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"epoch": 1}'])
def test_an_unreadable_note_is_refused(house: Store, note: Path, text: str):
    note.write_text(text)

    with pytest.raises(CopyRefused, match="cannot be read"):
        copies.check(house, note)


def test_adopting_mends_an_unreadable_note(house: Store, note: Path):
    note.write_text("{")

    copies.adopt(house, note)

    copies.check(house, note)
