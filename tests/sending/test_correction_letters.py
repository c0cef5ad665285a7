"""A short note to exactly those whose letter has the words from before a correction, once to each."""

import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from db import series as all_series
from db import subscribers
from db.corrections import Holders
from db.errors import BadValue
from db.states import SubscriberState
from db.tables import Audit, Series, Subscriber, Subscription
from scheduler import correct, leaving, steer
from scheduler.corrections import holders, look_up
from scheduler.steer import SteeringRefused
from tests.mail.faulty import DROP, FaultyRelay
from tests.making import TOKENS, a_series
from tests.sending.correcting import FAULTY, LATER, ME, MORNING, NOTE, RIGHT, and_reader, tell, write
from tests.sending.office import Office, letters_in, running
from timing.clocks import Moment

ROOT = Path(__file__).parents[2]
KEY = "correction:1:2"


@pytest.fixture
def sent(office: Office, relay: int) -> Office:
    """Alice, Bob and Carol got the chapter this morning, with a fault in it; then it was corrected."""
    write(office, FAULTY)
    for address in ("bob@example.org", "carol@example.org"):
        and_reader(office, address)
    office.run(MORNING, relay)
    write(office, RIGHT)
    return office


def change(office: Office, address: str, state: SubscriberState) -> None:
    with office.store.writing() as session:
        session.query(Subscriber).filter_by(address=address).one().state = state


def leave_primer(office: Office, address: str) -> None:
    with office.store.writing() as session:
        reader = subscribers.by_address(session, address)
        held = subscribers.subscription(session, reader.id, session.query(Series).filter_by(slug="primer").one().id)
        assert held is not None
        subscribers.leave_series(session, held, now=LATER)


def notes(outbox: Path) -> list[EmailMessage]:
    return [letter for letter in letters_in(outbox) if letter["Subject"].startswith(("Corrected", "Berichtigt"))]


def told(outbox: Path) -> list[str]:
    """Who got a note, one name for each."""
    return sorted(letter["X-Original-To"].partition("@")[0] for letter in notes(outbox))


def standing(office: Office) -> Holders:
    with office.store.reading() as session:
        return holders(session, look_up(session, "primer", "rain", note=NOTE))


def words(letter: EmailMessage, kind: str = "plain") -> str:
    return letter.get_body((kind,)).get_content()  # type: ignore[union-attr, no-any-return]


def test_it_goes_to_exactly_those_whose_letter_had_the_fault(sent: Office, relay: int, outbox: Path):
    and_reader(sent, "dora@example.org")
    sent.run(MORNING + timedelta(hours=1), relay)
    sent.run(MORNING + timedelta(days=1), relay)

    tell(sent.store)
    sent.deliver(MORNING + timedelta(days=1), relay)

    assert told(outbox) == ["alice", "bob", "carol"]
    assert [row.address for row in sent.deliveries() if row.purpose is None][-1] == "dora@example.org"


def test_it_says_which_chapter_what_has_changed_and_where_it_is(sent: Office, relay: int, outbox: Path):
    tell(sent.store)
    sent.deliver(LATER, relay)

    letter = notes(outbox)[0]
    assert letter["Subject"] == "Corrected: Rain · Primer"
    for kind in ("plain", "html"):
        assert "Chapter 1 of Primer" in words(letter, kind)
        assert NOTE in words(letter, kind)
        assert "https://example.org/primer/rain/" in words(letter, kind)
    assert RIGHT not in words(letter)


def test_it_can_be_left_like_any_letter_with_chapters(sent: Office, relay: int, outbox: Path):
    tell(sent.store)
    sent.deliver(LATER, relay)

    letter = next(letter for letter in notes(outbox) if "alice" in letter["To"])
    link = f"https://example.org/unsubscribe/{TOKENS.make('unsubscribe', sent.reader().id, 0)}"
    assert letter["List-Unsubscribe"] == f"<{link}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [link in words(letter, kind) for kind in ("plain", "html")] == [True, True]


def test_it_speaks_the_language_of_its_reader(office: Office, relay: int, outbox: Path):
    write(office, FAULTY)
    and_reader(office, "dora@example.org", language="de")
    office.run(MORNING, relay)
    write(office, RIGHT)

    tell(office.store)
    office.deliver(LATER, relay)

    by_name = {letter["To"].partition(" ")[0]: letter for letter in notes(outbox)}
    assert by_name["Dora"]["Subject"] == "Berichtigt: Rain · Primer"
    assert "„Rain“, wurde berichtigt" in words(by_name["Dora"])
    assert by_name["Alice"]["Subject"] == "Corrected: Rain · Primer"


def test_asked_for_twice_it_comes_once(sent: Office, relay: int, outbox: Path):
    first, second = tell(sent.store), tell(sent.store, "The same in other words.")
    sent.deliver(LATER, relay)
    third = tell(sent.store)
    sent.deliver(LATER + timedelta(hours=1), relay)

    assert (first, second, third) == (3, 0, 0)
    assert Counter(told(outbox)) == {"alice": 1, "bob": 1, "carol": 1}
    assert sent.editions().count(KEY) == 1


