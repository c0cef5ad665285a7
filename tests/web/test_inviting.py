"""Inviting an operator by a letter: what it says, what its link does, and what nobody can make of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from db import operators, suppressions
from db.states import OPEN_DELIVERIES, DeliveryState, EditionState, Role, SuppressionKind
from db.tables import Delivery, Edition, Invitation, Variant
from scheduler.invitation_links import key_of, token_of
from tests.web.letterbox import letters_to, link_in
from tests.web.making import NOW, TOKENS, Shop
from tests.web.staff import PASSWORD, Browser, a_browser_of, signed_in

BOB = "bob@example.org"


@pytest.fixture
def shop(shop_on_both: Shop) -> Shop:
    return shop_on_both


@pytest.fixture
def ada(shop: Shop) -> Browser:
    return a_browser_of(shop, Role.owner)


def invite(ada: Browser, email: str = BOB, role: str = "editor") -> None:
    answer = ada.post("/operator/operators/invite", {"email": email, "role": role, "how": "letter"})
    assert answer.status_code == 303, answer.text


def the_invitation(shop: Shop) -> Invitation:
    with shop.store.reading() as session:
        return session.scalars(select(Invitation)).one()


def test_bob_becomes_an_operator_by_the_link_in_his_letter_and_it_works_once(shop: Shop, ada: Browser):
    invite(ada)

    [letter] = letters_to(shop, BOB)
    link, bob = link_in(letter, "operator/welcome"), Browser(shop)
    page = bob.get(link).text
    answer = bob.post(link, {"name": "Bob", "password": PASSWORD})

    assert letter["Subject"] == "Look after My serials"
    assert (
        "owner@example.org asks you to look after My serials as an editor" in letter.get_body(("plain",)).get_content()
    )
    assert "As an editor you may change plans and posts." in page
    assert answer.status_code == 303
    assert signed_in(shop, BOB).get("/operator/").status_code == 200
    assert Browser(shop).get(link).status_code == 404
    assert Browser(shop).post(link, {"password": PASSWORD}).status_code == 404


def test_a_letter_has_no_link_for_leaving_and_is_written_to_nobody_else(shop: Shop, ada: Browser):
    invite(ada)

    [letter] = letters_to(shop, BOB)

    assert letter["To"] == BOB
    assert letter["List-Unsubscribe"] is None
    assert "unsubscribe" not in letter.as_string()


def test_a_link_is_over_after_seven_days(shop: Shop, ada: Browser):
    invite(ada)
    link = link_in(letters_to(shop, BOB)[0], "operator/welcome")

    shop.machine = NOW + timedelta(days=7, seconds=1)

    assert Browser(shop).get(link).status_code == 404


def test_another_invitation_makes_the_first_letter_void(shop: Shop, ada: Browser):
    invite(ada)
    shop.machine = NOW + timedelta(seconds=5)
    invite(ada, role="viewer")

    first, second = (link_in(letter, "operator/welcome") for letter in letters_to(shop, BOB))

    assert Browser(shop).get(first).status_code == 404
    assert "a viewer" in Browser(shop).get(second).text


def test_a_letter_of_an_invitation_that_is_withdrawn_does_not_go(shop: Shop, ada: Browser):
    invite(ada)
    link = link_in(letters_to(shop, BOB)[0], "operator/welcome")

    ada.post(f"/operator/operators/invitations/{the_invitation(shop).id}/withdraw")

    with shop.store.reading() as session:
        row, state = session.execute(select(Delivery, Edition.state).join(Edition)).one()
    assert state == EditionState.cancelled
    assert row.state not in OPEN_DELIVERIES
    assert Browser(shop).get(link).status_code == 404


def test_an_invitation_whose_letter_has_gone_is_withdrawn_too(shop: Shop, ada: Browser):
    invite(ada)
    with shop.store.writing() as session:
        session.execute(update(Edition).values(state="finished"))

    answer = ada.post(f"/operator/operators/invitations/{the_invitation(shop).id}/withdraw")

    assert answer.status_code == 303
    assert "bob@example.org as editor" not in ada.get("/operator/operators/").text


def test_the_store_alone_gives_no_link_away(shop: Shop, ada: Browser):
    invite(ada)
    link = link_in(letters_to(shop, BOB)[0], "operator/welcome")
    token = link.removeprefix("/operator/welcome/")

    with shop.store.reading() as session:
        kept = [one.skeleton for one in session.scalars(select(Variant))]
        kept += [repr(vars(one)).encode() for one in session.scalars(select(Invitation))]
        kept += [repr(vars(one)).encode() for one in session.scalars(select(Delivery))]

    assert len(kept) == 3
    assert not any(token.encode() in one for one in kept)


def test_a_link_of_one_who_came_before_does_not_serve_for_the_next(shop: Shop, ada: Browser):
    """On SQLite the id of an invitation comes again once the invitation is used."""
    invite(ada)
    old = the_invitation(shop)
    ada.post(f"/operator/operators/invitations/{old.id}/withdraw")
    shop.machine = NOW + timedelta(seconds=5)
    invite(ada, "una@example.org")

    token = token_of(TOKENS, key_of(old))

    assert Browser(shop).get(f"/operator/welcome/{token}").status_code == 404


def test_the_page_says_what_became_of_the_letter(shop: Shop, ada: Browser):
    invite(ada)
    waits = ada.get("/operator/operators/").text
    with shop.store.writing() as session:
        session.execute(update(Delivery).values(state=DeliveryState.hard, reply="550 no such user"))

    refused = ada.get("/operator/operators/").text

    assert "its letter waits to go out" in waits
    assert "its letter was refused: 550 no such user" in refused


def test_an_address_that_gets_no_letters_is_told_of_and_nothing_is_made(shop: Shop, ada: Browser):
    with shop.store.writing() as session:
        fingerprint = TOKENS.fingerprint(BOB)
        kind = SuppressionKind.complaint
        suppressions.suppress(session, fingerprint, address=BOB, kind=kind, reason="said so", now=NOW)

    answer = ada.post("/operator/operators/invite", {"email": BOB, "role": "editor", "how": "letter"})

    assert answer.status_code == 422
    assert "make a link and give it to them" in answer.text
    with shop.store.reading() as session:
        assert session.scalar(select(Invitation.id)) is None


@pytest.mark.parametrize("email", ["owner@example.org", "nonsense", "bob@example.org\r\nBcc: eve@example.org"])
def test_who_cannot_be_invited_gets_no_letter(shop: Shop, ada: Browser, email: str):
    answer = ada.post("/operator/operators/invite", {"email": email, "role": "editor", "how": "letter"})

    assert answer.status_code == 422
    with shop.store.reading() as session:
        assert session.scalar(select(Delivery.id)) is None
        assert len(operators.every(session)) == 1


def test_nobody_but_an_owner_invites(shop: Shop):
    ed = a_browser_of(shop, Role.editor)

    answer = ed.post("/operator/operators/invite", {"email": BOB, "role": "owner", "how": "letter"})

    assert answer.status_code == 403
    assert letters_to(shop, BOB) == []
