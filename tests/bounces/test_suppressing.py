"""The list of addresses that get nothing, on both databases."""

from collections.abc import Iterator

import pytest
from sqlalchemy import update

from db.states import SuppressionKind
from db.tables import Delivery
from importers.suppressions import SuppressionSource
from importers.values import Place, Problem
from scheduler import suppressing
from scheduler.bounces import Effect
from scheduler.steer import By
from scheduler.suppressing import AT_ONCE, ResumeRefused, SuppressionNotFound
from tests.bounces.desk import MONDAY, Desk
from tests.bounces.shapes import ALICE, complaint
from tests.making import TOKENS

BY = By("carol", MONDAY, "a reason")


def add(desk: Desk, address: str) -> bool:
    with desk.store.writing() as session:
        return suppressing.add(session, address, TOKENS.fingerprint, BY)


def lift(desk: Desk, address: str, *, resume: bool) -> None:
    with desk.store.writing() as session:
        suppressing.lift(session, address, TOKENS.fingerprint, BY, resume=resume)


def listed(address: str, line: int = 2) -> SuppressionSource:
    return SuppressionSource(
        place=Place("list.csv", line),
        email=address,
        fingerprint=None,
        kind=SuppressionKind.imported,
        reason="",
        since=None,
    )


def test_an_address_is_suppressed_once_however_it_is_spelled(desk: Desk):
    assert add(desk, ALICE)
    assert not add(desk, "ALICE@example.org")

    assert desk.suppressed() == [(ALICE, "operator")]
    assert desk.state() == "suppressed"


def test_who_is_taken_off_the_list_may_come_back_and_is_not_brought_back(desk: Desk):
    desk.sends(0)
    add(desk, ALICE)

    lift(desk, ALICE, resume=False)
    desk.sends(1)

    assert (desk.state(), desk.follows(), desk.suppressed()) == ("left", ["left"], [])
    assert len(desk.letters()) == 1


def test_letters_that_go_on_bring_what_came_out_meanwhile(desk: Desk):
    desk.sends(0)
    desk.bounced(0, "5.1.1")
    desk.sends(1)

    lift(desk, ALICE, resume=True)
    desk.sends(2)

    assert desk.state() == "active"
    assert desk.office.carried() == [["day-0"], ["day-1", "day-2"]]


def test_what_was_forgiven_counts_no_more(desk: Desk):
    desk.sends(0, 3, 6, 9, 12)
    for number in range(5):
        desk.bounced(number)

    lift(desk, ALICE, resume=True)
    desk.sends(13)

    assert desk.bounced(5).effect is Effect.noted


def test_who_complained_is_never_resumed(desk: Desk):
    desk.sends(0)
    desk.takes(complaint(desk.path()))

    with pytest.raises(ResumeRefused, match="only they can come back"):
        lift(desk, ALICE, resume=True)

    assert desk.suppressed() == [(ALICE, "complaint")]


def test_nobody_is_taken_off_a_list_they_are_not_on(desk: Desk):
    with pytest.raises(SuppressionNotFound, match="is not suppressed"):
        lift(desk, ALICE, resume=False)


def test_an_import_that_breaks_off_goes_on_where_it_was(desk: Desk):
    lines = [listed(f"reader-{number}@example.org", number + 2) for number in range(AT_ONCE + 5)]

    def breaking_off() -> Iterator[SuppressionSource]:
        yield from lines[: AT_ONCE + 1]
        raise KeyboardInterrupt

    taking = suppressing.take_in(desk.store, breaking_off(), TOKENS.fingerprint, BY)
    with pytest.raises(KeyboardInterrupt):
        list(taking)
    again = list(suppressing.take_in(desk.store, lines, TOKENS.fingerprint, BY))

    assert [line.new for line in again] == [False] * AT_ONCE + [True] * 5
    assert len(desk.suppressed()) == AT_ONCE + 5


def test_a_line_that_is_wrong_keeps_none_of_the_others_back(desk: Desk):
    wrong = Problem(Place("list.csv", 3), "is wrong")

    lines = list(suppressing.take_in(desk.store, [listed(ALICE), wrong], TOKENS.fingerprint, BY))

    assert [(line.source is wrong, line.new) for line in lines] == [(False, True), (True, False)]
    assert desk.state() == "suppressed"


def test_who_was_only_asked_to_confirm_is_never_resumed(desk: Desk):
    desk.sends(0)
    with desk.store.writing() as session:
        session.execute(update(Delivery).values(purpose="confirm", fingerprint=TOKENS.fingerprint(ALICE)))
        suppressing.add(session, ALICE, TOKENS.fingerprint, BY)

    with pytest.raises(ResumeRefused, match="never sent a letter"):
        lift(desk, ALICE, resume=True)
