"""What an operator does for a subscriber, from the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fascicle.sink import sink
from tests.program.running import Ended, Program

ALICE = "alice@example.org"
NEXT_DAY = "2026-03-02T07:00:00Z"


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "received"


@pytest.fixture
def past(replay: Program, outbox: Path) -> Iterator[Program]:
    """Three more chapters, of which all were released before Bob came."""
    with sink(outbox) as port:
        replay.relay_at(port)
        for number in (1, 2, 3):
            text = f"---\ntitle: Old {number}\nnumber: {number}\ndate: 2026-03-01 13:00\n---\nOld rain.\n"
            replay.write(f"old/{number}.md", text)
        assert replay("import", "old", "--series", "rain").code == 0
        assert replay("release", "--now", "2026-03-01T13:00:00Z").code == 0
        assert replay("subscribers", "add", "bob@example.org", "--zone", "UTC", "--hour", "7").code == 0
        yield replay


def shown(program: Program, address: str) -> dict[str, object]:
    return program("subscribers", "show", address, "--json").rows()


def bob(program: Program, *words: str) -> Ended:
    return program("subscribers", "catch-up", words[0], "bob@example.org", "rain", *words[1:])


def test_a_subscriber_reads_from_the_past_and_meets_the_live_run(past: Program):
    started = bob(past, "start", "--from", "2", "--pace", "every day", "--posts", "2")
    pace = shown(past, "bob@example.org")["follows"][0]["catches_up"]
    sent = past("editions", "send", "--now", NEXT_DAY)
    after = shown(past, "bob@example.org")

    assert (started.code, sent.code) == (0, 0)
    assert "reads rain from 2 on" in started.out
    assert pace.startswith("2 posts at a time, every day at 07:00 from 1 March 2026; next on 2026-03-01")
    assert [letter["state"] for letter in after["letters"]] == ["sent"]
    assert after["follows"][0]["owed"] == ["one"]


def test_the_next_one_goes_out_now(past: Program, outbox: Path):
    bob(past, "start")

    asked = bob(past, "next")
    past("editions", "send", "--now", "2026-03-01T14:00:00Z")

    assert "goes out now" in asked.out
    assert len(list(outbox.glob("*.eml"))) == 1


def test_a_catch_up_is_paused_resumed_paced_and_ended(past: Program):
    bob(past, "start", "--pace", "mondays")
    paused = bob(past, "pause")
    standing = shown(past, "bob@example.org")["follows"][0]["catches_up"]
    resumed = bob(past, "resume")
    paced = bob(past, "pace", "every 2 days")
    walking = shown(past, "bob@example.org")["follows"][0]["catches_up"]
    ended = bob(past, "end")

    assert [one.code for one in (paused, resumed, paced, ended)] == [0, 0, 0, 0]
    assert standing.endswith("; paused")
    assert walking.startswith("every 2 days")
    assert (
        shown(past, "bob@example.org")["follows"][0] | {"catches_up": None, "owed": []}
        == (shown(past, "bob@example.org")["follows"][0])
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("start", "--from", "9"), "'9' is no chapter of rain that is out; there are 1, 2, 3"),
        (("start", "--pace", "sometimes"), "'sometimes' does not say how often"),
        (("start", "--posts", "0"), "from 1 to 50"),
        (("pause",), "`fascicle subscribers catch-up start` begins it"),
        (("next",), "`fascicle subscribers catch-up start` begins it"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(past: Program, words: tuple[str, ...], said: str):
    before = shown(past, "bob@example.org")

    refused = bob(past, *words)

    assert refused.code == 2
    assert said in refused.err
    assert shown(past, "bob@example.org") == before


def test_a_subscriber_changes_their_mind(replay: Program):
    changed = replay("subscribers", "change", ALICE, "--zone", "Asia/Tokyo", "--hour", "21", "--format", "text")
    followed = replay("subscribers", "follow", ALICE, "rain", "--frequency", "weekly:friday")

    now = shown(replay, ALICE)
    assert (changed.code, followed.code) == (0, 0)
    assert (now["zone"], now["hour"], now["format"]) == ("Asia/Tokyo", "21:00", "text")
    assert now["follows"][0]["frequency"] == "weekly:friday"


def test_a_pause_has_an_end(replay: Program):
    paused = replay("subscribers", "pause", ALICE, "--until", "2026-04-01")
    during = shown(replay, ALICE)
    resumed = replay("subscribers", "resume", ALICE)

    assert (paused.code, resumed.code) == (0, 0)
    assert (during["state"], during["paused_until"], during["next"]) == ("paused", "2026-04-01T00:00:00Z", None)
    assert shown(replay, ALICE)["state"] == "active"


def test_leaving_one_series_says_so(replay: Program):
    left = replay("subscribers", "leave", ALICE, "--series", "rain")

    assert left.out.strip() == f"{ALICE} gets no more letters of rain."
    assert shown(replay, ALICE)["follows"][0]["state"] == "left"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("change", ALICE, "--hour", "25"), "write a whole hour from 0 to 23"),
        (("change", "nobody@example.org"), "no subscriber 'nobody@example.org'"),
        (("follow", ALICE, "snow"), "no series 'snow'"),
        (("follow", ALICE, "rain", "--frequency", "hourly"), "use instant, daily, or weekly"),
        (("pause", ALICE, "--until", "2020-01-01"), "is past; give a day to come"),
        (("pause", ALICE, "--until", "tomorrow"), "'tomorrow'"),
        (("resume", ALICE), "is active, not paused"),
    ],
)
def test_wrong_words_are_refused_with_what_and_why(replay: Program, words: tuple[str, ...], said: str):
    before = shown(replay, ALICE)

    refused = replay("subscribers", *words)

    assert refused.code == 2
    assert said in refused.err
    assert shown(replay, ALICE) == before
