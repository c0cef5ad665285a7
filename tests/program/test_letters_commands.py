"""Letters looked at, and tried, from the command line."""

import email
import email.policy
import io
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from fascicle.sink import sink
from tests.mail.faulty import FaultyRelay
from tests.program.running import Program
from tests.sending.office import running

LINK = "/unsubscribe/"


def only_letter(folder: Path) -> EmailMessage:
    [path] = folder.glob("*.eml")
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)  # type: ignore[return-value]


def test_a_letter_with_made_up_contents_is_printed(replay: Program):
    shown = replay("letters", "preview", "digest", "--state", "two chapters", "--language", "de")

    assert shown.code == 0
    assert shown.out.startswith("Subject: How the Flood Came In und A Bell under Water\n")
    assert "Abbestellen: http://127.0.0.1:8000/\n" in shown.out


@pytest.mark.parametrize("letter", ["confirm", "welcome", "operator-alert"])
def test_each_letter_can_be_looked_at(replay: Program, letter: str):
    assert replay("letters", "preview", letter).out.startswith("Subject: ")


def test_a_letter_is_written_as_html_or_text(replay: Program):
    html = replay("letters", "preview", "digest", "--output", "look.html")
    text = replay("letters", "preview", "digest", "--output", "look.txt")

    assert (html.code, text.code) == (0, 0)
    assert (replay.folder / "look.html").read_text().startswith("<!DOCTYPE html>")
    assert "How the Flood Came In\n====" in (replay.folder / "look.txt").read_text()


def test_the_letter_of_a_post_is_shown_before_it_is_out(replay: Program):
    shown = replay("letters", "preview", "--post", "rain/one")

    assert "It rained." in shown.out
    assert LINK not in shown.out
    assert replay("editions", "list", "--json").rows() == []


def test_what_a_reader_is_owed_is_shown_and_stays_owed(replay: Program, tmp_path: Path):
    nothing = replay("letters", "preview", "--reader", "alice@example.org")
    replay("release", "--now", "2026-03-02T06:00:00Z")
    shown = replay("letters", "preview", "--reader", "alice@example.org")
    with sink(tmp_path / "received") as port:
        replay.relay_at(port)
        sent = replay("editions", "send", "--now", "2026-03-02T07:00:00Z")

    assert nothing.code == 2
    assert "alice@example.org is owed nothing by digest now" in nothing.err
    assert "It rained." in shown.out
    assert "sent: 1" in sent.out


def test_a_letter_of_the_ledger_is_shown_without_what_acts_for_its_reader(replay: Program, tmp_path: Path):
    with sink(tmp_path / "received") as port:
        replay.relay_at(port)
        replay("editions", "send", "--now", "2026-03-02T07:00:00Z")
    [edition] = [row["edition"] for row in replay("editions", "list", "--json").rows()]

    shown = replay("letters", "preview", "--edition", edition, "--reader", "alice@example.org")

    received = only_letter(tmp_path / "received").get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert LINK in received
    assert LINK not in shown.out
    assert "It rained." in shown.out


def test_a_test_arrives_marked_and_is_in_no_ledger(replay: Program, tmp_path: Path):
    with sink(tmp_path / "received") as port:
        replay.relay_at(port)
        done = replay("letters", "send-test", "--to", "olga@bücher.example", "--post", "rain/one")

    letter = only_letter(tmp_path / "received")
    assert done.code == 0
    assert done.out.startswith("Relay main took it for olga@bücher.example: 250 ") or "2.0.0 taken" in done.out
    assert letter["X-Original-To"] == "olga@xn--bcher-kva.example"
    assert letter["Subject"] == "[Test] One · Rain"
    assert letter["List-Unsubscribe"] is None
    assert LINK not in letter.as_string()
    assert replay("deliveries", "list", "--json").rows() == []


def test_two_tests_are_two_messages(replay: Program, tmp_path: Path):
    with sink(tmp_path / "received") as port:
        replay.relay_at(port)
        for _ in range(2):
            replay("letters", "send-test", "--to", "olga@example.org", "welcome")

    read = [email.message_from_bytes(path.read_bytes()) for path in (tmp_path / "received").glob("*.eml")]
    assert len({letter["Message-ID"] for letter in read}) == 2


def test_what_a_relay_says_against_it_is_told(replay: Program):
    with running(FaultyRelay({"RCPT": "550 5.1.1 nobody here"})) as port:
        replay.relay_at(port)
        done = replay("letters", "send-test", "--to", "olga@example.org")

    assert done.code == 1
    assert "relay main did not take it: " in done.err
    assert "nobody here" in done.err


