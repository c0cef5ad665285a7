"""Coming in, by pages: cookies, headers, links, and what strangers try."""

import re
from datetime import timedelta

import pyotp
import pytest

from db import operators, sign_ins
from db.states import Role
from db.tables import Operator
from tests.web.making import NOW, TOKENS, Shop, a_series
from tests.web.staff import PASSWORD, Browser, a_browser_of, an_operator, signed_in
from web.auth import staff
from web.auth.secrets import Sealer


def a_link(shop: Shop, email: str = "bob@example.org", role: Role = Role.editor) -> str:
    with shop.store.writing() as session:
        return f"/operator/welcome/{staff.invite(session, email, role, by='ada', now=NOW)}"


def test_ada_signs_in_and_comes_to_where_she_wanted(shop: Shop):
    an_operator(shop)
    browser = Browser(shop)

    asked = browser.get("/operator/audit/?who=ada")
    page = browser.follow(asked).text
    target = re.search('name="next" value="([^"]+)"', page)[1]
    answer = browser.post("/operator/sign-in", {"email": "ada@example.org", "password": PASSWORD, "next": target})

    assert answer.headers["location"] == "/operator/audit/?who=ada"
    assert browser.follow(answer).status_code == 200


def test_the_cookie_is_for_our_pages_alone_and_for_no_script(shop: Shop):
    an_operator(shop)
    shop.url = "https://example.org/blog"

    form = {"email": "ada@example.org", "password": PASSWORD}
    cookie = Browser(shop).post("/blog/operator/sign-in", form).headers["set-cookie"]

    assert "HttpOnly" in cookie
    assert "Secure" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/blog/operator/" in cookie


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "/operator/\\evil", "/operator//evil.example",
     "javascript:alert(1)", "/", "/operator/../", "operator/", "/operator/%0d%0aset-cookie:x", ""],
)  # fmt: skip
def test_signing_in_leads_nowhere_else(shop: Shop, target: str):
    an_operator(shop)

    form = {"email": "ada@example.org", "password": PASSWORD, "next": target}
    answer = Browser(shop).post("/operator/sign-in", form)

    assert answer.headers["location"].startswith("/operator/")
    assert "evil" not in answer.headers["location"]
    assert "x" not in answer.cookies


def test_wrong_passwords_and_unknown_accounts_get_the_same_page(shop: Shop):
    an_operator(shop)

    wrong = Browser(shop).post("/operator/sign-in", {"email": "ada@example.org", "password": "wrong"})
    unknown = Browser(shop).post("/operator/sign-in", {"email": "bob@example.org", "password": "wrong"})

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace("ada@", "bob@") == unknown.text
    assert "set-cookie" not in wrong.headers


def test_after_too_many_tries_the_page_says_how_long_to_wait(shop: Shop):
    browser = Browser(shop)

    for _ in range(10):
        browser.post("/operator/sign-in", {"email": "ada@example.org", "password": "wrong"})
    answer = browser.post("/operator/sign-in", {"email": "ada@example.org", "password": "wrong"})

    assert answer.status_code == 429
    assert "Wait a quarter of an hour" in answer.text


def a_way_in(shop: Shop, email: str = "ada@example.org") -> str:
    with shop.store.writing() as session:
        return f"/operator/enter/{staff.let_in(session, operators.by_email(session, email), by='demo', now=NOW)}"


def test_a_link_lets_ada_in_once_by_its_button_alone(either: Shop):
    an_operator(either)
    browser, link = Browser(either), a_way_in(either)

    looked = browser.get(link)
    entered = browser.post(link)
    again = Browser(either).post(link)

    assert "To the schedule" in looked.text
    assert "set-cookie" not in looked.headers
    assert entered.headers["location"] == "/operator/schedule/"
    assert browser.follow(entered).status_code == 200
    assert again.status_code == 404
    assert "does not work any more" in again.text


def test_a_link_in_does_not_stand_in_for_a_second_factor(either: Shop):
    operator_id = an_operator(either)
    with either.store.writing() as session:
        session.get_one(Operator, operator_id).totp = Sealer(TOKENS.key("second factor")).seal("JBSWY3DPEHPK3PXP")
    browser = Browser(either)

    asked = browser.post(a_way_in(either))

    assert "authenticator app" in asked.text
    assert browser.get("/operator/schedule/").status_code == 303


