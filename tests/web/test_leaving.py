"""Leaving by a link, a button of a mail program, or a letter: one series or all, at once, with one goodbye."""

import pytest

from db import subscribers
from db.deliveries import Letter
from db.states import Purpose, SubscriberState
from db.tables import Delivery, Edition, Subscriber, Variant
from mail.tokens import UNSUBSCRIBE
from scheduler import leaving, singles
from scheduler.letters import bytes_of
from tests.making import a_house_of_letters, in_threads
from tests.web.letterbox import letters_to, sent, state_of, subjects_to
from tests.web.making import NOW, TOKENS, Shop, a_reader, a_series
from timing.clocks import Moment

GOODBYE = "No more letters from My serials"
AT = Moment(NOW, NOW)


def link_of(reader: int) -> str:
    return f"/unsubscribe/{TOKENS.make(UNSUBSCRIBE, reader, 0)}"


def address_of(shop: Shop, reader: int) -> str:
    with shop.store.reading() as session:
        [row] = subscribers.after(session, reader - 1, limit=1)
        return row.address


def follows(shop: Shop, reader: int) -> list[str]:
    with shop.store.reading() as session:
        return [slug for row, slug in subscribers.subscriptions_of(session, [reader])[reader] if row.state == "active"]


@pytest.fixture
def alice(either: Shop) -> int:
    """A reader of two series."""
    return a_reader(either, a_series(either, "one", title="One"), a_series(either, "two", title="Two"))


def test_who_leaves_gets_one_goodbye_however_often_they_press(either: Shop, alice: int):
    for _ in range(3):
        sent(either, link_of(alice))

    assert subjects_to(either, address_of(either, alice)) == [GOODBYE]


def test_two_presses_at_once_are_one_goodbye(either: Shop, alice: int):
    either.get("/healthz")

    in_threads(2, lambda: sent(either, link_of(alice)))

    assert subjects_to(either, address_of(either, alice)) == [GOODBYE]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
        ),
        ("multipart/form-data", b"broken"),
        ("text/plain", b""),
    ],
)
def test_one_click_of_a_mail_program_works_from_nowhere_and_without_a_redirect(
    either: Shop, alice: int, content_type: str, body: bytes
):
    answer = either.ask(
        "POST",
        link_of(alice),
        content=body,
        content_type=content_type,
        origin="https://mail.example",
        sec_fetch_site="cross-site",
    )

    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert follows(either, alice) == []


def test_the_page_offers_each_series_when_there_are_several(either: Shop, alice: int):
    page = either.get(link_of(alice)).text

    assert '<input type="checkbox" name="series" value="one">' in page
    assert page.count("<button") == 2


def test_who_leaves_one_series_keeps_the_other_and_gets_no_goodbye(either: Shop, alice: int):
    answer = sent(either, link_of(alice), {"only": "yes", "series": "one"})

    assert "You still get Two." in answer.text
    assert follows(either, alice) == ["two"]
    assert subjects_to(either, address_of(either, alice)) == []


def test_who_leaves_their_last_series_leaves(either: Shop, alice: int):
    answer = sent(either, link_of(alice), {"only": "yes", "series": ["one", "two"]})

    assert "No more letters." in answer.text
    assert state_of(either, address_of(either, alice)) == SubscriberState.left
    assert subjects_to(either, address_of(either, alice)) == [GOODBYE]


def test_who_chooses_none_of_them_is_asked_again_and_nothing_changes(either: Shop, alice: int):
    answer = sent(either, link_of(alice), {"only": "yes"})

    assert "Stop the letters?" in answer.text
    assert follows(either, alice) == ["one", "two"]


def test_who_never_confirmed_leaves_without_a_goodbye(either: Shop):
    bob = a_reader(either, state=SubscriberState.pending)

    sent(either, link_of(bob))

    assert letters_to(either, address_of(either, bob)) == []


def test_a_letter_with_the_token_leaves_as_a_button_does(either: Shop, alice: int):
    token = TOKENS.make(UNSUBSCRIBE, alice, 0)

    with either.store.writing() as session:
        first = leaving.leave_by_mail(session, either.house, token, AT)
        second = leaving.leave_by_mail(session, either.house, token, AT)

    assert (first, second) == (True, True)
    assert follows(either, alice) == []
    assert subjects_to(either, address_of(either, alice)) == [GOODBYE]


@pytest.mark.parametrize(
    "token", ["", "forged", "A" * 32, TOKENS.make("preferences", 1, 0), TOKENS.make(UNSUBSCRIBE, 1, 1)]
)
def test_a_letter_with_a_forged_token_leaves_nothing(either: Shop, alice: int, token: str):
    with either.store.writing() as session:
        left = leaving.leave_by_mail(session, either.house, token, AT)

    assert not left
    assert follows(either, alice) == ["one", "two"]


def test_a_mailbox_for_leaving_stands_in_the_head_after_the_link(either: Shop):
    house = a_house_of_letters(tokens=TOKENS, leave_address="leave@example.org")
    bob = a_reader(either, a_series(either))

    head = head_of(either, house, bob)

    token = TOKENS.make(UNSUBSCRIBE, bob, 0)
    assert f"<https://example.org/unsubscribe/{token}>" in head
    assert head.index("https://") < head.index(f"<mailto:leave@example.org?subject={token}>")


def head_of(shop: Shop, house, reader: int) -> str:
    """The header of a letter that can be left."""
    with shop.store.writing() as session:
        row = session.get_one(Subscriber, reader)
        singles.send(session, house, singles.to_reader(row, Purpose.already, 1, titles=(), paused=False), now=NOW)
        delivery = session.query(Delivery).one()
        letter = Letter(delivery, session.query(Variant).one(), session.query(Edition).one().key)
        return bytes_of(house, lambda *_: 0, letter).partition(b"\r\n\r\n")[0].decode()
