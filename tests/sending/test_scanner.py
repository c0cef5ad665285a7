"""A scanner opens each letter before its reader does, and follows every link of it by GET."""

import re
from email.message import EmailMessage
from pathlib import Path

import httpx

from db.states import Frequency
from db.tables import Subscription
from tests.making import TOKENS, a_reader, a_series, at, contents
from tests.sending.correcting import and_reader, tell, write
from tests.sending.office import Office, letters_in
from tests.web.making import Shop

MORNING = at("2026-03-02 07:00")
_LINK = re.compile(r"https://example\.org(/[^\s\"<>]*)")


def _links(letter: EmailMessage) -> set[str]:
    """Every link of ours in a letter: in its head, its text, its HTML."""
    parts = [part.get_content() for part in letter.walk() if not part.is_multipart()]
    return {link for part in [letter["List-Unsubscribe"], *parts] for link in _LINK.findall(part)}


def test_a_scanner_that_follows_every_link_of_letters_with_chapters_changes_nothing(
    office: Office, relay: int, outbox: Path
):
    write(office, "It rained form Riga. [Where?](https://example.org/primer/)")
    with office.store.writing() as session:
        a_series(session, "songs")
        ira = a_reader(session, "ira@example.org")
        for held in session.query(Subscription).filter_by(subscriber_id=ira.id):
            held.frequency = Frequency.instant
    and_reader(office, "bob@example.org", format="text")
    office.run(MORNING, relay)
    write(office, "It rained from Riga.")
    tell(office.store)
    office.deliver(MORNING, relay)
    letters = letters_in(outbox)
    links = sorted({link for letter in letters for link in _links(letter)})
    shop, before = Shop(office.folder, office.store, tokens=TOKENS), contents(office.store)

    answers: list[httpx.Response] = [shop.ask(method, link) for link in links for method in ("GET", "HEAD")]

    assert len(letters) == 6
    assert {link.split("/")[1] for link in links} >= {"unsubscribe", "preferences", "letters", "primer"}
    assert {answer.status_code for answer in answers} <= {200, 404}
    assert contents(office.store) == before
