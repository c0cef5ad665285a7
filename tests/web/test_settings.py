"""The settings: what is said of a series is changed by a page; what stands in the configuration is shown and tried."""

from pathlib import Path

import pytest

from db import series as all_series
from db.states import Role
from fascicle.sink import sink
from mail.dkim_keys import Key, Kind, new_private, write_private
from tests.making import a_house
from tests.web.making import Shop
from tests.web.planning import a_plan
from tests.web.staff import a_browser_of

PRIMER = {
    "title": "The Primer",
    "subtitle": "For beginners",
    "summary": "What one ought to know.",
    "author": "B. Writer",
    "language": "de",
    "at": "18:30",
    "missed": "hold",
    "announces": "on",
    "announced_count": "12",
    "announced_from": "2026-03-09",
    "announced_until": "2026-03-24",
    "buffer": "3",
    "off": "gap",
}


def unticked(form: dict[str, str]) -> dict[str, str]:
    """A form as a browser sends it with no box ticked."""
    return {name: value for name, value in form.items() if name not in ("announces", "off")}


def test_what_is_said_of_a_series_is_changed(shop_on_both: Shop):
    a_plan(shop_on_both)
    ed = a_browser_of(shop_on_both, Role.editor)

    answer = ed.post("/operator/settings/series/primer/", PRIMER)

    assert answer.status_code == 303
    assert "Saved." in ed.follow(answer).text
    with shop_on_both.store.reading() as session:
        row = all_series.by_slug(session, "primer")
    assert (row.subtitle, row.author, row.language, row.hour, row.missed) == (
        "For beginners", "B. Writer", "de", "18:30", "hold",
    )  # fmt: skip
    assert (row.announces, row.announced_count, str(row.announced_until)) == (True, 12, "2026-03-24")
    assert row.lint == {"off": ["gap"], "buffer": 3}
    assert "editor@example.org" in ed.get("/operator/plan/primer/").text


def test_what_is_left_empty_is_taken_away(shop: Shop):
    a_house(shop.store)
    a_plan(shop)
    ed = a_browser_of(shop, Role.editor)
    ed.post("/operator/settings/series/primer/", PRIMER)
    emptied = PRIMER | dict.fromkeys(("author", "announced_count", "announced_from", "announced_until"), "")

    ed.post("/operator/settings/series/primer/", unticked(emptied))

    with shop.store.reading() as session:
        row = all_series.by_slug(session, "primer")
    assert (row.author, row.announces, row.announced_count, row.announced_from) == (None, False, None, None)
    assert row.lint == {"off": [], "buffer": 3}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": " "}, "a title is needed"),
        ({"title": "x" * 301}, "title: at most 300"),
        ({"language": ""}, "a language is needed"),
        ({"at": "noonish"}, "noonish"),
        ({"missed": "shrug"}, "shrug"),
        ({"announced_count": "0"}, "announced_count"),
        ({"announced_count": "٣"}, "announced_count"),
        ({"announced_count": "9" * 20}, "announced_count"),
        ({"announced_from": "yesterday"}, "yesterday"),
        ({"announced_until": "2026-03-01"}, "exchange the two"),
        ({"buffer": "-1"}, "buffer"),
        ({"buffer": "9" * 20}, "buffer"),
        ({"off": "nonsense"}, "nonsense"),
    ],
)
def test_a_mistake_is_said_and_nothing_is_changed(shop: Shop, change: dict[str, str], words: str):
    a_house(shop.store)
    a_plan(shop)
    ed = a_browser_of(shop, Role.editor)

    answer = ed.post("/operator/settings/series/primer/", PRIMER | change)

    assert answer.status_code == 422
    assert words in answer.text
    with shop.store.reading() as session:
        assert all_series.by_slug(session, "primer").hour == "07:00"


