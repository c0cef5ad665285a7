"""Every page in a language of brackets: a word without them was not marked, wherever it was said."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import select

from db import operators, tokens
from db import series as all_series
from db.states import PostState, Role
from db.tables import Subscriber
from fascicle.sink import sink
from mail.tokens import PREFERENCES, UNSUBSCRIBE
from scheduler.cadence import parse_words
from scheduler.edit import AddBlackout, MoveAlone, apply_at_once
from scheduler.release import MISSED
from tests.making import a_house, a_source, taken_in
from tests.making import a_series as a_planned_series
from tests.web.letterbox import sent
from tests.web.making import NOW, TOKENS, Shop, a_letter, a_post, a_reader, a_series
from tests.web.planning import CADENCE
from tests.web.pseudo import bare_words, pseudo
from tests.web.staff import PASSWORD, Browser, an_operator, signed_in
from tests.web.test_permissions import EXAMPLES
from web.auth import staff

NAMES = {"My", "serials", "Writer", "English", "Deutsch", "UTC", "RSS", "Atom", "JSON", "main", "SPF", "DMARC", "EHLO"}
"""What the site, its author, its relay, the languages and the formats are called, in whatever language."""
TITLE = "Ἡ βροχή"
OTHERS = {"series": "s1", "slug": "c3", "name": "0001", "tag": "x"}


@pytest.fixture
def house(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A house in which all that has a name has a Greek one, and which speaks in brackets."""
    monkeypatch.setattr("templates.environment.words_of", pseudo)
    a_house(shop.store, now=NOW)
    shop.outbox = shop.folder / "outbox"
    a_letter(shop.outbox, "0001", subject=TITLE)
    an_operator(shop, name="Ἄδα")
    an_operator(shop, "vera@example.org", Role.viewer, name="Βέρα")
    held = a_series(shop, "s2", title=TITLE, announces=True)
    a_post(shop, held, "rain1", title=TITLE, summary=TITLE, body=TITLE, number="1", tags=("καιρός",))
    a_post(
        shop, held, "rain2", title=TITLE, body=TITLE, number="2", state=PostState.planned, due=datetime(2026, 3, 9, 7)
    )
    a_reader(shop, held)
    _edit(shop, held)
    return shop


def _edit(shop: Shop, held: int) -> None:
    with shop.store.writing() as session:
        primer = a_planned_series(
            session, "s1", title=TITLE, zone="Europe/Riga", cadence=parse_words(CADENCE).to_json(), now=NOW
        )
        words = {"summary": TITLE, "body": TITLE}
        sources = [a_source(TITLE, slug=f"c{number}", number=str(number), **words) for number in range(1, 6)]
        taken_in(session, primer, [*sources, a_source(TITLE, slug="c9", draft=True)], now=NOW)
        closed = AddBlackout(date(2026, 3, 11), date(2026, 3, 12), "ἑορτή")
        apply_at_once(session, primer, closed, actor="ada@example.org", now=NOW)
        apply_at_once(session, primer, MoveAlone("c2", datetime(2026, 3, 20, 9)), actor="ada@example.org", now=NOW)
        all_series.hold(session, held, reason=MISSED % {"post": "rain2", "due": "2026-03-05 05:00"}, now=NOW)
        staff.invite(session, "bob@example.org", Role.viewer, by="ada@example.org", now=NOW)


def addresses(shop: Shop) -> Iterator[str]:
    """Of every route that shows something, once with each set of examples, and some that show more."""
    for route in iter_route_contexts(shop.app().routes):
        if "GET" in (route.methods or ()) and not (route.path or "").endswith(("/frame", "/source", "/text")):
            for examples in (EXAMPLES, EXAMPLES | OTHERS):
                yield re.sub(r"{(\w+)[^}]*}", lambda name, known=examples: known.get(name[1], "0"), route.path or "")
    yield from ("/s2/", "/s2/rain1/", "/search?q=βροχή", "/search?q=χιών", "/archive/2026-03/", "/subscribe?series=s2")
    yield from ("/outbox/0001/", "/operator/plan/s2/", "/operator/plan/s2/rain1/")
    yield from ("/operator/plan/s1/c9/", "/operator/plan/s1/?done=primer")
    yield from ("/operator/ahead/?on=2020-01-01", "/operator/ahead/?on=2030-01-01", "/operator/posts/s2/rain2/")
    yield from ("/operator/schedule/?month=2026-03&series=s1", "/operator/schedule/?month=2031-01")
    yield from _links(shop)


