"""Names, titles and notes that are meant to break letters, as a real server receives them."""

import email
import email.policy
import re
import shutil
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from db.states import Purpose
from db.tables import Series, Subscriber
from scheduler import singles
from scheduler.letters import House
from tests.mail.faulty import FaultyRelay
from tests.making import a_house_of_letters, at
from tests.sending.correcting import write
from tests.sending.office import Office, running

MORNING = at("2026-03-02 07:00")
EVIL = {
    "another header": "Ada\r\nBcc: eve@example.org",
    "bare line feeds": "Ada\nX-Evil: yes\n\nA body",
    "line ends of Unicode": "Ada\u2028Bcc: eve@example.org\u0085X-Evil: yes",
    "another mailbox": 'Ada" <eve@example.org>, "Eve',
    "an encoded word": "=?utf-8?q?Ada=0D=0ABcc:_eve@example.org?=",
    "the end of a message": "Ada\r\n.\r\nMAIL FROM:<eve@example.org>",
    "HTML": "Ada</title></h1><script>alert(1)</script><img src=x onerror=alert(1)>",
    "a template": "{{ 7 * 7 }}{% include 'email/letter.css' %}{{ letter.__class__ }}",
    "controls": "Ada\x00\x1b[2J\x7f",
    "a lone surrogate": "Ada\ud800",
}
STORED = {name: text for name, text in EVIL.items() if name not in ("controls", "a lone surrogate")}
"""What every store can hold."""
WORDS = pytest.mark.parametrize("words", STORED.values(), ids=STORED)
EVERYWHERE = pytest.mark.parametrize("words", EVIL.values(), ids=EVIL)
ONCE = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "List-Id", "Auto-Submitted")


@pytest.fixture
def store_url(sqlite_template: Path, tmp_path: Path) -> str:
    """One database is enough: what is looked at are the bytes that leave."""
    shutil.copy(sqlite_template, tmp_path / "fascicle.db")
    return f"sqlite:///{tmp_path / 'fascicle.db'}"


class Sent:
    """What the relay was told, and the one letter that it took."""

    def __init__(self, relay: FaultyRelay) -> None:
        self.relay = relay
        [self.raw] = relay.messages

    @property
    def letter(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=email.policy.default)  # type: ignore[return-value]

    def check(self) -> None:
        """It is one letter to one reader, whose head says what ours do, and of which nothing runs."""
        head = self.raw.partition(b"\r\n\r\n")[0]
        assert [command for command in self.relay.commands if command.startswith(("MAIL", "RCPT"))] == [
            "MAIL FROM:<post@example.org>",
            "RCPT TO:<alice@example.org>",
        ]
        assert b"\n" not in self.raw.replace(b"\r\n", b"")
        names = [line.partition(b":")[0].decode().lower() for line in re.split(rb"\r\n(?![ \t])", head)]
        assert {name for name in names if names.count(name) > 1} == set()
        assert set(names).isdisjoint({"bcc", "cc", "x-evil", "sender", "return-path"})
        assert [names.count(name.lower()) for name in ONCE] == [1] * len(ONCE)
        assert [one.addr_spec for one in self.letter["To"].addresses] == ["alice@example.org"]
        assert [one.addr_spec for one in self.letter["From"].addresses] == ["post@example.org"]
        page = self.letter.get_body(("html",)).get_content()  # type: ignore[union-attr]
        assert "<script" not in page
        assert "onerror=alert(1)>" not in page
        assert "49" not in self.letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def sent_by(office: Office, house: House) -> Sent:
    """What the one letter that waits looks like to a relay."""
    relay = FaultyRelay({})
    office.machine = office.calendar = MORNING
    with running(relay) as port, office.worker(port, connections=1) as passes:
        passes.clockwork.wake(MORNING)
        replace(passes.letters, house=house).do_one()
        replace(passes.letters, house=house).do_one()
    return Sent(relay)


@WORDS
def test_no_name_of_a_reader_breaks_a_letter(office: Office, words: str):
    with office.store.writing() as session:
        session.query(Subscriber).one().name = words
    office.plan("one", at("2026-03-02 06:00"))

    sent_by(office, office.house).check()


@WORDS
def test_no_title_of_series_or_chapter_breaks_a_letter(office: Office, words: str):
    with office.store.writing() as session:
        session.query(Series).one().title = words
    write(office, words, title=words)

    sent_by(office, office.house).check()


@EVERYWHERE
def test_nothing_that_the_site_is_called_breaks_a_letter(office: Office, words: str):
    house = a_house_of_letters(title=words, from_name=words, postal_address=words)
    office.plan("one", at("2026-03-02 06:00"))

    sent_by(office, house).check()


@EVERYWHERE
@pytest.mark.parametrize(
    ("purpose", "about"),
    [
        (Purpose.already, {"titles": "{}", "paused": False}),
        (Purpose.welcome, {"titles": "{}", "first": MORNING.date(), "hour": 7, "zone": "{}"}),
    ],
)
def test_nothing_that_a_single_letter_tells_of_breaks_it(
    office: Office, words: str, purpose: Purpose, about: dict[str, object]
):
    told = {name: words if value == "{}" else value for name, value in about.items()} | {"titles": (words, words)}
    with office.store.writing() as session:
        alice = session.query(Subscriber).one()
        singles.send(session, office.house, singles.to_reader(alice, purpose, 1, **told), now=MORNING)

    sent_by(office, office.house).check()