def test_the_configuration_is_shown_with_its_places_and_without_passwords(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FASCICLE_MAIL__CONNECTIONS", "7")
    shop.settings = {"database": "postgresql+psycopg://fascicle:secret-word@db.example/serials"}
    ada = a_browser_of(shop, Role.owner)

    page = ada.get("/operator/settings/site/").text

    assert "config.yaml, line 2" in page
    assert "FASCICLE_MAIL__CONNECTIONS" in page
    assert "No page changes it" in page
    assert "fascicle:***@db.example" in page
    assert "secret-word" not in page
    assert '<form method="post" action="/operator/settings' not in page


def test_a_relay_is_tried_and_its_replies_shown(shop: Shop, tmp_path: Path):
    with sink(tmp_path / "outbox") as port:
        shop.settings = {"relays": {"main": {"host": "127.0.0.1", "port": port, "tls": "none"}}}
        page = a_browser_of(shop, Role.owner).post("/operator/settings/relays/main/test").text

    assert "<strong>connect</strong> done: <code>220 " in page
    assert "<strong>EHLO</strong> done: <code>250 " in page
    assert "It takes letters" in page


def test_a_relay_that_is_down_is_told_of(shop: Shop):
    page = a_browser_of(shop, Role.owner).post("/operator/settings/relays/main/test").text

    assert "<strong>connect</strong> failed" in page
    assert "It takes letters" not in page


@pytest.mark.parametrize("name", ["another", "%3Cscript%3E"])
def test_a_relay_that_is_none_is_refused(shop: Shop, name: str):
    answer = a_browser_of(shop, Role.owner).post(f"/operator/settings/relays/{name}/test")

    assert answer.status_code == 422
    assert "no relay" in answer.text
    assert "<script>" not in answer.text


def test_a_password_that_cannot_be_read_is_told_of_and_the_page_stays(shop: Shop):
    relay = {"host": "127.0.0.1", "port": 1, "tls": "none", "username": "ada", "password_file": "nowhere"}
    shop.settings = {"relays": {"main": relay}}

    answer = a_browser_of(shop, Role.owner).post("/operator/settings/relays/main/test")

    assert answer.status_code == 422
    assert "no password on its first line" in answer.text
    assert "signs in as ada" in answer.text


@pytest.fixture
def signed(shop: Shop, tmp_path: Path) -> Key:
    """A key that the configuration names."""
    key = Key(domain="example.org", selector="s2026", private=new_private(Kind.ed25519))
    write_private(tmp_path / "dkim.pem", key.private)
    dkim = [{"selector": "s2026", "key_file": "dkim.pem"}]
    shop.settings = {"mail": {"from": "My serials <post@example.org>", "dkim": dkim}}
    return key


def test_keys_are_shown_with_their_records_and_looked_up(shop: Shop, signed: Key):
    texts = {"example.org": ["v=spf1 ~all"], signed.record_name: [signed.record]}
    shop.lookup = lambda name: texts.get(name, [])
    ada = a_browser_of(shop, Role.owner)

    shown, looked_up = ada.get("/operator/settings/signing/").text, ada.post("/operator/settings/signing/").text

    assert signed.record in shown
    assert "BEGIN PRIVATE KEY" not in shown
    assert "the public half of your ed25519 key" in looked_up
    assert "there is none; large receivers ask for one" in looked_up
    assert "v=DMARC1; p=none" in looked_up


def test_a_key_that_cannot_be_read_is_told_of(shop: Shop, signed: Key, tmp_path: Path):
    (tmp_path / "dkim.pem").write_text("nonsense")

    page = a_browser_of(shop, Role.owner).get("/operator/settings/signing/")

    assert page.status_code == 200
    assert "not a private key in PEM" in page.text


def test_templates_are_listed_and_checked(shop: Shop, tmp_path: Path):
    own = tmp_path / "letters" / "email" / "digest"
    own.mkdir(parents=True)
    (own / "subject.txt").write_text("{{ nonsense }}")
    shop.templates, shop.settings = tmp_path / "letters", {"templates": "letters"}
    ada = a_browser_of(shop, Role.owner)

    listed, checked = ada.get("/operator/settings/templates/").text, ada.post("/operator/settings/templates/").text

    assert "<code>email/digest/subject.txt</code></th><td><strong>yours" in listed
    assert "email/digest/subject.txt, line 1" in checked
    assert "nonsense" in checked


def test_the_doctor_says_what_is_wrong(shop: Shop):
    page = a_browser_of(shop, Role.owner).post("/operator/settings/doctor/").text

    assert "<strong>configuration</strong> well" in page
    assert "<strong>relay</strong> wrong" in page
    assert "fascicle init" in page


def test_an_editor_gets_no_further_than_series(shop: Shop):
    ed = a_browser_of(shop, Role.editor)

    page = ed.get("/operator/settings/").text

    assert "settings/relays/" not in page
    assert ed.get("/operator/settings/site/").status_code == 403