def test_another_correction_is_another_letter(sent: Office, relay: int, outbox: Path):
    tell(sent.store)
    sent.deliver(LATER, relay)
    write(sent, "It rained from Riga, all day.")

    tell(sent.store)
    sent.deliver(LATER, relay)

    assert Counter(told(outbox)) == {"alice": 2, "bob": 2, "carol": 2}


def test_those_with_one_faulty_revision_are_told_and_those_with_a_harmless_one_are_not(
    sent: Office, relay: int, outbox: Path
):
    and_reader(sent, "dora@example.org", hour=8)
    write(sent, "It rained from Rome.")
    sent.run(MORNING + timedelta(hours=1), relay)
    write(sent, RIGHT)

    tell(sent.store, revisions=(3,))
    sent.deliver(LATER, relay)

    assert told(outbox) == ["dora"]


@pytest.mark.parametrize("state", [SubscriberState.left, SubscriberState.suppressed, SubscriberState.paused])
def test_who_gets_no_letters_gets_no_note(sent: Office, relay: int, outbox: Path, state: SubscriberState):
    change(sent, "bob@example.org", state)

    tell(sent.store)
    sent.deliver(LATER, relay)

    assert told(outbox) == ["alice", "carol"]


def test_who_follows_another_series_only_gets_no_note(sent: Office, relay: int, outbox: Path):
    with sent.store.writing() as session:
        songs = a_series(session, "songs")
        for reader in session.query(Subscriber):
            session.add(
                Subscription(
                    subscriber_id=reader.id, series_id=songs.id, frequency="daily", watermark=0, created_at=LATER
                )
            )
    leave_primer(sent, "bob@example.org")

    tell(sent.store)
    sent.deliver(LATER, relay)

    assert told(outbox) == ["alice", "carol"]


def test_who_leaves_between_asking_and_sending_gets_none(sent: Office, relay: int, outbox: Path):
    tell(sent.store)
    with sent.store.writing() as session:
        bob = subscribers.by_address(session, "bob@example.org")
        leaving.leave(session, sent.house, bob.id, Moment(LATER, LATER), by="link")
    leave_primer(sent, "carol@example.org")

    sent.deliver(LATER, relay)

    assert told(outbox) == ["alice"]
    of_note = [row.state for row in sent.deliveries() if row.purpose == "correction"]
    assert sorted(of_note) == ["sent", "superseded", "superseded"]


def test_who_was_paused_is_told_when_asked_for_again_after_it(sent: Office, relay: int, outbox: Path):
    change(sent, "bob@example.org", SubscriberState.paused)
    tell(sent.store)
    sent.deliver(LATER, relay)
    before = told(outbox)
    change(sent, "bob@example.org", SubscriberState.active)

    again = tell(sent.store)
    sent.deliver(LATER + timedelta(hours=1), relay)

    assert (before, again) == (["alice", "carol"], 1)
    assert told(outbox) == ["alice", "bob", "carol"]


def test_it_goes_to_where_a_reader_gets_letters_now(sent: Office, relay: int, outbox: Path):
    with sent.store.writing() as session:
        bob = subscribers.by_address(session, "bob@example.org")
        bob.address = bob.address_key = "robert@example.org"

    tell(sent.store)
    sent.deliver(LATER, relay)

    assert told(outbox) == ["alice", "carol", "robert"]


def test_a_letter_in_doubt_may_have_come_and_is_answered(office: Office, relay: int, outbox: Path):
    write(office, FAULTY)
    with running(FaultyRelay({"dot": DROP})) as port:
        office.run(MORNING, port)
    write(office, RIGHT)

    assert tell(office.store) == 1


def test_letters_with_the_fault_that_are_under_way_are_counted_and_told_after_them(office: Office, relay: int):
    write(office, FAULTY)
    with running(FaultyRelay({"RCPT": "450 4.2.1 later"})) as port:
        office.run(MORNING, port)
    write(office, RIGHT)
    before, first = standing(office), tell(office.store)

    office.deliver(MORNING + timedelta(hours=1), relay)

    assert (before, first) == (Holders(under_way=1), 0)
    assert (standing(office), tell(office.store)) == (Holders(to_tell=1), 1)


def test_how_readers_stand_to_it_is_counted(sent: Office):
    change(sent, "bob@example.org", SubscriberState.paused)
    leave_primer(sent, "carol@example.org")
    before = standing(sent)
    tell(sent.store)

    assert before == Holders(to_tell=1, paused=1, gone=1)
    assert standing(sent) == Holders(told=1, paused=1, gone=1)


