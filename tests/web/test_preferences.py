"""What readers choose by their link: each change is a POST of its own, and what matters most needs a letter more."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from db import subscribers, tokens
from db.states import SubscriberState
from db.tables import Base, CatchUp, Consent, Delivery, Edition, Post, Series, Subscriber, Subscription, Suppression
from mail.tokens import PREFERENCES, UNSUBSCRIBE
from scheduler.joining import LETTERS_A_DAY
from scheduler.wishes import WORKS
from tests.web.letterbox import letters_to, link_in, links_in, newest_link, sent, state_of, subjects_to
from tests.web.making import NOW, TOKENS, Shop, a_post, a_series

ADA = "ada@example.org"
NEW = "ada@example.com"


@pytest.fixture
def primer(either: Shop) -> Shop:
    """A site with two series, of one of which a chapter is out; Ada follows that, and was welcomed."""
    series = a_series(either)
    post = a_post(either, series)
    a_series(either, "other", title="The Other")
    with either.store.writing() as session:
        session.get_one(Series, series).last_seq = session.get_one(Post, post).seq or 0
    sent(either, "/subscribe", {"email": ADA, "series": "primer"})
    sent(either, newest_link(either, ADA))
    return either


def link(shop: Shop, address: str = ADA) -> str:
    """The path of the link to Ada's preferences."""
    with shop.store.reading() as session:
        reader = subscribers.by_address(session, address)
        return f"/preferences/{TOKENS.make(PREFERENCES, reader.id, tokens.counter(session, PREFERENCES, reader.id))}"


def ada(shop: Shop) -> Subscriber:
    with shop.store.reading() as session:
        return session.scalars(select(Subscriber)).one()


def follows(shop: Shop) -> dict[str, Subscription]:
    with shop.store.reading() as session:
        reader = session.scalars(select(Subscriber)).one()
        return {slug: row for row, slug in subscribers.subscriptions_of(session, [reader.id])[reader.id]}


def walks(shop: Shop) -> list[CatchUp]:
    with shop.store.reading() as session:
        return list(session.scalars(select(CatchUp)))


def change(shop: Shop, step: str, **fields: object) -> None:
    answer = sent(shop, f"{link(shop)}/{step}", fields)
    assert answer.status_code == 303, answer.text
    assert shop.get(answer.headers["location"]).status_code == 200


def contents(shop: Shop) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with shop.store.reading() as session:
        return {
            name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
            for name, table in Base.metadata.tables.items()
        }


def test_the_link_of_a_letter_opens_the_page_without_a_password(primer: Shop):
    path = link_in(letters_to(primer, ADA)[-1], "preferences")

    page = primer.get(path)

    assert page.status_code == 200
    assert ADA in page.text
    assert "The Primer" in page.text


def test_hour_zone_language_form_and_name_are_chosen(primer: Shop):
    change(primer, "choices", hour="21", zone="Asia/Kathmandu", language="de", format="text", name="Ada L.")

    row = ada(primer)
    assert (row.hour, row.zone, row.language, row.format, row.name) == (21, "Asia/Kathmandu", "de", "text", "Ada L.")
    assert "Ihre Briefe" in primer.get(link(primer)).text


def test_series_are_followed_and_left_and_come_as_often_as_chosen(primer: Shop):
    shown = {"shown": ["primer", "other"]}

    change(primer, "series", **shown, follow=["other"], **{"frequency-other": "weekly:friday"})

    rows = follows(primer)
    assert (rows["primer"].state, rows["other"].state) == ("left", "active")
    assert (rows["other"].frequency, rows["other"].weekday) == ("weekly", 4)


def test_how_often_a_series_comes_is_changed_and_its_place_is_kept(primer: Shop):
    before = follows(primer)["primer"].watermark

    change(primer, "series", shown="primer", follow="primer", **{"frequency-primer": "instant"})

    row = follows(primer)["primer"]
    assert (row.frequency, row.watermark, row.state) == ("instant", before, "active")