def _links(shop: Shop) -> Iterator[str]:
    with shop.store.writing() as session:
        reader = session.scalars(select(Subscriber)).one()
        yield f"/preferences/{TOKENS.make(PREFERENCES, reader.id, tokens.counter(session, PREFERENCES, reader.id))}"
        yield f"/unsubscribe/{TOKENS.make(UNSUBSCRIBE, reader.id, tokens.counter(session, UNSUBSCRIBE, reader.id))}"
        yield f"/operator/welcome/{staff.invite(session, 'una@example.org', Role.editor, by='ada', now=NOW)}"
        ada = operators.by_email(session, "ada@example.org")
        yield f"/operator/enter/{staff.let_in(session, ada, by='demo', now=NOW)}"


SETTINGS = {"title": TITLE, "language": "el", "at": "07:00", "missed": "hold"}
WRONG_SETTINGS = (
    {"title": ""},
    {"language": ""},
    {"at": "99:99"},
    {"missed": "0"},
    {"announced_count": "0"},
    {"announced_from": "2026-03-09", "announced_until": "2026-03-01"},
    {"buffer": "-1"},
    {"off": "0"},
)
POST = {"series": "s1", "do": "save", "title": TITLE, "body": TITLE, "revision": "1"}
WRONG_POSTS = ({"title": ""}, {"slug": "c1"}, {"slug": "0 0"}, {"slug": "-0"}, {"do": "preview", "body": "![](0.png)"})
FILES = {
    "0": f"---\ntitle: {TITLE}\nslug: c8\nnumber: 8\ndate: 2020-01-01\n---\n",
    "1": f"---\ntitle: {TITLE}\nslug: c10\nnumber: 3\n---\n{TITLE}",
    "2": "---\n0: 0\ntags: [0, [0]]\nnumber: [0]\n---\n![](0.png)",
    "4": "",
    "5": f"---\ntitle: {TITLE}\nslug: c8\ndate: 0\ndraft: 0\nid: 0 0\n---\n",
}
FORMS = [
    ("/operator/plan/s1/preview", {"what": "move", "post": "c3", "date": "2026-03-19", "rest": "rest"}),
    ("/operator/plan/s1/preview", {"what": "move", "post": "c3", "date": "2026-03-01"}),
    ("/operator/plan/s1/preview", {"what": "pause", "first": "2026-03-10", "last": "2026-03-30"}),
    ("/operator/plan/s1/preview", {"what": "cadence", "words": "every 2 weeks on monday from 3 march 2026"}),
    ("/operator/plan/s1/preview", {"what": "zone", "zone": "Asia/Tokyo", "keep": "instant"}),
    ("/operator/plan/s1/preview", {"what": "beside", "post": "c3", "other": "c3"}),
    ("/operator/plan/s1/preview", {"what": "shift", "post": "c1", "count": "0"}),
    ("/operator/plan/s1/preview", {"what": "open", "first": "2026-05-01"}),
    ("/operator/plan/s1/preview", {}),
    ("/operator/plan/s1/apply", {"what": "pause", "first": "2026-03-10", "version": "1", "hash": "0"}),
    ("/operator/plan/s1/undo", {"version": "0"}),
    ("/operator/operators/invite", {"email": "una1@example.org", "role": "viewer"}),
    ("/operator/operators/invite", {"email": "ada@example.org", "role": "viewer"}),
    ("/operator/operators/1/role", {"role": "viewer"}),
    ("/operator/account/password", {"old": "0", "password": "0"}),
    ("/operator/account/language", {"language": "0"}),
    ("/operator/account/codes", {"password": PASSWORD}),
    ("/operator/settings/signing/", {}),
    ("/operator/settings/relays/0/test", {}),
    ("/operator/plan/s1/quiet", {"rule": "0"}),
    ("/operator/suppressions/lift", {"address": "una1@example.org", "reason": "0"}),
    ("/operator/suppressions/add", {"address": "0"}),
    ("/operator/posts/s2/rain1/tell/", {"revision": "1"}),
    ("/operator/posts/s2/rain2/tell/", {"revision": "1", "note": "0"}),
    *(("/operator/settings/series/s1/", SETTINGS | wrong) for wrong in WRONG_SETTINGS),
    *(("/operator/posts/-/new", POST | wrong) for wrong in WRONG_POSTS),
    ("/operator/posts/s1/c3/", POST | {"do": "preview"}),
    ("/operator/posts/s1/c3/revisions/99/restore", {"revision": "1"}),
    ("/operator/posts/s1/c3/", POST | {"revision": "0"}),
    ("/operator/posts/s1/c3/withdraw", {}),
    ("/operator/posts/s1/c3/restore", {}),
    ("/operator/posts/-/import", {"series": "s1"}),
    ("/operator/posts/-/import", {}),
    ("/operator/series/new", {"title": "0", "slug": "-0"}),
]


