"""The list of all posts: found by series, state and words, and gone through page by page."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from db import shelf
from db.shelf import Shown, Sought
from db.states import PostState, Role
from db.tables import Series
from tests.web.making import NOW, Shop, a_post, a_series
from tests.web.staff import Browser, a_browser_of

LATER = datetime(2026, 4, 1, 7)


@pytest.fixture
def shop(shop_on_both: Shop) -> Shop:
    """A series with a post of each kind, and one that is held."""
    primer = a_series(shop_on_both)
    a_post(shop_on_both, primer, "rain", title="Rain", number="1", body="It rained on the harbour.")
    a_post(shop_on_both, primer, "fog", title="Fog", number="1.10", state=PostState.planned, due=LATER)
    a_post(shop_on_both, primer, "ice", title="Ice", state=PostState.draft, body="Of the harbour, again.")
    a_post(shop_on_both, primer, "mud", title="Mud", state=PostState.withdrawn)
    night = a_series(shop_on_both, "night", title="Night Trains")
    a_post(shop_on_both, night, "n1", title="Departure", state=PostState.planned, due=LATER)
    with shop_on_both.store.writing() as session:
        session.execute(update(Series).where(Series.id == night).values(held_at=NOW, held_reason="a strike"))
    return shop_on_both


def titles(page: str) -> list[str]:
    return re.findall(r'<td class="name"><a [^>]*>([^<]*)</a>', page)


def row_of(page: str, title: str) -> str:
    """A row as words alone."""
    [found] = [row for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if f">{title}</a>" in row]
    return " ".join(re.sub(r"<[^>]*>", " ", found).split())


def test_vera_sees_all_posts_with_their_state_and_moment_the_last_changed_first(shop: Shop):
    page = a_browser_of(shop, Role.viewer).get("/operator/posts/").text

    assert titles(page) == ["Departure", "Mud", "Ice", "Fog", "Rain"]
    assert row_of(page, "Rain").startswith("1 Rain The Primer ● released Thu 5 Mar, 07:00 Europe/Riga")
    assert row_of(page, "Fog").startswith("1.10 Fog The Primer ○ planned Wed 1 Apr, 07:00 Europe/Riga")
    assert "Ice The Primer ✎ draft" in row_of(page, "Ice")
    assert "× withdrawn" in row_of(page, "Mud")
    assert "‖ held" in row_of(page, "Departure")
    assert "Write a post" not in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("series=night", ["Departure"]),
        ("state=waiting", ["Fog"]),
        ("state=held", ["Departure"]),
        ("state=released", ["Rain"]),
        ("state=withdrawn", ["Mud"]),
        ("state=draft", ["Ice"]),
        ("q=harb", ["Ice", "Rain"]),
        ("q=harbour&state=released", ["Rain"]),
        ("q=1.10", ["Fog"]),
        ("q=FOG", ["Fog"]),
        ("state=nonsense&series=nowhere&below=-1", ["Departure", "Mud", "Ice", "Fog", "Rain"]),
        ("q=%22%27%29%00--", []),
    ],
)
def test_the_list_is_narrowed_by_series_state_and_words(shop: Shop, asked: str, found: list[str]):
    vera = a_browser_of(shop, Role.viewer)

    assert titles(vera.get(f"/operator/posts/?{asked}").text) == found


def test_counts_say_how_many_there_are_of_each_kind(shop: Shop):
    with shop.store.reading() as session:
        counts = shelf.counts(session)

    assert counts == dict.fromkeys(Shown, 1)


def test_pages_lead_through_all_posts_each_once(shop: Shop):
    series = a_series(shop, "long")
    for number in range(120):
        a_post(shop, series, f"p{number}", title=f"Part {number}", due=LATER + timedelta(days=number))
    vera = a_browser_of(shop, Role.viewer)

    seen, address = [], "/operator/posts/?series=long"
    while address:
        page = vera.get(address).text
        seen.append(titles(page))
        address = next_of(page)

    assert [len(each) for each in seen] == [50, 50, 20]
    assert [title for page in seen for title in page] == [f"Part {number}" for number in reversed(range(120))]


def next_of(page: str) -> str:
    found = re.search(r'rel="next" href="([^"]*)"', page)
    return f"/operator/posts/{found[1].replace('&amp;', '&')}" if found else ""


def test_a_page_goes_on_where_it_stood_though_posts_came_meanwhile(shop: Shop):
    with shop.store.reading() as session:
        first = shelf.page(session, Sought(), limit=2)
    a_post(shop, a_series(shop, "new"), "new", title="New")

    with shop.store.reading() as session:
        second = shelf.page(session, Sought(), limit=2, below=first[-1].place)

    assert [one.title for one in first + second] == ["Departure", "Mud", "Ice", "Fog"]


@pytest.mark.parametrize(
    ("role", "said"), [(Role.editor, "Import a folder of Markdown"), (Role.viewer, "An editor can write or import")]
)
def test_an_empty_list_says_what_to_do(either: Shop, role: Role, said: str):
    someone = a_browser_of(either, role)
    without_series = someone.get("/operator/posts/").text
    a_series(either)

    page = someone.get("/operator/posts/").text

    assert "fascicle series create" in without_series
    assert said in page


def test_nothing_found_leads_back_to_all(shop: Shop):
    page = a_browser_of(shop, Role.viewer).get("/operator/posts/?q=nothing+like+it").text

    assert "No post is like that." in page
    assert 'href="/operator/posts/"' in page


def test_titles_are_shown_and_never_run(either: Shop):
    a_post(either, a_series(either, title="<i>Primer</i>"), title="<script>alert(1)</script>")

    page = (
        a_browser_of(either, Role.viewer).get("/operator/posts/?q=%22%3E%3Cscript%3E").text
        + Browser(either).get("/operator/posts/").text
    )

    assert "<script>alert" not in page
    assert "<i>Primer" not in page