def test_a_series_that_the_form_did_not_show_is_left_alone(primer: Shop):
    change(primer, "series", shown="other", follow="other")

    assert {slug: row.state for slug, row in follows(primer).items()} == {"primer": "active", "other": "active"}


def test_following_a_further_series_is_a_consent_with_the_text_that_was_agreed_to(primer: Shop):
    change(primer, "series", shown=["primer", "other"], follow=["primer", "other"])

    with primer.store.reading() as session:
        consents = list(session.scalars(select(Consent).order_by(Consent.id)))
    assert [(one.how, one.series) for one in consents][1:] == [("page of preferences", ["other"])]
    assert "letters from My serials" in consents[1].text


def test_a_series_is_read_from_its_first_chapter_at_a_pace_that_can_be_changed(primer: Shop):
    change(primer, "begin", series="primer", pace="every day")
    first = walks(primer)[0].next_on
    change(primer, "pace", series="primer", pace="every week")

    page = primer.get(link(primer)).text
    assert first == date(2026, 3, 6)
    assert '<option value="every week" selected>' in page


def test_a_catch_up_stands_still_goes_on_and_is_cut_short(primer: Shop):
    change(primer, "begin", series="primer", pace="every day")

    change(primer, "rest", series="primer")
    rested = walks(primer)[0].paused_at
    change(primer, "go-on", series="primer")
    went_on = walks(primer)[0].paused_at
    change(primer, "skip", series="primer")

    assert (rested, went_on, walks(primer)) == (NOW, None, [])


def test_the_next_chapter_comes_at_once_when_asked_for(primer: Shop):
    change(primer, "begin", series="primer", pace="every week")

    change(primer, "next", series="primer")

    with primer.store.reading() as session:
        assert session.scalars(select(Edition.kind).where(Edition.kind == "personal")).all() == ["personal"]


def test_letters_are_paused_until_a_day_of_the_readers(primer: Shop):
    change(primer, "choices", zone="Asia/Tokyo")

    change(primer, "pause", until="2026-03-10")

    row = ada(primer)
    assert row.state == SubscriberState.paused
    assert row.paused_until == NOW.replace(day=9, hour=15)
    assert "Paused until Tuesday 10 March 2026" in primer.get(link(primer)).text


def test_a_pause_is_ended(primer: Shop):
    change(primer, "pause", until="")

    change(primer, "resume")

    assert (ada(primer).state, ada(primer).paused_until) == (SubscriberState.active, None)


def test_all_letters_are_ended_and_the_page_offers_to_begin_anew(primer: Shop):
    change(primer, "leave")

    page = primer.get(link(primer)).text
    assert state_of(primer, ADA) == SubscriberState.left
    assert subjects_to(primer, ADA) == ["No more letters from My serials"]
    assert 'href="/subscribe"' in page
    assert "/leave" not in page


BAD = [
    ("choices", {"hour": "24"}),
    ("choices", {"zone": "Europe/Atlantis"}),
    ("choices", {"language": "tlh"}),
    ("choices", {"format": "pdf"}),
    ("choices", {"name": "x" * 101}),
    ("series", {"shown": "primer", "follow": "primer", "frequency-primer": "hourly"}),
    ("series", {"shown": "nothing", "follow": "nothing"}),
    ("pause", {"until": "2020-01-01"}),
    ("pause", {"until": "soon"}),
    ("begin", {"series": "primer", "pace": "never"}),
    ("begin", {"series": "nothing", "pace": "every day"}),
    ("begin", {"series": "other", "pace": "every day"}),
    ("pace", {"series": "primer", "pace": "every day"}),
    ("next", {"series": "primer"}),
    ("change-address", {"email": "nobody"}),
    ("change-address", {"email": ADA.upper()}),
]


@pytest.mark.parametrize(("step", "fields"), BAD)
def test_a_choice_that_cannot_be_is_refused_with_the_page_and_the_reason(
    primer: Shop, step: str, fields: dict[str, str]
):
    before = contents(primer)

    answer = sent(primer, f"{link(primer)}/{step}", fields)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert contents(primer) == before


