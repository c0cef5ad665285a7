from email.message import EmailMessage
from pathlib import Path

import pytest
from lxml import html
from sqlalchemy import update

from db.states import LetterFormat
from db.tables import Series, Subscriber
from tests.making import a_source, at, taken_in
from tests.sending.office import Office, letters_in

BODY = "It rained on *Riga*. See [the map](map/) and [before](https://example.com/x).\n"


@pytest.fixture
def written(office: Office) -> Office:
    with office.store.writing() as session:
        series = session.query(Series).one()
        when = at("2026-03-02 06:00").replace(tzinfo=None)
        taken_in(session, series, [a_source("Regen in Rīga", slug="rain", wall=when, body=BODY)])
    return office


@pytest.fixture
def letter(written: Office, relay: int, outbox: Path) -> EmailMessage:
    written.run(at("2026-03-02 07:00"), relay)
    [received] = letters_in(outbox)
    return received


def test_the_head_says_who_writes_to_whom_and_when(letter: EmailMessage):
    assert letter["From"] == "My serials <post@example.org>"
    assert letter["To"] == "Alice <alice@example.org>"
    assert letter["Date"].datetime == at("2026-03-02 07:00")
    assert letter["Subject"].startswith("Regen in Rīga")


def test_the_head_marks_a_letter_of_a_list(letter: EmailMessage):
    assert "example.org>" in letter["List-Id"]
    assert letter["List-Unsubscribe"].startswith("<https://example.org/unsubscribe/")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["Auto-Submitted"] == "auto-generated"


def test_the_message_id_is_of_our_domain_and_stands_once(letter: EmailMessage):
    ids = letter.get_all("Message-ID")

    assert len(ids) == 1
    assert ids[0].endswith("@example.org>")


def test_plain_text_comes_first_and_html_after_it(letter: EmailMessage):
    kinds = [part.get_content_type() for part in letter.iter_parts()]

    assert letter.get_content_type() == "multipart/alternative"
    assert kinds == ["text/plain", "text/html"]


def test_both_parts_carry_the_chapter(letter: EmailMessage):
    plain, rich = (part.get_content() for part in letter.iter_parts())

    assert "It rained on" in plain
    assert "<em>Riga</em>" in rich
    assert "1 Example Street, Riga" in plain


def test_every_link_is_absolute(letter: EmailMessage):
    _, rich = (part.get_content() for part in letter.iter_parts())
    links = [link for _, name, link, _ in html.fromstring(rich).iterlinks() if name in ("href", "src")]

    assert "https://example.org/primer/rain/map/" in links
    assert [link for link in links if not link.startswith(("https://", "mailto:"))] == []


def test_the_same_way_out_stands_in_head_and_body(letter: EmailMessage):
    way_out = letter["List-Unsubscribe"].strip("<>")
    plain, rich = (part.get_content() for part in letter.iter_parts())

    assert way_out in plain
    assert way_out in rich


def test_a_reader_of_plain_text_gets_only_that(written: Office, relay: int, outbox: Path):
    with written.store.writing() as session:
        session.execute(update(Subscriber).values(format=LetterFormat.text))

    written.run(at("2026-03-02 07:00"), relay)

    [received] = letters_in(outbox)
    assert received.get_content_type() == "text/plain"