def test_whose_letter_has_the_old_words_is_named(replay: Program, tmp_path: Path):
    with sink(tmp_path / "received") as port:
        replay.relay_at(port)
        replay("editions", "send", "--now", "2026-03-02T07:00:00Z")
    before = replay("letters", "outdated", "rain", "one")
    replay.write("chapters/one.md", "---\ntitle: One\ndate: 2026-03-02 06:00\n---\nIt poured.\n")
    replay("import", "chapters", "--series", "rain")

    after = replay("letters", "outdated", "rain", "one", "--json")

    assert before.out == "No letter carries another revision than the present one.\n"
    assert after.rows() == [
        {
            "address": "alice@example.org",
            "revision": 1,
            "edition": "digest:UTC:07:2026-03-02",
            "state": "sent",
            "at": after.rows()[0]["at"],
        }
    ]


NOTE = "It poured; it did not rain."


@pytest.fixture
def corrected(replay: Program, tmp_path: Path) -> Iterator[Program]:
    """Alice got the chapter, and it was corrected since; the relay listens."""
    with sink(tmp_path / "received") as port:
        replay.relay_at(port)
        replay("editions", "send", "--now", "2026-03-02T07:00:00Z")
        replay.write("chapters/one.md", "---\ntitle: One\ndate: 2026-03-02 06:00\n---\nIt poured.\n")
        replay("import", "chapters", "--series", "rain")
        yield replay


def test_readers_are_told_of_a_correction_once(corrected: Program, tmp_path: Path):
    asked = corrected("letters", "correct", "rain", "one", "--note", NOTE, "--yes")
    corrected("editions", "send", "--now", "2026-03-02T08:00:00Z")
    again = corrected("letters", "correct", "rain", "one", "--note", NOTE, "--yes")
    corrected("editions", "send", "--now", "2026-03-02T09:00:00Z")

    assert asked.out == "1 reader to be told.\n1 letter on the way: edition correction:1:2.\n"
    assert again.out == "0 readers to be told.\n1 reader told already, or about to be.\n"
    received = [path.read_text() for path in (tmp_path / "received").glob("*.eml")]
    assert sorted(NOTE in message for message in received) == [False, True]


def test_a_correction_is_counted_before_it_is_sent(corrected: Program):
    looked = corrected("letters", "correct", "rain", "one", "--note", NOTE, "--dry-run", "--json")

    counts = {"to_tell": 1, "told": 0, "paused": 0, "gone": 0, "under_way": 0, "written": 0}
    assert looked.rows() == {"edition": "correction:1:2", **counts}
    assert len(corrected("editions", "list", "--json").rows()) == 1


def test_without_a_yes_nobody_is_told_of_a_correction(corrected: Program, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))

    asked = corrected("letters", "correct", "rain", "one", "--note", NOTE)

    assert "Send it? [y/N]" in asked.out
    assert len(corrected("editions", "list", "--json").rows()) == 1


def test_a_correction_that_cannot_be_told_of_is_refused(corrected: Program):
    empty = corrected("letters", "correct", "rain", "one", "--note", " ")
    unknown = corrected("letters", "correct", "rain", "one", "--note", NOTE, "--revision", "7", "--yes")

    assert (empty.code, unknown.code) == (2, 2)
    assert "say what has changed" in empty.err
    assert "rain/one has no earlier revision 7; there are: 1" in unknown.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("preview", "digets"), "no letter 'digets'; there are digest, instant, catch-up, confirm"),
        (("preview", "digest", "--state", "sad"), "digest has no state 'sad'; there are one chapter, two chapters"),
        (("preview", "digest", "--post", "rain/one"), "name one letter: LETTER, or --post, or --reader and --edition"),
        (("preview", "--post", "rain/two"), "no post 'two' in 'rain'"),
        (("preview", "--post", "snow"), "no series 'snow'"),
        (("preview", "--reader", "bob@example.org"), "no subscriber 'bob@example.org'"),
        (("preview", "--edition", "digest:UTC:07:2026-01-01"), "no letter of 'digest:UTC:07:2026-01-01' in the ledger"),
        (("preview", "--output", "letter.pdf"), "let it end in .html or .txt"),
        (("preview", "--format", "text", "--output", "letter.html"), "is plain text alone; write it to a file whose"),
        (("preview", "--output", "nowhere/letter.txt"), "cannot be written: No such file or directory"),
        (("send-test", "--to", "olga"), "'olga' is not an address we can write to"),
    ],
)
def test_what_cannot_be_shown_is_said(replay: Program, words: tuple[str, ...], said: str):
    done = replay("letters", *words)

    assert done.code == 2
    assert said in done.err
