"""The operator's pages speak the language of the person who looks at them."""

from tests.web.making import Shop
from tests.web.staff import Browser, an_operator, signed_in


def test_a_page_speaks_what_the_browser_asks_for(either: Shop):
    an_operator(either)

    page = signed_in(either).get("/operator/account/", accept_language="fr, de;q=0.8, en;q=0.5")

    assert '<html lang="de" dir="ltr">' in page.text
    assert "Sprache dieser Seiten" in page.text
    assert "Accept-Language" in page.headers["vary"]


def test_ada_chooses_a_language_which_then_goes_before_that_of_her_browser(either: Shop):
    an_operator(either)
    ada = signed_in(either)

    ada.post("/operator/account/language", {"language": "de"})
    in_german = ada.get("/operator/account/", accept_language="en")
    ada.post("/operator/account/language", {"language": ""})
    as_asked = ada.get("/operator/account/", accept_language="en")

    assert '<html lang="de"' in in_german.text
    assert '<option value="de" lang="de" selected>Deutsch</option>' in in_german.text
    assert '<html lang="en"' in as_asked.text


def test_a_language_that_is_not_there_is_refused_in_the_language_of_the_page(either: Shop):
    an_operator(either)

    answer = signed_in(either).post("/operator/account/language", {"language": "tlh"}, accept_language="de")

    assert answer.status_code == 422
    assert "&#39;tlh&#39; ist keine Sprache, die diese Seiten sprechen." in answer.text


def test_who_asks_for_nothing_known_is_answered_in_english(shop: Shop):
    assert '<html lang="en"' in Browser(shop).get("/operator/sign-in", accept_language="tlh, *;q=0.1").text
    assert '<html lang="en"' in Browser(shop).get("/operator/sign-in").text