STEPS = ["choices", "series", "pause", "resume", "leave", "begin", "change-address", "export", "erase"]


@pytest.mark.parametrize(
    "token", ["forged", "A" * 32, "%00", TOKENS.make(UNSUBSCRIBE, 1, 0), TOKENS.make(PREFERENCES, 1, 1)]
)
def test_a_forged_revoked_or_borrowed_token_is_refused_at_every_step(primer: Shop, token: str):
    before = contents(primer)

    answers = {step: sent(primer, f"/preferences/{token}/{step}", {"email": NEW}).status_code for step in STEPS}

    assert answers == dict.fromkeys(STEPS, 404)
    assert contents(primer) == before


def test_a_form_of_another_site_is_refused_at_every_step(primer: Shop):
    before = contents(primer)

    answers = {step: sent(primer, f"{link(primer)}/{step}", sec_fetch_site="cross-site").status_code for step in STEPS}

    assert answers == dict.fromkeys(STEPS, 403)
    assert contents(primer) == before


def test_the_link_is_a_key_and_travels_no_further(primer: Shop):
    answer = primer.get(link(primer))

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"


def test_a_name_is_printed_as_it_is_and_never_as_html(primer: Shop):
    change(primer, "choices", name='"><script>alert(1)</script>\r\nBcc: x@example.org {{ 7 * 7 }}')

    page = primer.get(link(primer)).text
    change(primer, "export")

    letter = letters_to(primer, ADA)[-1]
    assert "<script>" not in page
    assert "{{ 7 * 7 }}" in page
    assert "Bcc" not in letter
    assert letter["To"].addresses[0].addr_spec == ADA


# What needs a letter more.


def granted(shop: Shop, step: str, **fields: object) -> str:
    """Ask for it, and give the link of the letter."""
    change(shop, step, **fields)
    return newest_link(shop, ADA)


@pytest.mark.parametrize(("step", "fields"), [("change-address", {"email": NEW}), ("export", {}), ("erase", {})])
def test_a_forwarded_link_does_nothing_without_a_letter_to_the_address(primer: Shop, step: str, fields: dict[str, str]):
    before = (ada(primer).address, state_of(primer, ADA))

    answer = sent(primer, f"{link(primer)}/{step}", fields)

    assert answer.headers["location"].endswith(f"?done={step}")
    assert (ada(primer).address, state_of(primer, ADA)) == before
    assert len(letters_to(primer, ADA)) == 2
    assert letters_to(primer, NEW) == []


@pytest.mark.parametrize(("step", "fields"), [("change-address", {"email": NEW}), ("export", {}), ("erase", {})])
def test_its_link_expires(primer: Shop, step: str, fields: dict[str, str]):
    path = granted(primer, step, **fields)
    primer.machine = NOW + WORKS
    before = contents(primer)

    answer = sent(primer, path)

    assert answer.status_code == 404
    assert contents(primer) == before


@pytest.mark.parametrize(("step", "fields"), [("change-address", {"email": NEW}), ("export", {}), ("erase", {})])
def test_its_link_works_once(primer: Shop, step: str, fields: dict[str, str]):
    path = granted(primer, step, **fields)
    sent(primer, path)
    after = contents(primer)

    again = sent(primer, path)

    assert again.headers["content-type"].startswith("text/html")
    assert contents(primer) == after


def test_one_address_gets_only_so_many_of_these_letters_a_day(primer: Shop):
    for _ in range(LETTERS_A_DAY - 1):
        change(primer, "export")

    answer = sent(primer, f"{link(primer)}/export")

    assert answer.status_code == 422
    assert "try again tomorrow" in answer.text


def test_the_address_is_changed_once_both_addresses_have_answered(primer: Shop):
    first = granted(primer, "change-address", email=NEW)

    sent(primer, first)
    between = ada(primer).address
    answer = sent(primer, newest_link(primer, NEW))

    row = ada(primer)
    assert between == ADA
    assert "Your letters go to ada@example.com" in answer.text
    assert (row.address, row.address_key, row.fingerprint) == (NEW, NEW, TOKENS.fingerprint(NEW))


