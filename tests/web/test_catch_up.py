"""The private address of a catch-up feed: what it answers, to whom, and for how long that may be kept."""

from datetime import date, datetime, time, timedelta

import pytest

from db import series as all_series
from db import tokens
from db.states import PostState
from feeds.form import Form
from mail.tokens import CATCH_UP, UNSUBSCRIBE
from scheduler import catch_up_edits, correct
from scheduler.cadence import daily
from tests.feeds.reading import seen
from tests.feeds.rules import faults
from tests.making import at, contents
from tests.web.asking import statements_during
from tests.web.making import NOW, TOKENS, Shop, a_post, a_series

START = NOW - timedelta(days=2)  # 4 March, noon
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def primer(shop: Shop) -> Shop:
    """Three chapters that are out, and one that is planned; somebody has caught up with two."""
    series = a_series(shop, entry_id="tag:example.org,2026:primer")
    for day in (1, 2, 3):
        a_post(shop, series, f"chapter-{day}", title=f"Chapter {day}", due=datetime(2026, 2, day, 7))
    a_post(shop, series, "later", title="Later", state=PostState.planned, due=datetime(2026, 3, 6, 14, 30))
    with shop.store.writing() as session:
        found = all_series.by_slug(session, "primer")
        pace = daily(time(7), date(2026, 3, 1))
        catch_up_edits.start(session, found, pace=pace, zone="UTC", actor="alice", now=START)
    return shop


def token(counter: int = 0) -> str:
    return TOKENS.make(CATCH_UP, 1, counter)


def address(counter: int = 0, slug: str = "primer") -> str:
    return f"/{slug}/catch-up/{token(counter)}.atom"


def titles(body: bytes) -> list[str]:
    return [entry.title for entry in seen(Form.ATOM, body)]


def ask(shop: Shop, what, *, now: datetime = NOW, **more: object) -> None:
    with shop.store.writing() as session:
        what(session, 1, actor="alice", now=now, **more)


def do(shop: Shop, what, *words: str) -> None:
    with shop.store.writing() as session:
        what(session, all_series.by_slug(session, "primer"), *words, actor="alice", now=NOW)


def test_it_answers_with_the_readers_own_feed(primer: Shop):
    answer = primer.get(address())

    assert (answer.status_code, titles(answer.content)) == (200, ["Chapter 2", "Chapter 1"])
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["link"] == f'<https://example.org{address()}>; rel="self"'
    assert f'href="https://example.org{address()}" rel="self"'.encode() in answer.content
    assert faults(Form.ATOM, answer.content) == []


def test_each_chapter_is_there_from_its_instant_on_and_not_before(primer: Shop):
    primer.calendar = lambda: at("2026-03-07 07:00") - timedelta(microseconds=1)
    before = titles(primer.get(address()).content)
    primer.calendar = lambda: at("2026-03-07 07:00")

    assert before == ["Chapter 2", "Chapter 1"]
    assert titles(primer.get(address()).content) == ["Chapter 3", "Chapter 2", "Chapter 1"]


def test_a_head_is_a_get_without_its_body(primer: Shop):
    get, head = primer.get(address()), primer.ask("HEAD", address())

    assert head.content == b""
    assert head.headers == get.headers


def test_who_has_the_bytes_gets_none(primer: Shop):
    first = primer.get(address())

    by_tag = primer.get(address(), if_none_match=first.headers["etag"])
    by_date = primer.get(address(), if_modified_since=first.headers["last-modified"])

    assert [(answer.status_code, answer.content) for answer in (by_tag, by_date)] == [(304, b"")] * 2
    assert by_tag.headers["cache-control"] == first.headers["cache-control"]
    assert first.headers["last-modified"] == "Fri, 06 Mar 2026 12:00:00 GMT"


def test_with_the_next_chapter_the_validators_are_others(primer: Shop):
    first = primer.get(address())
    primer.calendar = lambda: NOW + DAY

    known = {"if_none_match": first.headers["etag"]}
    assert primer.get(address(), **known).status_code == 200
    assert primer.get(address(), if_modified_since=first.headers["last-modified"]).status_code == 200


def test_it_is_compressed_for_those_who_want_that(primer: Shop):
    plain, packed = primer.get(address(), accept_encoding="identity"), primer.get(address(), accept_encoding="gzip")

    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]