def test_it_moves_no_watermark_and_keeps_no_digest_away(sent: Office, relay: int, outbox: Path):
    sent.plan("snow", MORNING + timedelta(hours=20))
    tell(sent.store)

    sent.run(MORNING + timedelta(days=1), relay)

    assert sent.watermarks() == [2, 2, 2]
    assert sent.carried() == [["rain"], [], ["snow"]]
    assert told(outbox) == ["alice", "bob", "carol"]


def test_resent_it_is_the_same_bytes(sent: Office):
    tell(sent.store)
    faulty = FaultyRelay({"dot": [DROP, DROP, DROP, "250 2.0.0 fine"]})

    with running(faulty) as port:
        sent.deliver(LATER, port)
        sent.deliver(LATER + timedelta(hours=1), port)

    assert len(faulty.messages) == 6
    assert set(Counter(faulty.messages).values()) == {2}


def test_a_correction_can_be_stopped_like_any_edition(sent: Office, relay: int, outbox: Path):
    change(sent, "bob@example.org", SubscriberState.paused)
    tell(sent.store)
    steer.cancel(sent.store, KEY, ME)

    sent.deliver(LATER, relay)

    assert told(outbox) == []
    change(sent, "bob@example.org", SubscriberState.active)
    with pytest.raises(SteeringRefused, match="these letters are cancelled: `fascicle editions show correction:1:2`"):
        tell(sent.store)


def test_paused_and_resumed_it_goes_to_everybody_once(sent: Office, relay: int, outbox: Path):
    tell(sent.store)
    steer.pause(sent.store, KEY, ME)
    sent.deliver(LATER, relay)
    before = told(outbox)

    steer.resume(sent.store, KEY, ME)
    sent.run(LATER, relay)

    assert before == []
    assert told(outbox) == ["alice", "bob", "carol"]


def test_what_is_said_of_it_breaks_no_letter(sent: Office, relay: int, outbox: Path):
    note = "Not <b>form</b> & \r\nBcc: eve@example.org {{ letter }} \x00<script>"
    write(sent, "Once more.", title="Rain\r\nBcc: eve@example.org <i>{{ 7 * 7 }}")

    tell(sent.store, note)
    sent.deliver(LATER, relay)

    letter = notes(outbox)[0]
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Corrected: Rain Bcc: eve@example.org <i>{{ 7 * 7 }} · Primer"
    assert "Not <b>form</b> & Bcc: eve@example.org {{ letter }} <script>" in words(letter)
    assert "Not &lt;b&gt;form&lt;/b&gt; &amp; Bcc: eve@example.org {{ letter }} &lt;script&gt;" in words(letter, "html")
    assert "<script" not in words(letter, "html")


def test_who_asked_for_it_is_on_record(sent: Office):
    tell(sent.store)

    with sent.store.reading() as session:
        [entry] = session.query(Audit).filter_by(action="correction letters")
        assert (entry.actor, entry.detail) == ("olga", {"post": 1, "revision": 2, "note": NOTE})


@pytest.mark.parametrize(
    ("note", "said"),
    [("", "say what has changed"), (" \r\n ", "say what has changed"), ("x" * 501, "one to 500 characters")],
)
def test_a_note_that_says_nothing_or_too_much_is_refused(sent: Office, note: str, said: str):
    with pytest.raises(BadValue, match=said):
        tell(sent.store, note)


@pytest.mark.parametrize("revision", [2, 7])
def test_a_revision_that_is_no_earlier_one_is_refused(sent: Office, revision: int):
    with pytest.raises(BadValue, match=rf"primer/rain has no earlier revision {revision}; there are: 1"):
        tell(sent.store, revisions=(revision,))


def test_a_post_that_nobody_can_read_is_refused(sent: Office):
    sent.plan("snow", MORNING + timedelta(days=1))
    with sent.store.writing() as session:
        correct.withdraw(session, all_series.by_slug(session, "primer"), "rain", actor="olga", now=LATER)

    with pytest.raises(BadValue, match="primer/rain is withdrawn, not out"):
        tell(sent.store)
    with pytest.raises(BadValue, match="primer/snow is planned, not out"):
        tell(sent.store, slug="snow")


@pytest.mark.slow
@pytest.mark.parametrize(("when", "written"), [("before", 3), ("after", 6)])
def test_killed_halfway_and_asked_for_again_it_is_complete_and_comes_to_nobody_twice(
    office: Office, store_url: str, relay: int, outbox: Path, when: str, written: int
):
    write(office, FAULTY)
    for number in range(6):
        and_reader(office, f"reader{number}@example.org")
    office.run(MORNING, relay)
    write(office, RIGHT)

    command = [sys.executable, "-m", "tests.sending.correcting", store_url, when, "2"]
    died = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    office.deliver(LATER, relay)
    part = len(notes(outbox))
    rest = tell(office.store)
    office.deliver(LATER, relay)

    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert (part, rest) == (written, 7 - written)
    assert Counter(told(outbox)) == dict.fromkeys(["alice", *(f"reader{number}" for number in range(6))], 1)
