"""Single letters from the command line, and seeing them."""

from pathlib import Path

import pytest

from fascicle.sink import sink
from tests.program.running import Program
from tests.sending.office import letters_in

KEY = "single:operator-test:1"


def test_a_test_letter_arrives_at_an_address_that_is_no_subscribers(replay: Program, tmp_path: Path):
    with sink(tmp_path / "outbox") as port:
        replay.relay_at(port)
        asked = replay("letters", "test-delivery", "olga@example.org", "--language", "de")
        sent = replay("editions", "send", "--now", "2026-03-01T12:00:00Z")

    [letter] = letters_in(tmp_path / "outbox")
    assert (asked.code, sent.code) == (0, 0)
    assert KEY in asked.out
    assert (letter["To"], letter["Subject"]) == ("olga@example.org", "Ein Test von My serials")
    assert f"127.0.0.1:{port}" in letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_single_letters_are_listed_only_when_asked_for(replay: Program):
    replay("letters", "test-delivery", "olga@example.org")
    replay("letters", "test-delivery", "olga@example.org")

    usually = replay("editions", "list", "--json").rows()
    asked = replay("editions", "list", "--singles", "--json").rows()
    ledger = replay("deliveries", "list", "--edition", KEY, "--json").rows()

    assert usually == []
    assert {one["edition"] for one in asked} == {KEY, "single:operator-test:2"}
    assert [(one["address"], one["state"]) for one in ledger] == [("olga@example.org", "pending")]


@pytest.mark.parametrize("address", ["nobody", "zoë@", "a@b\nBcc: c@example.org"])
def test_an_address_that_cannot_be_written_to_is_refused(replay: Program, address: str):
    refused = replay("letters", "test-delivery", address)

    assert refused.code == 2
    assert "No letter can be written to" in refused.err


def test_an_address_for_alerts_that_is_none_is_refused_by_its_path(program: Program):
    program.configure("alerts_to: null", "alerts_to: nobody")

    refused = program("series", "list")

    assert refused.code == 2
    assert "config.yaml: mail.alerts_to: a mail address is expected" in refused.err
