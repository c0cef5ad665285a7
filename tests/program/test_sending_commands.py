"""Seeing and steering what goes out, from the command line."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from fascicle.sink import sink
from tests.mail.faulty import DROP, FaultyRelay
from tests.program.running import Program
from tests.sending.office import running

SEVEN = "2026-03-02T07:00:00Z"
KEY = "digest:UTC:07:2026-03-02"


@pytest.fixture
def waiting(replay: Program) -> Iterator[Program]:
    """Alice's letter waits, as the relay is away."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        replay.relay_at(taken.getsockname()[1])
        assert replay("editions", "send", "--now", SEVEN).code == 1
        yield replay


@pytest.fixture
def in_doubt(replay: Program) -> Program:
    """The relay hung up after Alice's letter, and the policy is to hold such letters."""
    replay.configure("in_doubt: resend", "in_doubt: hold")
    with running(FaultyRelay({"dot": DROP})) as port:
        replay.relay_at(port)
        replay("editions", "send", "--now", SEVEN)
        replay.configure(f"port: {port}", "port: 2525")
    return replay


def test_an_edition_is_shown_with_all_that_is_known(waiting: Program):
    seen = waiting("editions", "show", KEY, "--json")

    shown = seen.rows()
    assert seen.code == 0
    assert (shown["state"], shown["pending"], shown["moment"]) == ("sending", 1, SEVEN)
    assert shown["series"] == ["rain up to 1: one"]
    assert "nothing was sent" in shown["problems"][0]


def test_watching_without_a_terminal_shows_once(waiting: Program):
    seen = waiting("editions", "show", KEY, "--watch")

    assert seen.code == 0
    assert seen.out.count("edition: digest") == 1
    assert "batches: 0 of 1 finished" in seen.out


def test_pausing_and_resuming_say_what_is_next(waiting: Program, tmp_path: Path):
    paused = waiting("editions", "pause", KEY, "--reason", "a wrong picture")
    shown = waiting("editions", "show", KEY, "--json").rows()
    resumed = waiting("editions", "resume", KEY)

    assert (paused.code, resumed.code) == (0, 0)
    assert f"`fascicle editions resume {KEY}`" in paused.out
    assert shown["state"] == "paused"
    assert shown["steered"].startswith("pause by ")
    assert shown["steered"].endswith(": a wrong picture")


def test_sending_names_what_is_paused(waiting: Program):
    waiting("editions", "pause", KEY)

    sent = waiting("editions", "send", "--now", SEVEN)

    assert sent.code == 1
    assert f"{KEY} is paused" in sent.err


def test_a_cancelled_edition_leaves_its_posts_to_the_next(waiting: Program):
    cancelled = waiting("editions", "cancel", KEY)
    [row] = waiting("deliveries", "list", "--json").rows()
    alice = waiting("subscribers", "show", "alice@example.org", "--json").rows()

    assert "1 letter will not be sent" in cancelled.out
    assert row["state"] == "superseded"
    assert alice["follows"][0]["owed"] == ["one"]
    assert alice["next"] == "digest, Tue 2026-03-03 07:00 UTC: one"


def test_what_cannot_be_steered_is_refused_with_what_now(waiting: Program):
    unknown = waiting("editions", "pause", "digest:nowhere")
    running_one = waiting("editions", "resume", KEY)
    waiting("editions", "cancel", KEY)
    cancelled = waiting("editions", "pause", KEY)

    assert (unknown.code, running_one.code, cancelled.code) == (2, 1, 1)
    assert "`fascicle editions list`" in unknown.err
    assert "`fascicle editions pause` stops it" in running_one.err
    assert "never goes on" in cancelled.err


def test_soft_letters_are_tried_again_by_hand(replay: Program):
    with running(FaultyRelay({"dot": ["451 4.3.0 later", "250 2.0.0 fine"]})) as port:
        replay.relay_at(port)
        replay("editions", "send", "--now", SEVEN)
        retried = replay("editions", "retry", KEY)
        again = replay("editions", "send", "--now", SEVEN, "--json")

    assert "1 letter will be tried now" in retried.out
    assert (again.code, again.rows()["sent"]) == (0, 1)


def test_a_letter_in_doubt_is_resent_on_request_although_such_letters_are_held(in_doubt: Program, tmp_path: Path):
    [row] = in_doubt("deliveries", "list", "--in-doubt", "--json").rows()
    with sink(tmp_path / "outbox") as port:
        in_doubt.relay_at(port)
        in_doubt("editions", "send", "--now", SEVEN)
        held = list((tmp_path / "outbox").glob("*.eml"))
        resent = in_doubt("deliveries", "resend", str(row["id"]))
        done = in_doubt("editions", "send", "--now", SEVEN, "--json")

    assert held == []
    assert (resent.code, done.rows()["sent"]) == (0, 1)
    assert in_doubt("deliveries", "list", "--in-doubt", "--json").rows() == []


def test_a_letter_in_doubt_is_settled(in_doubt: Program):
    [row] = in_doubt("deliveries", "list", "--in-doubt", "--json").rows()

    settled = in_doubt("deliveries", "settle", str(row["id"]), "--reason", "Alice has it")
    again = in_doubt("deliveries", "resend", str(row["id"]))

    assert (settled.code, again.code) == (0, 1)
    assert "in doubt for good" in again.err
    assert in_doubt("deliveries", "list", "--in-doubt", "--json").rows() == []


def test_letters_are_listed_by_edition_state_and_address_page_by_page(waiting: Program):
    found = waiting(
        "deliveries", "list", "--edition", KEY, "--state", "pending", "--address", "Alice@example.org", "--json"
    )
    other = waiting("deliveries", "list", "--state", "sent")
    beyond = waiting("deliveries", "list", "--after", str(found.rows()[0]["id"]))
    wrong = waiting("deliveries", "list", "--state", "lost")

    assert [row["address"] for row in found.rows()] == ["alice@example.org"]
    assert "No letters." in other.out
    assert "No letters." in beyond.out
    assert wrong.code == 2


def test_a_page_that_is_full_says_how_to_go_on(waiting: Program, tmp_path: Path):
    waiting("subscribers", "add", "bob@example.org", "--zone", "UTC")
    waiting("editions", "cancel", KEY)
    waiting.write("chapters/two.md", "---\ntitle: Two\ndate: 2026-03-03 06:00\n---\nIt rained on.\n")
    waiting("import", "chapters", "--series", "rain")
    waiting("editions", "send", "--now", "2026-03-03T07:00:00Z")

    page = waiting("deliveries", "list", "--limit", "1")

    assert "--after 1 goes on" in page.err


def test_a_subscriber_is_shown_with_letters_and_what_comes_next(replay: Program):
    seen = replay("subscribers", "show", "alice@example.org")
    unknown = replay("subscribers", "show", "nobody@example.org")

    assert (seen.code, unknown.code) == (0, 2)
    assert "next: digest, Mon 2026-03-02 07:00 UTC: one (planned)" in seen.out
    assert "No letters yet." in seen.out


def test_only_one_hard_letter_is_tried_again_at_a_time(waiting: Program):
    several = waiting("deliveries", "retry", "1", "2", "--hard")
    pending = waiting("deliveries", "retry", "1", "--hard")

    assert (several.code, pending.code) == (2, 1)
    assert "--hard is for letters refused for good" in pending.err