def moved(shop: Shop) -> None:
    sent(shop, granted(shop, "change-address", email=NEW))
    assert sent(shop, newest_link(shop, NEW)).status_code == 200


def test_after_a_change_of_address_old_letters_choose_nothing_and_can_still_leave(primer: Shop):
    old = letters_to(primer, ADA)[-1]
    chooses, leaves = link_in(old, "preferences"), link_in(old, "unsubscribe")
    moved(primer)

    refused = primer.get(chooses).status_code
    left = sent(primer, leaves).status_code

    assert (refused, left) == (404, 200)
    assert state_of(primer, NEW) == SubscriberState.left


def test_what_was_asked_from_the_old_address_ends_with_it(primer: Shop):
    erase = granted(primer, "erase")

    moved(primer)

    assert sent(primer, erase).status_code == 404
    assert state_of(primer, NEW) == SubscriberState.active


def test_a_letter_to_the_new_address_names_nobody(primer: Shop):
    change(primer, "choices", name="Ada L.")
    sent(primer, granted(primer, "change-address", email=NEW))

    [letter] = letters_to(primer, NEW)

    assert letter["To"] == NEW
    assert "Ada L." not in letter.as_string()
    assert ADA not in letter.as_string()


def test_an_address_that_gets_letters_of_its_own_is_not_taken_over(primer: Shop):
    sent(primer, "/subscribe", {"email": NEW, "series": "primer"})
    sent(primer, newest_link(primer, NEW))
    with primer.store.reading() as session:
        mine = subscribers.by_address(session, ADA).id
    path = f"/preferences/{TOKENS.make(PREFERENCES, mine, 0)}/change-address"
    sent(primer, path, {"email": NEW})
    sent(primer, newest_link(primer, ADA))

    answer = sent(primer, newest_link(primer, NEW))

    assert answer.status_code == 409
    assert state_of(primer, ADA) == state_of(primer, NEW) == SubscriberState.active


def test_an_address_that_only_asked_once_gives_way(primer: Shop):
    sent(primer, "/subscribe", {"email": NEW, "series": "primer"})
    with primer.store.reading() as session:
        mine = subscribers.by_address(session, ADA).id
    sent(primer, f"/preferences/{TOKENS.make(PREFERENCES, mine, 0)}/change-address", {"email": NEW})
    sent(primer, newest_link(primer, ADA))

    answer = sent(primer, newest_link(primer, NEW))

    assert answer.status_code == 200
    assert (ada(primer).id, ada(primer).address) == (mine, NEW)


def test_a_new_address_that_is_suppressed_gets_no_letter_and_nobody_is_told(primer: Shop):
    with primer.store.writing() as session:
        session.add(Suppression(fingerprint=TOKENS.fingerprint(NEW), reason="complained", created_at=NOW))

    answer = sent(primer, granted(primer, "change-address", email=NEW))

    assert "A letter goes to ada@example.com" in answer.text
    assert addresses_in(primer).count(NEW) == 0


def addresses_in(shop: Shop) -> list[str]:
    with shop.store.reading() as session:
        return list(session.scalars(select(Delivery.address)))


def test_all_that_is_kept_is_handed_out_as_one_file(primer: Shop):
    change(primer, "choices", name="Ada L.")

    answer = sent(primer, granted(primer, "export"))

    data = json.loads(answer.text)
    assert answer.headers["content-disposition"] == 'attachment; filename="my-letters.json"'
    assert answer.headers["cache-control"] == "no-store"
    assert (data["subscriber"]["address"], data["subscriber"]["name"]) == (ADA, "Ada L.")
    assert [one["series"] for one in data["subscriptions"]] == ["primer"]
    assert [one["purpose"] for one in data["letters"]] == ["confirm", "welcome", "export"]
    assert data["consents"][0]["text"].startswith("I want letters")
    assert [one["action"] for one in data["record"]] == ["join", "export"]


