"""Above all: nothing of a post that is not released shows anywhere."""

from datetime import datetime

import pytest

from db.states import PostState
from tests.web.making import NOW, Shop, a_post, a_series

SECRET = "Murderer"
IMAGE = b"secret picture"
HIDDEN = [PostState.draft, PostState.planned]
ADDRESSES = [
    "/",
    "/primer/",
    "/primer/rain/",
    "/primer/sun/",
    "/primer/whodunit/",
    "/primer/feed.atom",
    "/feeds/all.atom",
]


def a_hidden_post(shop: Shop, series: int, state: PostState, **more: object) -> int:
    words = {"title": f"The {SECRET}", "summary": f"A {SECRET}.", "body": f"{SECRET} ![x](knife.png)"}
    when = {"due": datetime(2026, 3, 7, 7)}
    return a_post(shop, series, "whodunit", state=state, images={"knife.png": IMAGE}, **words | when | more)  # type: ignore[arg-type]


@pytest.mark.parametrize("announces", [False, True])
@pytest.mark.parametrize("state", HIDDEN)
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_word_of_a_hidden_post_is_on_any_page(shop: Shop, address: str, state: PostState, announces: bool):
    series = a_series(shop, announces=announces)
    a_post(shop, series, "rain")
    a_hidden_post(shop, series, state)
    a_post(shop, series, "sun")

    page = shop.get(address).text

    assert SECRET not in page
    assert "whodunit" not in page
    assert "knife" not in page


@pytest.mark.parametrize("state", HIDDEN)
def test_a_hidden_post_answers_exactly_like_one_that_never_was(shop: Shop, state: PostState):
    series = a_series(shop, announces=True)
    a_hidden_post(shop, series, state)

    hidden = shop.get("/primer/whodunit/")
    nothing = shop.get("/primer/nothing/")

    assert hidden.status_code == nothing.status_code == 404
    assert hidden.content == nothing.content
    assert hidden.headers == nothing.headers


@pytest.mark.parametrize("state", HIDDEN)
def test_without_its_slash_too_a_hidden_post_is_like_none(shop: Shop, state: PostState):
    series = a_series(shop)
    a_hidden_post(shop, series, state)

    assert shop.get("/primer/whodunit").status_code == shop.get("/primer/nothing").status_code == 308


def test_a_post_withdrawn_before_its_release_is_like_none(shop: Shop):
    series = a_series(shop)
    a_hidden_post(shop, series, PostState.withdrawn, was_released=False)

    assert shop.get("/primer/whodunit/").content == shop.get("/primer/nothing/").content


def test_a_post_whose_moment_has_passed_stays_hidden_until_it_is_released(shop: Shop):
    series = a_series(shop)
    a_hidden_post(shop, series, PostState.planned, due=datetime(2026, 3, 1, 7))

    assert shop.get("/primer/whodunit/").status_code == 404


@pytest.mark.parametrize("state", [*HIDDEN, PostState.withdrawn])
def test_the_images_of_a_post_that_is_not_public_are_not_there(shop: Shop, state: PostState):
    series = a_series(shop, announces=True)
    a_hidden_post(shop, series, state)

    assert shop.get(f"/media/{IMAGE.hex()}/knife.png").status_code == 404


def test_a_series_that_does_not_announce_says_nothing_of_its_plan(shop: Shop):
    series = a_series(shop, announces=False)
    a_post(shop, series, state=PostState.planned, number="5", due=datetime(2026, 3, 7, 7))

    for address in ("/", "/primer/"):
        page = shop.get(address).text
        assert "7 March" not in page
        assert "Next:" not in page


def test_an_announced_post_is_its_date_and_number(shop: Shop):
    series = a_series(shop, announces=True)
    a_post(shop, series, state=PostState.planned, number="5", due=datetime(2026, 3, 7, 7))

    page = shop.get("/primer/").text

    assert "Chapter 5" in page
    assert "7 March, 07:00</time>" in page
    assert "Saturday 7 March at 07:00</time>" in page
    assert "Europe/Riga" in page


def test_an_announced_post_without_a_number_is_its_date(shop: Shop):
    series = a_series(shop, announces=True)
    a_post(shop, series, state=PostState.planned, due=datetime(2026, 3, 7, 7))

    page = shop.get("/primer/").text

    assert '<span class="number">–</span>' in page
    assert "7 March, 07:00</time>" in page


def test_a_draft_is_not_announced(shop: Shop):
    series = a_series(shop, announces=True)
    a_post(shop, series, state=PostState.draft, number="5", due=datetime(2026, 3, 7, 7))

    assert "7 March" not in shop.get("/primer/").text


def test_numbers_that_no_post_has_are_not_invented(shop: Shop):
    series = a_series(shop, announces=True, announced_count=14)
    a_post(shop, series, state=PostState.planned, number="5", due=datetime(2026, 3, 7, 7))

    assert shop.get("/primer/").text.count('class="planned"') == 1


def test_a_held_series_promises_no_dates(shop: Shop):
    series = a_series(shop, announces=True, held_at=NOW, held_reason="the author is ill")
    a_post(shop, series, state=PostState.planned, number="5", due=datetime(2026, 3, 7, 7))

    for address in ("/", "/primer/"):
        page = shop.get(address).text
        assert "7 March" not in page
        assert "ill" not in page.split("</head>")[1]
