"""Subscribing by the form: asked, confirmed by a letter, welcomed; and nobody learns who is subscribed."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import event, select

from db import subscribers
from db.states import SubscriberState, SubscriptionState
from db.tables import Audit, CatchUp, Consent, Delivery, Post, Series, Subscriber, Subscription, Suppression, Throttle
from scheduler.joining import LETTERS_A_DAY, WORKS
from tests.making import in_threads
from tests.web.letterbox import letters_to, link_in, newest_link, sent, state_of, subjects_to
from tests.web.making import NOW, TOKENS, Shop, a_post, a_series
from web.public.subscribe import ASKS_AN_HOUR, network_of

ADA = "ada@example.org"
CONFIRM = "Confirm your letters from My serials"
WELCOME = "Welcome to My serials"
ALREADY = "You get letters from My serials already"


def asked(shop: Shop, address: str = ADA, **fields: object) -> None:
    answer = sent(shop, "/subscribe", {"email": address, "series": "primer", **fields})
    assert answer.status_code == 200, answer.text


def confirmed(shop: Shop, address: str = ADA, **fields: object) -> None:
    asked(shop, address, **fields)
    assert sent(shop, newest_link(shop, address)).status_code == 200


def the_subscription(shop: Shop, address: str = ADA) -> Subscription:
    with shop.store.reading() as session:
        statement = select(Subscription).join(Subscriber).where(Subscriber.address == address)
        return session.scalars(statement).one()


def rows_of(shop: Shop, table: type) -> list:
    with shop.store.reading() as session:
        return list(session.scalars(select(table)))


def left(shop: Shop, address: str = ADA) -> None:
    with shop.store.writing() as session:
        subscribers.leave(session, subscribers.by_address(session, address).id, now=NOW)


def suppressed(shop: Shop, address: str = ADA) -> None:
    with shop.store.writing() as session:
        mark = TOKENS.fingerprint(subscribers.address_key(address))
        session.add(Suppression(fingerprint=mark, reason="complained", created_at=NOW))


@pytest.fixture
def primer(either: Shop) -> Shop:
    """A site with one series, of which one chapter is out."""
    a_chapter_is_out(either, a_series(either))
    either.get("/healthz")  # two who ask at once must not be the first ones
    return either


def a_chapter_is_out(shop: Shop, series: int) -> None:
    post = a_post(shop, series)
    with shop.store.writing() as session:
        session.get_one(Series, series).last_seq = session.get_one(Post, post).seq or 0


def last_seq(shop: Shop) -> int:
    with shop.store.reading() as session:
        return session.scalars(select(Series.last_seq)).one()


def test_nothing_comes_before_the_letter_is_answered(primer: Shop):
    asked(primer)

    assert subjects_to(primer, ADA) == [CONFIRM]
    assert state_of(primer, ADA) == SubscriberState.pending
    assert rows_of(primer, Subscription) == []


def test_following_the_link_changes_nothing_and_pressing_its_button_subscribes(primer: Shop):
    asked(primer)
    link = newest_link(primer, ADA)

    page = primer.get(link)
    after_get = state_of(primer, ADA)
    answer = sent(primer, link)

    assert f'<form method="post" action="{link}">' in page.text
    assert after_get == SubscriberState.pending
    assert "You are in." in answer.text
    assert state_of(primer, ADA) == SubscriberState.active


def test_who_confirmed_is_welcomed_and_hears_when_the_first_letter_comes(primer: Shop):
    confirmed(primer, hour="8", zone="Europe/Berlin")

    [letter] = letters_to(primer, ADA)
    said = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert letter["Subject"] == WELCOME
    assert "You get The Primer." in said
    assert "Saturday 7 March at 08:00 Europe/Berlin" in said


def test_the_choices_of_the_form_hold(primer: Shop):
    confirmed(primer, frequency="weekly:friday", hour="21", zone="Asia/Kathmandu", language="de")

    with primer.store.reading() as session:
        reader = subscribers.by_address(session, ADA)
    row = the_subscription(primer)
    assert (reader.hour, reader.zone, reader.language) == (21, "Asia/Kathmandu", "de")
    assert (row.frequency, row.weekday, row.watermark, row.state) == ("weekly", 4, last_seq(primer), "active")
    assert subjects_to(primer, ADA) == ["Willkommen bei My serials"]


def test_who_begins_with_the_first_chapter_catches_up(primer: Shop):
    confirmed(primer, begin="every 2 days")

    [pace] = rows_of(primer, CatchUp)
    assert the_subscription(primer).watermark == last_seq(primer) - 1
    assert pace.posts == 1


def test_the_consent_is_kept_with_its_moments_and_the_text_that_was_shown(primer: Shop):
    shown = primer.get("/subscribe").text
    asked(primer)
    primer.calendar = lambda: NOW + timedelta(hours=1)

    sent(primer, newest_link(primer, ADA))

    [consent] = rows_of(primer, Consent)
    assert consent.text in shown
    assert (consent.asked_at, consent.confirmed_at) == (NOW, NOW + timedelta(hours=1))
    assert (consent.series, consent.how) == (["primer"], "web form, confirmed by the link in a letter")


def test_the_link_works_once(primer: Shop):
    asked(primer)
    link = newest_link(primer, ADA)
    sent(primer, link)

    again = sent(primer, link)

    assert "Done already" in again.text
    assert len(rows_of(primer, Consent)) == 1
    assert subjects_to(primer, ADA) == [WELCOME]


def test_a_replayed_link_brings_nobody_back_who_left(primer: Shop):
    asked(primer)
    link = newest_link(primer, ADA)
    sent(primer, link)
    left(primer)

    sent(primer, link)

    assert state_of(primer, ADA) == SubscriberState.left


def test_pressed_by_two_at_once_it_subscribes_once(primer: Shop):
    asked(primer)
    link = newest_link(primer, ADA)

    answers = in_threads(2, lambda: sent(primer, link).status_code)

    assert answers == [200, 200]
    assert len(rows_of(primer, Consent)) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_link_expires(primer: Shop, method: str):
    asked(primer)
    link = newest_link(primer, ADA)
    primer.machine = NOW + WORKS

    answer = primer.ask(method, link, sec_fetch_site="same-origin")

    assert answer.status_code == 404
    assert "ask again" in answer.text
    assert state_of(primer, ADA) == SubscriberState.pending


FORGED = ["forged", "A" * 32, "é", "%00", "x" * 5000]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_forged_token_is_refused(primer: Shop, method: str):
    asked(primer)

    answers = {token: primer.ask(method, f"/confirm/{token}").status_code for token in FORGED}

    assert answers == dict.fromkeys(FORGED, 404)
    assert state_of(primer, ADA) == SubscriberState.pending


@pytest.mark.parametrize("purpose", ["unsubscribe", "preferences", "erase", "new-address"])
def test_a_token_made_for_something_else_is_refused(primer: Shop, purpose: str):
    asked(primer)

    assert sent(primer, f"/confirm/{TOKENS.make(purpose, 1, 0)}").status_code == 404
    assert state_of(primer, ADA) == SubscriberState.pending


def test_who_left_comes_back_from_the_next_chapter_on(primer: Shop):
    confirmed(primer)
    left(primer)
    with primer.store.writing() as session:
        session.query(Series).one().last_seq += 5

    asked(primer)
    between = (state_of(primer, ADA), subjects_to(primer, ADA)[-1])
    sent(primer, newest_link(primer, ADA))

    row = the_subscription(primer)
    assert between == (SubscriberState.left, CONFIRM)
    assert (state_of(primer, ADA), row.state, row.watermark, row.left_at) == (
        "active",
        "active",
        last_seq(primer),
        None,
    )


def test_who_gets_letters_already_is_told_so_by_a_letter_with_the_way_to_their_choices(primer: Shop):
    confirmed(primer)

    asked(primer)

    letter = letters_to(primer, ADA)[-1]
    assert letter["Subject"] == ALREADY
    assert link_in(letter, "preferences").startswith("/preferences/")
    assert rows_of(primer, Consent)[1:] == []


@pytest.mark.parametrize("address", ["ADA@Example.ORG", " ada@example.org ", "Ada@EXAMPLE.org"])
def test_two_spellings_of_one_address_are_one_subscriber(primer: Shop, address: str):
    asked(primer)

    asked(primer, address)

    assert len(rows_of(primer, Subscriber)) == 1


def test_two_who_ask_for_one_address_at_once_make_one_subscriber(primer: Shop):
    in_threads(2, lambda: asked(primer))

    assert len(rows_of(primer, Subscriber)) == 1
    assert subjects_to(primer, ADA) == [CONFIRM, CONFIRM]


def test_a_domain_of_other_scripts_is_one_address_in_both_its_forms(primer: Shop):
    asked(primer, "ada@bücher.example.org")

    asked(primer, "ada@xn--bcher-kva.example.org")

    assert len(rows_of(primer, Subscriber)) == 1
    assert letters_to(primer, "ada@bücher.example.org")[0]["To"] == "ada@xn--bcher-kva.example.org"


UNUSABLE = [
    "",
    "ada",
    "ada@",
    "@example.org",
    "ada@localhost",
    "a b@example.org",
    "ada@example.org\r\nBcc: all@example.com",
    "ada@example.org\0",
    '"><script>alert(1)</script>@example.org',
    f"{'a' * 250}@example.org",
]


@pytest.mark.parametrize("address", UNUSABLE)
def test_an_address_that_cannot_be_written_to_is_refused_with_the_form_and_the_reason(primer: Shop, address: str):
    answer = sent(primer, "/subscribe", {"email": address, "series": "primer"})

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "<script>" not in answer.text
    assert rows_of(primer, Subscriber) == []


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("Asia/Tokyo", "Asia/Tokyo"),
        ("Asia/Calcutta", "Asia/Calcutta"),  # as browsers name Asia/Kolkata
        ("", "Europe/Riga"),
        ("Etc/GMT+5", "Europe/Riga"),
        ("Mars/Olympus", "Europe/Riga"),
        ("../../etc/passwd", "Europe/Riga"),
    ],
)
def test_a_browser_that_says_its_zone_is_believed_where_that_zone_is_offered(primer: Shop, said: str, zone: str):
    confirmed(primer, browser_zone=said)

    assert [one.zone for one in rows_of(primer, Subscriber)] == [zone]


def test_a_zone_that_was_chosen_goes_before_what_the_browser_says(primer: Shop):
    confirmed(primer, browser_zone="Asia/Tokyo", zone="Asia/Kathmandu")

    assert [one.zone for one in rows_of(primer, Subscriber)] == ["Asia/Kathmandu"]


def test_a_form_that_comes_back_shows_the_zone_and_guesses_no_more(primer: Shop):
    answer = sent(primer, "/subscribe", {"email": "ada", "series": "primer", "browser_zone": "Asia/Tokyo"})

    assert 'name="zone" list="zone-list" value="Asia/Tokyo"' in answer.text
    assert "data-guess" not in answer.text
    assert "<script" not in answer.text
    assert "script-src" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "fields",
    [
        {"series": "nothing"},
        {"frequency": "hourly"},
        {"hour": "24"},
        {"hour": "-1"},
        {"hour": "9" * 5000},
        {"zone": "Europe/Atlantis"},
        {"zone": "../../etc/passwd"},
        {"language": "tlh"},
        {"begin": "every minute"},
    ],
)
def test_a_choice_that_is_not_there_is_refused(primer: Shop, fields: dict[str, str]):
    answer = sent(primer, "/subscribe", {"email": ADA, "series": "primer", **fields})

    assert answer.status_code == 422
    assert rows_of(primer, Subscriber) == []


def in_each_state(shop: Shop) -> list[str]:
    """Addresses of somebody unknown, pending, active, who left, and who is suppressed."""
    addresses = [f"{state}@example.org" for state in ("unknown", "pending", "active", "gone", "suppressed")]
    asked(shop, addresses[1])
    for address in addresses[2:]:
        confirmed(shop, address)
    left(shop, addresses[3])
    suppressed(shop, addresses[4])
    return addresses


def test_whoever_asks_gets_the_same_answer_whatever_is_known_of_the_address(primer: Shop):
    addresses = in_each_state(primer)

    answers = [sent(primer, "/subscribe", {"email": one, "series": "primer"}) for one in addresses]

    pages = {answer.text.replace(one, "X") for one, answer in zip(addresses, answers, strict=True)}
    assert [answer.status_code for answer in answers] == [200] * 5
    assert len(pages) == 1


def test_whoever_asks_waits_for_as_much_work_whatever_is_known_of_the_address(primer: Shop):
    addresses = in_each_state(primer)

    written = [statements_written(primer, one) for one in addresses]

    assert max(written) - min(written) <= 3
    assert min(written) >= 7


def statements_written(shop: Shop, address: str) -> int:
    said: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        said.append(statement)

    event.listen(shop.store.engine, "before_cursor_execute", note)
    try:
        asked(shop, address)
    finally:
        event.remove(shop.store.engine, "before_cursor_execute", note)
    return sum(1 for one in said if one.lstrip().startswith("INSERT"))


def test_who_is_suppressed_gets_nothing_and_leaves_no_trace(primer: Shop):
    suppressed(primer)

    asked(primer)

    assert rows_of(primer, Subscriber) == []
    assert rows_of(primer, Delivery) == []


def test_who_is_suppressed_after_asking_cannot_confirm(primer: Shop):
    asked(primer)
    link = newest_link(primer, ADA)
    suppressed(primer)

    answer = sent(primer, link)

    assert answer.status_code == 409
    assert state_of(primer, ADA) == SubscriberState.pending
    assert rows_of(primer, Consent) == []


def test_one_address_gets_only_so_many_letters_a_day_and_nobody_is_told(primer: Shop):
    answers = [sent(primer, "/subscribe", {"email": ADA, "series": "primer"}) for _ in range(LETTERS_A_DAY + 2)]

    assert len({answer.text for answer in answers}) == 1
    assert subjects_to(primer, ADA) == [CONFIRM] * LETTERS_A_DAY


def test_after_a_day_it_gets_letters_again(primer: Shop):
    for _ in range(LETTERS_A_DAY + 1):
        asked(primer)
    primer.machine = NOW + timedelta(days=1)

    asked(primer)

    assert len(rows_of(primer, Delivery)) == LETTERS_A_DAY + 1


def test_one_network_may_ask_only_so_often(primer: Shop):
    for number in range(ASKS_AN_HOUR):
        primer.client = f"198.51.100.{number}"
        asked(primer, f"reader{number}@example.org")

    refused = sent(primer, "/subscribe", {"email": ADA, "series": "primer"})
    primer.client = "203.0.113.9"
    elsewhere = sent(primer, "/subscribe", {"email": ADA, "series": "primer"})

    assert (refused.status_code, elsewhere.status_code) == (429, 200)
    assert "try again in an hour" in refused.text


def test_no_network_or_address_can_be_read_from_the_counts(primer: Shop):
    asked(primer)

    kept = " ".join(row.key for row in rows_of(primer, Throttle))
    assert "198.51" not in kept
    assert "ada" not in kept


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("198.51.100.7", "198.51.100.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("unix socket", "unix socket"),
    ],
)
def test_a_network_is_what_one_household_has(host: str, network: str):
    assert network_of(host) == network


def test_a_program_that_fills_in_every_field_gets_the_answer_and_nothing_happens(primer: Shop):
    people = sent(primer, "/subscribe", {"email": "eve@example.org", "series": "primer"})

    program = sent(primer, "/subscribe", {"email": "eve@example.org", "series": "primer", "website": "https://x"})

    assert program.text == people.text
    assert len(rows_of(primer, Delivery)) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "https://evil.example"},
    ],
)
@pytest.mark.parametrize("path", ["/subscribe", "/confirm/x"])
def test_a_form_of_another_site_is_refused(primer: Shop, path: str, headers: dict[str, str]):
    body = urlencode({"email": ADA, "series": "primer"}).encode()

    answer = primer.ask("POST", path, content=body, content_type="application/x-www-form-urlencoded", **headers)

    assert answer.status_code == 403
    assert rows_of(primer, Subscriber) == []


@pytest.mark.parametrize("headers", [{}, {"origin": "https://example.org"}, {"origin": "null"}])
def test_a_browser_that_does_not_say_where_it_comes_from_is_served(primer: Shop, headers: dict[str, str]):
    body = urlencode({"email": ADA, "series": "primer"}).encode()

    answer = primer.ask("POST", "/subscribe", content=body, content_type="application/x-www-form-urlencoded", **headers)

    assert answer.status_code == 200
    assert subjects_to(primer, ADA) == [CONFIRM]


def test_a_form_that_is_far_too_large_is_refused(primer: Shop):
    assert sent(primer, "/subscribe", {"email": "x" * 100_000}).status_code == 413


def test_the_form_offers_each_series_and_keeps_what_was_chosen(either: Shop):
    a_series(either, "one", title="One <b>")
    a_series(either, "two", title="Two")
    a_series(either, "old", title="Old", retired_at=NOW)

    page = either.get("/subscribe?series=two").text

    assert '<input type="checkbox" name="series" value="one">' in page
    assert '<input type="checkbox" name="series" value="two" checked>' in page
    assert "One &lt;b&gt;" in page
    assert "Old" not in page


def test_several_series_are_followed_at_once(either: Shop):
    for slug in ("one", "two", "three"):
        a_series(either, slug, title=slug.title())

    confirmed(either, series=["one", "three"])

    with either.store.reading() as session:
        reader = subscribers.by_address(session, ADA)
        held = subscribers.subscriptions_of(session, [reader.id])[reader.id]
    assert [(slug, row.state) for row, slug in held] == [
        ("one", SubscriptionState.active),
        ("three", SubscriptionState.active),
    ]


def test_the_page_of_a_series_has_the_form_and_it_works(primer: Shop):
    page = primer.get("/primer/").text

    sent(primer, "/subscribe", {"email": ADA, "series": "primer", "website": ""})

    assert '<form method="post" action="/subscribe"' in page
    assert 'name="email"' in page
    assert subjects_to(primer, ADA) == [CONFIRM]


def test_the_record_of_who_did_what_holds_no_address(primer: Shop):
    confirmed(primer)

    [entry] = rows_of(primer, Audit)
    assert (entry.actor, entry.action, entry.detail) == ("reader", "join", {"series": ["primer"]})
    assert ADA not in str(vars(entry))


def test_the_letter_to_confirm_carries_no_word_of_whoever_asked(primer: Shop):
    asked(primer, name="Buy pills at https://evil.example")

    [letter] = letters_to(primer, ADA)
    assert letter["To"] == ADA
    assert "evil" not in letter.as_string()
