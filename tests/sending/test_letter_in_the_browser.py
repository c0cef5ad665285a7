"""The link "view in the browser" of a letter that a relay took, and what it shows to whom."""

import re
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from db import tokens
from db.states import LetterFormat, PostState
from db.tables import Post, Subscriber
from tests.making import TOKENS, at
from tests.sending.office import Office, letters_in
from tests.web.making import Shop

MORNING = at("2026-03-02 07:00")


@pytest.fixture
def morning(office: Office) -> Office:
    """A chapter came out at 06:00, and it is the hour of Alice's digest."""
    office.plan("rain", at("2026-03-02 06:00"))
    return office


def link_in(office: Office, relay: int, outbox: Path) -> str:
    """The path of the link in the letter that Alice got."""
    office.run(MORNING, relay)
    [letter] = letters_in(outbox)
    plain = letter.get_body(("plain",)) or letter
    [path] = re.findall(r"https://example\.org(/letters/\S+)", plain.get_content())  # type: ignore[attr-defined]
    return path


def ask(office: Office, path: str) -> httpx.Response:
    return Shop(office.folder, office.store, tokens=TOKENS).get(path)


def test_it_shows_the_letter_as_it_was_sent_but_for_the_readers_own_links(morning: Office, relay: int, outbox: Path):
    answer = ask(morning, link_in(morning, relay, outbox))

    [letter] = letters_in(outbox)
    sent = letter.get_body(("html",)).get_content().replace("\r\n", "\n")  # type: ignore[union-attr]
    own = r"https://example\.org/(?:unsubscribe|preferences)/[^\"]+"
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text == re.sub(own, "https://example.org/", sent)
    assert answer.text != sent


def test_nothing_in_it_acts_for_the_reader(morning: Office, relay: int, outbox: Path):
    page = ask(morning, link_in(morning, relay, outbox))

    assert re.findall(r"/(?:unsubscribe|preferences|confirm)/", page.text) == []


def test_it_is_in_no_cache_no_index_and_no_frame_and_runs_nothing(morning: Office, relay: int, outbox: Path):
    headers = ask(morning, link_in(morning, relay, outbox)).headers

    assert headers["cache-control"] == "no-store"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"].startswith("sandbox ")
    assert "script" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_it_stays_as_it_was_when_the_chapter_is_edited(morning: Office, relay: int, outbox: Path):
    path = link_in(morning, relay, outbox)
    before = ask(morning, path).text
    with morning.store.writing() as session:
        session.execute(update(Post).values(slug="elsewhere", number="99"))

    assert ask(morning, path).text == before


def test_a_letter_of_plain_text_is_shown_as_that(morning: Office, relay: int, outbox: Path):
    with morning.store.writing() as session:
        session.execute(update(Subscriber).values(format=LetterFormat.text))

    answer = ask(morning, link_in(morning, relay, outbox))

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "Chapter rain" in answer.text


def test_a_letter_with_a_chapter_that_was_taken_back_is_gone(morning: Office, relay: int, outbox: Path):
    path = link_in(morning, relay, outbox)
    with morning.store.writing() as session:
        session.execute(update(Post).values(state=PostState.withdrawn))

    assert ask(morning, path).status_code == 410


def test_revoking_the_readers_links_revokes_this_one(morning: Office, relay: int, outbox: Path):
    path = link_in(morning, relay, outbox)
    with morning.store.writing() as session:
        tokens.raise_counter(session, "unsubscribe", morning.reader().id)

    assert ask(morning, path).status_code == 404


def test_a_letter_goes_with_its_reader(morning: Office, relay: int, outbox: Path):
    path = link_in(morning, relay, outbox)
    with morning.store.writing() as session:
        session.delete(session.get_one(Subscriber, morning.reader().id))

    assert ask(morning, path).status_code == 404


@pytest.mark.parametrize("purpose", ["unsubscribe", "preferences", "catch-up"])
def test_no_other_token_opens_it_and_it_opens_nothing_else(morning: Office, relay: int, outbox: Path, purpose: str):
    path = link_in(morning, relay, outbox)
    [row] = morning.deliveries()

    assert ask(morning, f"/letters/{TOKENS.make(purpose, row.id, 0)}").status_code == 404
    assert ask(morning, path.replace("letters", "unsubscribe")).status_code == 404


@pytest.mark.parametrize("token", ["forged", "A" * 32, "%00", "x" * 5000])
def test_a_forged_link_is_refused(morning: Office, token: str):
    assert ask(morning, f"/letters/{token}").status_code == 404