@pytest.mark.parametrize(
    ("before", "kept"),
    [(20 * MINUTE, "private, max-age=1200"), (timedelta(hours=19), "private, max-age=3600")],
)
def test_it_may_be_kept_until_its_next_step_but_not_for_long(primer: Shop, before: timedelta, kept: str):
    primer.calendar = lambda: at("2026-03-07 07:00") - before

    assert primer.get(address()).headers["cache-control"] == kept


def test_how_long_it_may_be_kept_does_not_tell_when_the_next_chapter_comes_out(primer: Shop):
    ask(primer, catch_up_edits.next_now)

    far_from_it = primer.get(address())
    primer.calendar = lambda: at("2026-03-06 12:29")

    assert primer.get(address()).headers["cache-control"] == "private, max-age=60, must-revalidate"
    assert far_from_it.headers["cache-control"] == "private, max-age=60, must-revalidate"
    assert titles(far_from_it.content) == ["Chapter 3", "Chapter 2", "Chapter 1"]


def test_without_any_caching_it_is_private_still(primer: Shop):
    ask(primer, catch_up_edits.next_now)
    primer.cache_seconds = 0

    assert primer.get(address()).headers["cache-control"] == "private, no-cache"


def test_a_paused_feed_answers_as_it_stood(primer: Shop):
    ask(primer, catch_up_edits.pause)
    primer.calendar = lambda: NOW + 30 * DAY

    answer = primer.get(address())

    assert titles(answer.content) == ["Chapter 2", "Chapter 1"]
    assert answer.headers["cache-control"] == "private, max-age=3600"


def test_being_asked_moves_nothing(primer: Shop):
    before = contents(primer.store)

    bodies = {primer.get(address()).content for _ in range(3)}
    primer.ask("HEAD", address())

    assert len(bodies) == 1
    assert contents(primer.store) == before


@pytest.mark.parametrize(
    "wrong",
    [
        TOKENS.make(CATCH_UP, 1, 1),
        TOKENS.make(CATCH_UP, 2, 0),
        TOKENS.make(UNSUBSCRIBE, 1, 0),
        "A" * 32,
        "short",
        "%2e%2e",
    ],
)
def test_a_token_that_is_not_ours_is_answered_as_any_address_that_is_not_there(primer: Shop, wrong: str):
    answer, nothing = primer.get(f"/primer/catch-up/{wrong}.atom"), primer.get("/primer/nothing/")

    assert (answer.status_code, answer.content) == (404, nothing.content)
    assert dict(answer.headers) == dict(nothing.headers)


def test_a_revoked_token_is_one_that_never_was(primer: Shop):
    ask(primer, catch_up_edits.revoke, renew=False)

    assert [primer.get(address(counter)).status_code for counter in (0, 1)] == [404, 404]


def test_a_renewed_feed_goes_on_at_its_other_address(primer: Shop):
    ask(primer, catch_up_edits.revoke, renew=True)

    assert [primer.get(address(counter)).status_code for counter in (0, 1)] == [404, 200]


def test_a_renamed_series_leads_on_and_shows_the_same_entries(primer: Shop):
    before = seen(Form.ATOM, primer.get(address()).content)
    do(primer, correct.rename_series, "reader")

    answer = primer.get(address())

    assert (answer.status_code, answer.headers["location"]) == (301, f"https://example.org{address(slug='reader')}")
    assert answer.headers["cache-control"] == "private, max-age=3600"
    after = seen(Form.ATOM, primer.get(address(slug="reader")).content)
    assert [(entry.id, entry.published) for entry in after] == [(entry.id, entry.published) for entry in before]


def test_below_another_series_it_is_not_there(primer: Shop):
    a_series(primer, "other")

    assert primer.get(address(slug="other")).status_code == 404
    assert primer.get(address(slug="nobody")).status_code == 404


def test_a_retired_series_is_gone_and_who_has_no_token_is_not_told(primer: Shop):
    do(primer, correct.retire)

    assert primer.get(address()).status_code == 410
    assert primer.get(address()).headers["cache-control"] == "private, no-cache"
    assert primer.get(address(1)).status_code == 404


def test_only_reading_is_possible(primer: Shop):
    assert primer.ask("POST", address()).status_code == 405


def test_an_answer_costs_a_handful_of_statements(primer: Shop):
    with primer.store.writing() as session:
        tokens.raise_counter(session, CATCH_UP, 7)

    assert statements_during(primer, address()) <= 10