def test_every_page_is_translated(house: Shop):
    ada = signed_in(house)

    pages = {address: ada.get(address) for address in addresses(house)}
    bare = {address: bare_words(page.text) - NAMES for address, page in pages.items() if is_page(page)}

    assert {address: words for address, words in bare.items() if words} == {}
    assert {address: page.status_code for address, page in pages.items() if page.status_code >= 500} == {}


@pytest.mark.parametrize(("path", "form"), FORMS, ids=[f"{path} {form}" for path, form in FORMS])
def test_what_follows_a_form_is_translated(house: Shop, path: str, form: dict[str, str]):
    answer = signed_in(house).post(path, form)

    assert is_page(answer)
    assert bare_words(answer.text) - NAMES == set()


def test_what_the_doctor_and_a_relay_say_is_translated(house: Shop, tmp_path: Path):
    with sink(tmp_path / "sink") as port:
        house.settings = {"relays": {"main": {"host": "127.0.0.1", "port": port, "tls": "none"}}}
        ada = signed_in(house)
        answers = [ada.post("/operator/settings/doctor/"), ada.post("/operator/settings/relays/main/test")]

    assert "✓" in answers[0].text
    assert [bare_words(answer.text) - NAMES for answer in answers] == [set(), set()]


def test_what_would_come_of_an_import_is_translated(house: Shop):
    ada = signed_in(house)
    sent = [("folder", f"b/{name}.md", text.encode()) for name, text in FILES.items()]

    preview = ada.follow(ada.send("/operator/posts/-/import", {"series": "s1"}, *sent[:2]))
    refused = ada.send("/operator/posts/-/import", {"series": "s1"}, *sent)

    assert [bare_words(answer.text) - NAMES for answer in (preview, refused)] == [set(), set()]


def test_who_is_turned_away_is_told_so_in_their_language(house: Shop):
    stranger, vera = Browser(house), signed_in(house, "vera@example.org")

    answers = [
        stranger.post("/operator/sign-in", {"email": "ada@example.org", "password": "0"}),
        stranger.post("/operator/sign-in", {}, sec_fetch_site="cross-site"),
        vera.get("/operator/operators/"),
        vera.get("/operator/plan/s1/c3/"),
        sent(house, "/subscribe", {"email": "0", "series": "s2"}),
        sent(house, "/subscribe", {"email": "una@example.org", "series": "s2"}),
        house.get("/0/0/0/0"),
    ]

    assert [bare_words(answer.text) - NAMES for answer in answers] == [set()] * len(answers)


def test_a_word_that_nobody_marked_is_found():
    page = '<p title="Late">⟦Good⟧ morning, 12 <code>make</code> ada@example.org Monday</p>'

    assert bare_words(page) == {"Late", "morning"}


def is_page(answer: object) -> bool:
    return str(answer.headers.get("content-type", "")).startswith("text/html")  # type: ignore[attr-defined]
