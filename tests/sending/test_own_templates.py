"""Letters of the operator's own templates, and what happens while there is a mistake in one."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.making import a_reader, a_series, at
from tests.sending.office import Office, letters_in

MORNING = at("2026-03-02 07:00")


@pytest.fixture
def own(office: Office) -> Office:
    """A folder for templates, a chapter that came out at 06:00, and Bob, who gets it at once."""
    office.templates = office.folder / "own"
    with office.store.writing() as session:
        a_series(session, "songs")
        a_reader(session, "bob@example.org", frequency="instant", series=("songs",))
    office.plan("rain", at("2026-03-02 06:00"))
    office.plan("song", at("2026-03-02 07:00"), series="songs")
    return office


def template(office: Office, name: str, text: str) -> Path:
    assert office.templates is not None
    path = office.templates / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_the_operators_own_words_are_sent(own: Office, relay: int, outbox: Path):
    template(own, "email/digest/subject.txt", "Rain for {{ name }}")

    own.run(MORNING, relay)

    assert sorted(letter["Subject"] for letter in letters_in(outbox)) == ["Chapter song · Songs", "Rain for Alice"]


def test_a_mistake_keeps_its_letters_until_it_is_mended_and_the_others_go(own: Office, relay: int, outbox: Path):
    broken = template(own, "email/digest/why.txt", "Hello {{ nmae }}")
    own.run(MORNING, relay)
    sent_meanwhile = [letter["To"] for letter in letters_in(outbox)]

    broken.unlink()
    own.deliver(MORNING + timedelta(minutes=1), relay)

    assert sent_meanwhile == ["Bob <bob@example.org>"]
    assert own.states() == ["sent", "sent"]
    assert own.carried() == [["rain"]]


def test_what_was_written_before_the_mistake_is_sent_as_it_was(own: Office, relay: int, outbox: Path):
    own.run(MORNING, relay)
    before = own.states()

    template(own, "email/digest/subject.txt", "{% if %}")
    own.deliver(MORNING + timedelta(minutes=1), relay)

    assert before == own.states() == ["sent", "sent"]