def test_an_invitation_is_no_way_in_for_who_has_no_account(either: Shop):
    an_operator(either)

    answer = Browser(either).post(a_link(either).replace("welcome", "enter"))

    assert answer.status_code == 404


def test_a_way_in_ends_after_a_day(either: Shop):
    an_operator(either)
    link = a_way_in(either)

    either.machine = NOW + timedelta(days=1, seconds=1)

    assert Browser(either).post(link).status_code == 404


def test_signing_out_ends_the_sign_in_not_only_the_cookie(shop: Shop):
    ada = a_browser_of(shop, Role.owner)
    kept = dict(ada.cookies)

    ada.post("/operator/sign-out")
    thief = Browser(shop, kept)

    assert "/operator/sign-in" in thief.get("/operator/").headers["location"]


def test_a_new_sign_in_has_a_new_token(shop: Shop):
    an_operator(shop)
    browser = Browser(shop, {"fascicle_operator": "chosen-by-somebody-else"})

    browser.post("/operator/sign-in", {"email": "ada@example.org", "password": PASSWORD})

    assert browser.cookies["fascicle_operator"] != "chosen-by-somebody-else"


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "%00", "x" * 3000])
def test_a_forged_cookie_opens_nothing(shop: Shop, token: str):
    an_operator(shop)

    answer = shop.send("GET", "/operator/", {"cookie": f"fascicle_operator={token}"})

    assert "/operator/sign-in" in answer.headers["location"]


def test_bob_becomes_an_editor_by_his_link(shop: Shop):
    link, browser = a_link(shop), Browser(shop)

    assert "As an editor you may change plans" in browser.get(link).text
    answer = browser.post(link, {"name": "Bob", "password": PASSWORD})

    assert browser.follow(answer).text.count("Bob") == 1
    assert browser.get(link).status_code == 404
    assert Browser(shop).post(link, {"name": "Eve", "password": PASSWORD}).status_code == 404


@pytest.mark.parametrize(
    "form", [{"password": "short"}, {"password": ""}, {}, {"password": PASSWORD, "name": "x" * 200}]
)
def test_what_cannot_be_leaves_the_link_as_it_was(shop: Shop, form: dict[str, str]):
    link = a_link(shop)

    assert Browser(shop).post(link, form).status_code == 422
    assert Browser(shop).get(link).status_code == 200


def test_an_invited_person_cannot_choose_another_address_or_role(shop: Shop):
    link = a_link(shop, role=Role.viewer)

    Browser(shop).post(link, {"email": "ada@example.org", "role": "owner", "password": PASSWORD})

    with shop.store.reading() as session:
        [made] = operators.every(session)
        assert (made.email, made.role) == ("bob@example.org", Role.viewer)


def test_the_first_operator_says_who_they_are(shop: Shop):
    with shop.store.writing() as session:
        token = staff.invite_first(session, now=NOW)
    browser = Browser(shop)

    browser.post(f"/operator/welcome/{token}", {"email": "Ada@Example.org", "name": "Ada", "password": PASSWORD})

    assert "Operators" in browser.get("/operator/").text


def test_a_link_of_anybody_is_nobodys(shop: Shop):
    assert Browser(shop).get("/operator/welcome/forged").status_code == 404


