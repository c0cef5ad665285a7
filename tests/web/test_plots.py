"""Plots as shapes, and the page that has them."""

import re
from pathlib import Path

import pytest

from db.engine import Store
from db.states import Role
from tests.web.newsroom import ONE_NEVER, Newsroom, a_newsroom
from tests.web.staff import a_browser_of
from web.operator.plot import Bar, Plot, shares


def test_bars_of_a_day_stand_one_upon_the_other():
    plot = Plot(["mon", "tue"], ("sent", "hard"), [(6, 2), (4, 0)])

    assert plot.bars() == [
        Bar(0.1, 25.0, 0.8, 75.0, 0),
        Bar(0.1, 0.0, 0.8, 25.0, 1),
        Bar(1.1, 50.0, 0.8, 50.0, 0),
    ]


def test_a_line_goes_through_the_middle_of_its_days():
    plot = Plot(["mon", "tue", "wed"], ("readers",), [(0,), (5,), (10,)])

    assert plot.line(0) == "0.5,100 1.5,50 2.5,0"


@pytest.mark.parametrize("rows", [[], [(0, 0)], [(0, 0), (0, 0)]])
def test_where_nothing_is_nothing_is_drawn(rows: list[tuple[int, int]]):
    plot = Plot(["day"] * len(rows), ("a", "b"), rows)

    assert plot.is_empty
    assert plot.bars() == []


def test_shares_of_a_bar_follow_each_other_and_fill_it():
    assert shares([1, 0, 3]) == [(0.0, 250.0), (250.0, 0.0), (250.0, 750.0)]
    assert shares([0, 0]) == [(0.0, 0.0), (0.0, 0.0)]


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Newsroom:
    return a_newsroom(store, tmp_path, "alice", "bob", "carol")


def numbers_in(page: str, figure: str) -> list[list[int]]:
    """The rows of a figure's table, today first."""
    table = page[page.index(f'id="{figure}"') :].partition("</figure>")[0]
    rows = re.findall(r"<tr><th scope=\"row\"[^>]*>[^<]*</th>(.*?)</tr>", table)
    return [[int(one) for one in re.findall(r"<td>(\d+)</td>", row)] for row in rows]


def test_how_it_goes_is_shown_as_plots_with_their_numbers(room: Newsroom):
    room.sends(ONE_NEVER)
    vera = a_browser_of(room.shop, Role.viewer)

    page = vera.get("/operator/figures/?days=14").text

    assert numbers_in(page, "letters")[0] == [2, 0, 0, 1]
    assert numbers_in(page, "moved")[0] == [0, 0, 1]
    assert numbers_in(page, "moved")[3] == [3, 0, 0]
    assert [row[0] for row in numbers_in(page, "readers")[:5]] == [2, 3, 3, 3, 0]
    assert len(numbers_in(page, "letters")) == 14
    assert "style=" not in page


@pytest.mark.parametrize("days", ["", "90", "1000000", "x"])
def test_only_so_many_days_are_looked_at_as_are_offered(room: Newsroom, days: str):
    page = a_browser_of(room.shop, Role.viewer).get(f"/operator/figures/?days={days}")

    assert page.status_code == 200
