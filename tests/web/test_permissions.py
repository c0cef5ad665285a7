"""Every route of the program, and everybody who may come: made from the table of routes itself."""

import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts

from db.states import Role
from tests.web.making import Shop, a_post, a_series, a_shop
from tests.web.staff import Browser, a_browser_of
from web.auth.needs import Needs, needs_of
from web.auth.origin import SAFE_METHODS

EXAMPLES = {"series": "primer", "slug": "rain", "post": "rain", "name": "x", "token": "x", "operator": "1",
            "invitation": "1", "sign_in": "999", "month": "2026-03", "edition": "1", "reader": "1", "upload": "1",
            "number": "1", "view": "page", "digest": "ab"}  # fmt: skip
PEOPLE: list[Role | None] = [None, *Role]


def endpoints() -> Iterator[tuple[str, str, object]]:
    """Path, method and handler of every route."""
    shop = a_shop(Path(tempfile.mkdtemp()))
    for route in iter_route_contexts(shop.app().routes):
        for method in sorted(route.methods or ()):
            yield route.path or "", method, route.endpoint
    shop.store.close()


ALL = list(endpoints())
OPERATORS = [(path, method, needs_of(handler)) for path, method, handler in ALL if path.startswith("/operator/")]


@pytest.mark.parametrize(("path", "method", "handler"), ALL, ids=[f"{method} {path}" for path, method, _ in ALL])
def test_every_route_says_what_it_needs(path: str, method: str, handler: object):
    assert needs_of(handler) is not None


def test_the_table_has_all_routes():
    assert {"/", "/{series}/{slug}/", "/operator/", "/operator/account/second/off"} <= {path for path, _, _ in ALL}


def test_whoever_may_change_something_is_known_to_be_an_operator():
    open_to_all = {path for path, method, what in OPERATORS if what is Needs.nothing and method not in SAFE_METHODS}

    assert open_to_all == {
        "/operator/sign-in",
        "/operator/code",
        "/operator/welcome/{token}",
        "/operator/enter/{token}",
    }


@pytest.fixture
def browsers(shop: Shop) -> dict[Role | None, Browser]:
    a_post(shop, a_series(shop))
    return {role: a_browser_of(shop, role) for role in PEOPLE}


CASES = [(path, method, what) for path, method, what in OPERATORS if method != "HEAD"]


@pytest.mark.parametrize(("path", "method", "what"), CASES, ids=[f"{method} {path}" for path, method, _ in CASES])
def test_each_person_comes_as_far_as_their_role(
    browsers: dict[Role | None, Browser], path: str, method: str, what: Needs
):
    address = path.replace(":path", "").format(**EXAMPLES)

    for role, browser in browsers.items():
        answer = browser.get(address) if method == "GET" else browser.post(address)
        led_to_sign_in = "/operator/sign-in?next=" in answer.headers.get("location", "")
        assert answer.status_code < 500, f"{role}: {answer.text}"
        if what.role is None or (role is not None and role.covers(what.role)):
            assert answer.status_code != 403, f"{role} was refused"
            assert not led_to_sign_in, f"{role} was asked to sign in"
        elif role is None:
            assert led_to_sign_in, f"a stranger got {answer.status_code}"
        else:
            assert answer.status_code == 403, f"{role} got {answer.status_code}"


CHANGES = [(path, what) for path, method, what in OPERATORS if method not in SAFE_METHODS]
FOREIGN = [
    {"sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "same-site"},
    {"sec_fetch_site": "none"},
    {"sec_fetch_site": "", "origin": "https://evil.example"},
    {"sec_fetch_site": "", "origin": "null"},
    {"sec_fetch_site": ""},
]


@pytest.mark.parametrize("said", FOREIGN, ids=[str(one) for one in FOREIGN])
def test_nothing_changes_by_a_request_from_another_site(shop: Shop, said: dict[str, str]):
    ada = a_browser_of(shop, Role.owner)

    for path, _ in CHANGES:
        assert ada.post(path.replace(":path", "").format(**EXAMPLES), **said).status_code == 403, path


@pytest.mark.parametrize("origin", ["https://example.org"])
def test_an_old_browser_that_says_only_its_origin_is_let_in(shop: Shop, origin: str):
    ada = a_browser_of(shop, Role.owner)

    assert ada.post("/operator/sign-out", sec_fetch_site="", origin=origin).status_code == 303


def test_a_page_that_says_nothing_lets_nobody_in(shop: Shop):
    ada = a_browser_of(shop, Role.owner)
    [route] = [one for one in iter_route_contexts(shop.app().routes) if one.path == "/operator/audit/"]

    del route.endpoint.__needs__  # type: ignore[union-attr]

    assert ada.get("/operator/audit/").status_code == 500


@pytest.mark.parametrize(("mine", "needed"), list(product(Role, Role)))
def test_roles_cover_those_below(mine: Role, needed: Role):
    order = [Role.viewer, Role.editor, Role.owner]

    assert mine.covers(needed) == (order.index(mine) >= order.index(needed))
