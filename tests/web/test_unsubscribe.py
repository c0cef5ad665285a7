import pytest

from db.states import SubscriberState, SubscriptionState
from db.tables import Subscriber, Subscription, Token
from tests.web.making import TOKENS, Shop, a_reader, a_series


def link_of(reader: int, counter: int = 0, purpose: str = "unsubscribe") -> str:
    return f"/unsubscribe/{TOKENS.make(purpose, reader, counter)}"


def states_of(shop: Shop, reader: int) -> tuple[str, set[str]]:
    with shop.store.reading() as session:
        subscriptions = session.query(Subscription).filter_by(subscriber_id=reader)
        return session.get_one(Subscriber, reader).state, {row.state for row in subscriptions}


STAYED = (SubscriberState.active, {SubscriptionState.active})
LEFT = (SubscriberState.left, {SubscriptionState.left})


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_following_the_link_changes_nothing(shop: Shop, method: str):
    alice = a_reader(shop, a_series(shop))

    answer = shop.ask(method, link_of(alice))

    assert answer.status_code == 200
    assert states_of(shop, alice) == STAYED


def test_the_page_has_one_button_that_posts_to_the_same_address(shop: Shop):
    alice = a_reader(shop, a_series(shop))

    page = shop.get(link_of(alice)).text

    assert f'<form method="post" action="{link_of(alice)}">' in page
    assert page.count("<button") == 1


def test_pressing_it_ends_every_subscription(shop: Shop):
    alice = a_reader(shop, a_series(shop, "one"), a_series(shop, "two"))

    answer = shop.ask("POST", link_of(alice))

    assert answer.status_code == 200
    assert "No more letters." in answer.text
    assert states_of(shop, alice) == LEFT


def test_pressing_it_twice_is_fine(shop: Shop):
    alice = a_reader(shop, a_series(shop))
    shop.ask("POST", link_of(alice))

    answer = shop.ask("POST", link_of(alice))

    assert answer.status_code == 200
    assert states_of(shop, alice) == LEFT


def test_only_the_reader_of_the_link_leaves(shop: Shop):
    series = a_series(shop)
    alice, bob = a_reader(shop, series), a_reader(shop, series)

    shop.ask("POST", link_of(alice))

    assert states_of(shop, bob) == STAYED


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("token", ["forged", "A" * 32, "é", "%00", "x" * 5000])
def test_a_forged_token_is_refused(shop: Shop, method: str, token: str):
    alice = a_reader(shop, a_series(shop))

    answer = shop.ask(method, f"/unsubscribe/{token}")

    assert answer.status_code == 404
    assert states_of(shop, alice) == STAYED


def test_a_token_made_for_something_else_is_refused(shop: Shop):
    alice = a_reader(shop, a_series(shop))

    assert shop.ask("POST", link_of(alice, purpose="preferences")).status_code == 404
    assert states_of(shop, alice) == STAYED


def test_raising_the_counter_revokes_the_links_made_before(shop: Shop):
    alice = a_reader(shop, a_series(shop))
    with shop.store.writing() as session:
        session.add(Token(purpose="unsubscribe", subject=alice, counter=1))

    assert shop.ask("POST", link_of(alice)).status_code == 404
    assert shop.ask("POST", link_of(alice, counter=1)).status_code == 200


def test_who_is_suppressed_stays_suppressed(shop: Shop):
    alice = a_reader(shop, a_series(shop), state=SubscriberState.suppressed)

    shop.ask("POST", link_of(alice))

    assert states_of(shop, alice)[0] == SubscriberState.suppressed


def test_who_was_erased_meanwhile_gets_the_same_goodbye(shop: Shop):
    assert shop.ask("POST", link_of(12345)).status_code == 200


def test_the_link_is_a_key_and_travels_no_further(shop: Shop):
    answer = shop.get(link_of(a_reader(shop)))

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