def test_ada_sets_up_a_second_factor_and_signs_in_with_it(shop: Shop):
    ada = a_browser_of(shop, Role.owner)
    page = ada.get("/operator/account/second").text
    secret = re.search("As letters: <code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
    form = {"sealed": re.search('name="sealed" value="([^"]+)"', page)[1], "password": PASSWORD}

    on = ada.post("/operator/account/second", form | {"code": pyotp.TOTP(secret).at(NOW)})
    codes = re.findall("<li><code>([a-z0-9-]+)</code>", on.text)
    browser = Browser(shop)
    half = browser.post("/operator/sign-in", {"email": "owner@example.org", "password": PASSWORD})

    assert len(codes) == 10
    assert "Your code" in half.text
    assert browser.get("/operator/").status_code == 303
    assert browser.post("/operator/code", {"code": codes[0]}).status_code == 303
    assert browser.get("/operator/").status_code == 200


def test_an_owner_invites_from_a_page_and_the_link_is_shown_once(shop: Shop):
    ada = a_browser_of(shop, Role.owner)

    answer = ada.post("/operator/operators/invite", {"email": "bob@example.org", "role": "viewer"})
    link = re.search("https://example.org(/operator/welcome/[^<]+)", answer.text)[1]

    assert Browser(shop).get(link).status_code == 200
    assert "/operator/welcome/" not in ada.get("/operator/operators/").text
    assert "bob@example.org as viewer" in ada.get("/operator/operators/").text


@pytest.mark.parametrize(
    "form", [{"email": "nonsense", "role": "viewer"}, {"email": "bob@example.org", "role": "king"}]
)
def test_a_mistake_in_an_invitation_is_said_on_the_page(shop: Shop, form: dict[str, str]):
    ada = a_browser_of(shop, Role.owner)

    answer = ada.post("/operator/operators/invite", form)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_the_last_owner_cannot_remove_herself(shop: Shop):
    ada = a_browser_of(shop, Role.owner)

    answer = ada.post("/operator/operators/1/remove")

    assert answer.status_code == 422
    assert "only owner" in answer.text


def test_ada_ends_one_of_her_sign_ins_but_none_of_others(shop: Shop):
    an_operator(shop, "bob@example.org", Role.viewer, name="Bob")
    ada, bob = a_browser_of(shop, Role.owner), signed_in(shop, "bob@example.org")
    with shop.store.reading() as session:
        [his] = sign_ins.of_operator(session, operators.by_email(session, "bob@example.org").id, now=NOW)

    assert ada.post(f"/operator/account/sign-ins/{his.id}/end").status_code == 404
    assert bob.get("/operator/").status_code == 200


def test_what_people_did_is_in_the_record(shop: Shop):
    ada = a_browser_of(shop, Role.owner)
    ada.post("/operator/operators/invite", {"email": "bob@example.org", "role": "viewer"})

    page = ada.get("/operator/audit/?about=operator").text

    assert "invite: viewer" in page
    assert "bob@example.org" in page


@pytest.mark.parametrize("address", ["/operator/", "/operator/account/", "/operator/sign-in"])
def test_pages_for_operators_are_kept_nowhere_framed_nowhere_and_run_only_our_scripts(shop: Shop, address: str):
    headers = a_browser_of(shop, Role.owner if address != "/operator/sign-in" else None).get(address).headers

    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    assert "script-src 'self';" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["referrer-policy"] == "same-origin"


def test_names_are_text_and_never_markup(shop: Shop):
    evil = '"><script>alert(1)</script>'
    an_operator(shop, name=evil)
    a_series(shop, title=evil)

    page = signed_in(shop).get("/operator/operators/").text

    assert "<script>" not in page
    assert "&#34;&gt;&lt;script&gt;" in page


def test_a_page_is_compressed_for_who_accepts_that_and_says_the_same(shop: Shop):
    ada = a_browser_of(shop, Role.owner)

    plain = ada.get("/operator/account/", accept_encoding="identity")
    small = ada.get("/operator/account/", accept_encoding="gzip")

    assert "content-encoding" not in plain.headers
    assert small.headers["content-encoding"] == "gzip"
    assert int(small.headers["content-length"]) < len(plain.content) / 2
    assert small.text == plain.text


def test_who_may_not_is_told_what_they_are_and_stays_on_our_pages(shop: Shop):
    answer = a_browser_of(shop, Role.viewer).get("/operator/operators/")

    assert answer.status_code == 403
    assert "That takes an owner, and you are viewer." in answer.text
    assert 'href="/operator/schedule/"' in answer.text


def test_a_form_that_is_too_large_is_refused(shop: Shop):
    assert Browser(shop).post("/operator/sign-in", {"email": "x" * 300_000}).status_code == 413


@pytest.mark.parametrize("name", ["htmx-2.0.11.min.js"])
def test_scripts_are_kept_for_ever_and_as_they_came(shop: Shop, name: str):
    answer = shop.get(f"/operator/assets/{name}")

    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("name", ["operator.css", "style.css", "..%2fapp.py", "%2e%2e/base.html", "htmx.LICENSE.txt"])
def test_nothing_else_is_given_away(shop: Shop, name: str):
    assert shop.get(f"/operator/assets/{name}").status_code == 404
