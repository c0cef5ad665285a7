"""feeds catch-up, as an operator uses it for a reader."""

import asyncio
import re

import httpx
import pytest
from fastapi import FastAPI

from fascicle.app import opened
from fascicle.config import read_config
from fascicle.serve import pages_of
from tests.program.running import Program

FEED = re.compile(r"http://127\.0\.0\.1:8000/rain/catch-up/[A-Za-z0-9_-]{32}\.atom")


@pytest.fixture
def rain(replay: Program) -> Program:
    """Three chapters are out; it is noon of 5 March."""
    for number, name in enumerate(("two", "three"), 3):
        replay.write(
            f"chapters/{name}.md", f"---\ntitle: {name.title()}\ndate: 2026-03-0{number} 06:00\n---\nIt rained.\n"
        )
    assert replay("import", "chapters", "--series", "rain").code == 0
    assert replay("release", "--now", "2026-03-05T12:00:00Z").code == 0
    return replay


def catch_up(program: Program, *words: str):
    return program("feeds", "catch-up", *words)


def test_starting_prints_the_private_address_and_what_comes_next(rain: Program):
    started = catch_up(rain, "start", "rain", "--name", "Ada", "--zone", "Europe/Riga")

    lines = started.out.splitlines()
    assert started.code == 0
    assert "id: 1" in lines
    assert "pace: every day at 07:00 from 5 March 2026" in lines
    assert "state: catching up" in lines
    assert "has: 0 of 3" in lines
    assert "next: 2026-03-06 05:00:00Z" in lines
    assert any(FEED.fullmatch(line.removeprefix("address: ")) for line in lines)


def test_a_feed_goes_its_way_as_the_calendar_does(rain: Program):
    catch_up(rain, "start", "rain", "--from", "two", "--json")
    rain("release", "--now", "2026-03-06T08:00:00Z")
    on_its_way = catch_up(rain, "list", "--json").rows()
    rain("release", "--now", "2026-03-07T08:00:00Z")

    rows = [*on_its_way, *catch_up(rain, "list", "rain", "--json").rows()]

    assert [(row["has"], row["state"], row["next"], row["caught_up"]) for row in rows] == [
        ("1 of 2", "catching up", "2026-03-07T07:00:00Z", None),
        ("2 of 2", "live", None, "2026-03-07T07:00:00Z"),
    ]


def test_the_address_that_was_printed_is_served(rain: Program):
    address = catch_up(rain, "start", "rain", "--json").rows()["address"]
    catch_up(rain, "next", "1")

    with opened(read_config(rain.folder / "config.yaml")) as app:
        answer = asyncio.run(asked(pages_of(app), address))

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, max-age=3600")
    assert "<title>One</title>" in answer.text


async def asked(app: FastAPI, url: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as client:
        return await client.get(url)


def test_a_feed_is_paused_resumed_hurried_and_slowed(rain: Program):
    catch_up(rain, "start", "rain", "--json")

    paused = catch_up(rain, "pause", "1", "--json").rows()
    resumed = catch_up(rain, "resume", "1", "--json").rows()
    slower = catch_up(rain, "pace", "1", "every 2 weeks on mondays at 9:00", "--posts", "2", "--json").rows()
    hurried = catch_up(rain, "next", "1", "--json").rows()

    assert [(row["state"], row["has"], row["next"]) for row in (paused, resumed, slower, hurried)] == [
        ("paused", "0 of 3", None),
        ("catching up", "0 of 3", "2026-03-06T07:00:00Z"),
        ("catching up", "0 of 3", "2026-03-16T09:00:00Z"),
        ("catching up", "2 of 3", "2026-03-16T09:00:00Z"),
    ]


def test_looking_ahead_changes_nothing(rain: Program):
    catch_up(rain, "start", "rain")

    ahead = catch_up(rain, "show", "1", "--at", "2026-03-20T00:00:00Z", "--json").rows()

    assert (ahead["has"], ahead["caught_up"]) == ("3 of 3", "2026-03-08T07:00:00Z")
    assert catch_up(rain, "show", "1", "--json").rows()["has"] == "0 of 3"


def test_a_revoked_feed_has_no_address_and_is_not_listed(rain: Program):
    first = catch_up(rain, "start", "rain", "--json").rows()
    renewed = catch_up(rain, "revoke", "1", "--renew", "--json").rows()

    revoked = catch_up(rain, "revoke", "1", "--json").rows()

    assert renewed["address"] != first["address"]
    assert (revoked["address"], revoked["state"]) == (None, "revoked")
    assert catch_up(rain, "list").out == "No catch-up feeds: `fascicle feeds catch-up start SERIES` makes one.\n"


def test_a_list_for_people_names_no_keys(rain: Program):
    catch_up(rain, "start", "rain", "--name", "Ada")

    listed = catch_up(rain, "list").out

    assert "Ada" in listed
    assert "0 of 3" in listed
    assert not FEED.search(listed)


def test_who_has_all_of_a_series_that_ended_has_finished(rain: Program):
    catch_up(rain, "start", "rain", "--posts", "3")
    rain("series", "end", "rain")
    rain("release", "--now", "2026-03-06T08:00:00Z")

    assert catch_up(rain, "show", "1", "--json").rows()["state"] == "finished"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("start", "rain", "--pace", "now and then"), "now and then"),
        (("start", "rain", "--pace", "dates of its own"), "a pace goes on and on; write such as every day at 07:00"),
        (("start", "rain", "--zone", "Riga"), "'Riga' is not a zone; write it as Europe/Riga"),
        (("start", "rain", "--from", "4"), "no chapter '4' of rain is out"),
        (("start", "snow"), "no series 'snow'"),
        (("pause", "7"), "no catch-up feed 7; `fascicle feeds catch-up list` shows those there are"),
        (("pace", "7"), "which pace?"),
        (("start", "rain", "--posts", "0"), "--posts"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(rain: Program, words: tuple[str, ...], problem: str):
    refused = catch_up(rain, *words)

    assert refused.code == 2
    assert problem in refused.err
    assert catch_up(rain, "list", "--json").rows() == []