def test_the_file_holds_nothing_of_anybody_else(primer: Shop):
    sent(primer, "/subscribe", {"email": "bob@example.org", "series": "primer"})
    with primer.store.reading() as session:
        mine = subscribers.by_address(session, ADA).id
    sent(primer, f"/preferences/{TOKENS.make(PREFERENCES, mine, 0)}/export")

    answer = sent(primer, newest_link(primer, ADA))

    assert "bob" not in answer.text


def erased(shop: Shop) -> None:
    assert "All of it is gone" in sent(shop, granted(shop, "erase")).text


def test_after_an_erasure_only_a_fingerprint_is_left_in_the_whole_store(primer: Shop):
    change(primer, "choices", name="Ada Lovelace")
    change(primer, "begin", series="primer", pace="every day")

    erased(primer)

    everything = str(contents(primer))
    mark = TOKENS.fingerprint(ADA)
    assert [word for word in ("ada@", "Ada", "Lovelace") if word in everything] == []
    assert everything.count(mark) == 1
    with primer.store.reading() as session:
        assert session.get_one(Suppression, mark).kind == "erased"


def test_after_an_erasure_the_reason_of_an_earlier_suppression_is_gone_too(primer: Shop):
    path = granted(primer, "erase")
    with primer.store.writing() as session:
        mark = TOKENS.fingerprint(ADA)
        session.add(Suppression(fingerprint=mark, reason=f"bounced: 550 <{ADA}> unknown", created_at=NOW))

    sent(primer, path)

    assert ADA not in str(contents(primer))


def test_who_was_erased_gets_nothing_even_when_asking_again(primer: Shop):
    erased(primer)

    answer = sent(primer, "/subscribe", {"email": ADA, "series": "primer"})

    assert answer.status_code == 200
    assert addresses_in(primer) == []


@pytest.mark.parametrize("purpose", [UNSUBSCRIBE, PREFERENCES])
def test_whoever_gets_the_id_of_an_erased_reader_has_none_of_their_links(primer: Shop, purpose: str):
    old = {kind: link_in(letters_to(primer, ADA)[-1], kind) for kind in (UNSUBSCRIBE, PREFERENCES)}
    erased(primer)
    sent(primer, "/subscribe", {"email": "bob@example.org", "series": "primer"})
    sent(primer, newest_link(primer, "bob@example.org"))

    primer.ask("POST", f"{old[purpose]}" + ("/leave" if purpose == PREFERENCES else ""))

    assert state_of(primer, "bob@example.org") == SubscriberState.active


def test_who_left_can_still_fetch_and_erase_what_is_kept(primer: Shop):
    change(primer, "leave")

    data = json.loads(sent(primer, granted(primer, "export")).text)
    erased(primer)

    assert data["subscriber"]["state"] == "left"
    assert addresses_in(primer) == []


# Scanners follow every link of every letter, and whatever those pages link to.


def test_a_scanner_that_follows_every_link_by_get_changes_nothing(primer: Shop):
    for step, fields in [("change-address", {"email": NEW}), ("export", {}), ("erase", {})]:
        change(primer, step, **fields)
    sent(primer, "/subscribe", {"email": "bob@example.org", "series": "primer"})
    letters = letters_to(primer, ADA) + letters_to(primer, "bob@example.org")
    links = [one for letter in letters for one in links_in(letter)]
    steps = [f"{one}/{step}" for one in links if one.startswith("/preferences/") for step in STEPS]
    before = contents(primer)

    answers = [primer.ask(method, one).status_code for one in links + steps for method in ("GET", "HEAD")]

    assert {kind.split("/")[1] for kind in links} == {"confirm", "preferences", "unsubscribe"}
    assert set(answers[: 2 * len(links)]) == {200}
    assert contents(primer) == before


def test_a_link_that_expired_long_ago_is_refused_by_get_too(primer: Shop):
    path = granted(primer, "erase")
    primer.machine = NOW + timedelta(days=365)

    assert primer.get(path).status_code == 404
