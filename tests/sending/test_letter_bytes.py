"""Every promise about headers, bodies and addresses, over the bytes that a real SMTP server received.

One letter is sent through each database: to a reader, and of posts, chosen to make trouble wherever there is any.
"""

import email
import email.policy
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import decode_header
from email.message import EmailMessage
from pathlib import Path

import pytest
from lxml.html import HtmlElement, fromstring
from sqlalchemy import update

from db.engine import open_store
from db.tables import Subscriber
from fascicle.sink import sink
from tests.conftest import BACKENDS, new_database, url_of
from tests.mail.signed import SIGNER, verified
from tests.making import NOON, a_house, a_planned_post, a_reader, a_series, at
from tests.sending.office import Office

MORNING = at("2026-03-02 07:00")
NAME = "Алиса \r\nBcc: eve@example.org\nOzola " * 3
TITLE = "Regen in Rīga, <script>alert(1)</script> und {{ 7 * 7 }}\r\nX-Evil: yes; " + "und noch viel mehr davon " * 4
BODY = f"""
Über *Riga* and [a map](map/). <script>alert(1)</script> {{{{ 7 * 7 }}}} {{% include "email/letter.css" %}}

.

From here on a line of {"rain " * 300}
{"x" * 1200}

![The port](port.png) <img src="https://example.com/a.png" onerror="alert(1)">

$e^{{i\\pi}} + 1 = 0$

```python
def rain() -> None: ...
```

| a | b |
|---|---|
| 1 | 2 |
"""


@dataclass(frozen=True)
class Received:
    """`raw` is what came after DATA, `to` where the relay was told to bring it."""

    raw: bytes
    to: str

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=email.policy.default)  # type: ignore[return-value]

    @property
    def head(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[0]

    def fields(self, name: str) -> list[bytes]:
        """The unfolded values of every field of that name."""
        unfolded = re.sub(rb"\r\n(?=[ \t])", b"", self.head).split(b"\r\n")
        prefix = name.lower().encode() + b":"
        return [line[len(prefix) :].strip() for line in unfolded if line.lower().startswith(prefix)]

    def field(self, name: str) -> str:
        [value] = self.fields(name)
        return value.decode("ascii")

    @property
    def text(self) -> str:
        return self.message.get_body(("plain",)).get_content()  # type: ignore[union-attr]

    @property
    def html(self) -> str:
        return self.message.get_body(("html",)).get_content()  # type: ignore[union-attr]

    @property
    def page(self) -> HtmlElement:
        return fromstring(self.html)


def _url_of_a_store(request: pytest.FixtureRequest, folder: Path) -> str:
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "fascicle.db")
        return f"sqlite:///{folder / 'fascicle.db'}"
    server = request.getfixturevalue("postgresql_server")
    return url_of(server, new_database(server, request.getfixturevalue("postgresql_template")))


@pytest.fixture(scope="module", params=BACKENDS)
def received(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Received]:
    folder = tmp_path_factory.mktemp("letter")
    store = open_store(_url_of_a_store(request, folder))
    a_house(store)
    office = Office(store, folder, NOON, NOON, signer=SIGNER)
    with store.writing() as session:
        series = a_series(session, title='Rain <b>& "Sons"</b>', announces=True)
        alice = a_reader(session, "alice@bücher.example", language="de")
        session.execute(update(Subscriber).where(Subscriber.id == alice.id).values(name=NAME))
        a_planned_post(session, series, at("2026-03-02 05:00"), title="Davor", number="1", slug="before")
        a_planned_post(session, series, at("2026-03-02 06:00"), title=TITLE, number="2", slug="rain", body=BODY)
        a_planned_post(session, series, at("2026-03-09 06:00"), title="Not yet", number="3", slug="later")
    with sink(folder / "outbox") as port:
        office.run(MORNING, port)
    [path] = (folder / "outbox").glob("*.eml")
    first, _, raw = path.read_bytes().partition(b"\r\n")
    yield Received(raw, first.decode().removeprefix("X-Original-To: "))
    store.close()


@pytest.mark.parametrize("name", ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"])
def test_each_of_these_headers_stands_there_once(received: Received, name: str):
    assert len(received.fields(name)) == 1


@pytest.mark.parametrize("name", ["Bcc", "Return-Path", "X-Evil", "Sender"])
def test_these_headers_never_stand_there(received: Received, name: str):
    assert received.fields(name) == []


def test_the_head_is_ascii_in_encoded_words_of_at_most_75(received: Received):
    words = re.findall(rb"=\?[^?\s]+\?[^?\s]+\?[^?\s]*\?=", received.head)

    assert received.head.isascii()
    assert words
    assert max(len(word) for word in words) <= 75


def test_what_was_encoded_is_read_back_on_one_line(received: Received):
    [(subject, charset)] = decode_header(received.field("Subject"))

    assert subject.decode(charset).startswith("Davor und Regen in Rīga")
    assert received.message["To"].addresses[0].addr_spec == "alice@xn--bcher-kva.example"
    assert received.message["To"].addresses[0].display_name.startswith("Алиса Bcc: eve@example.org Ozola")


def test_lines_of_the_head_keep_to_78_but_for_what_cannot_be_folded(received: Received):
    long = [line for line in received.head.split(b"\r\n") if len(line) > 78]

    assert [line for line in long if b" " in line.strip().partition(b": ")[2]] == []
    assert max(len(line) for line in received.raw.split(b"\r\n")) <= 998


def test_the_list_is_named(received: Received):
    assert re.fullmatch(r"My serials <[a-z0-9.-]+\.[a-z]+>", received.field("List-Id"))


def test_unsubscribing_is_one_click_by_https_first(received: Received):
    ways = received.field("List-Unsubscribe").split(",")

    assert ways[0].startswith("<https://example.org/unsubscribe/")
    assert all(way.strip().startswith("<mailto:") for way in ways[1:])
    assert "=?" not in received.field("List-Unsubscribe")
    assert received.field("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"


def test_what_a_mail_program_acts_on_is_signed(received: Received):
    signatures = [value.replace(b" ", b"").decode().lower() for value in received.fields("DKIM-Signature")]
    signed = [re.search(r";h=([^;]+);", signature)[1].split(":") for signature in signatures]  # type: ignore[index]

    expected = {"to", "subject", "date", "message-id", "mime-version", "content-type", "feedback-id"}
    assert len(signed) == 2
    assert all(expected | {"list-unsubscribe", "list-unsubscribe-post"} <= set(names) for names in signed)
    assert all(names.count("from") == 2 for names in signed)
    assert verified(received.raw) == [True, True]


def test_no_program_answers_it(received: Received):
    assert received.field("Auto-Submitted") == "auto-generated"


def test_complaints_are_counted_by_at_most_four_stable_fields(received: Received):
    fields = received.field("Feedback-ID").split(":")

    assert fields[0] == "digest"
    assert 1 < len(fields) <= 4
    assert "alice" not in received.field("Feedback-ID")


def test_it_is_dated_by_its_moment_in_utc(received: Received):
    assert received.field("Date") == "Mon, 02 Mar 2026 07:00:00 +0000"


def test_plain_text_comes_first_and_is_never_empty(received: Received):
    kinds = [part.get_content_type() for part in received.message.iter_parts()]

    assert (received.message.get_content_type(), kinds) == ("multipart/alternative", ["text/plain", "text/html"])
    assert "Über *Riga*" in received.text or "Über Riga" in received.text


def test_both_parts_have_the_same_links(received: Received):
    in_html = {link for _, name, link, _ in received.page.iterlinks() if name == "href"}
    in_text = set(re.findall(r"https?://[^\s<>()\[\]]+", received.text))

    assert in_text - in_html <= set(received.page.xpath("//img/@src"))
    assert in_html <= in_text


def test_it_is_quoted_printable_in_lines_of_at_most_76_with_crlf(received: Received):
    body = received.raw.partition(b"\r\n\r\n")[2]
    transfer = [part["Content-Transfer-Encoding"] for part in received.message.iter_parts()]

    assert transfer == ["quoted-printable", "quoted-printable"]
    assert max(len(line) for line in body.split(b"\r\n")) <= 76
    assert received.raw.replace(b"\r\n", b"").count(b"\n") == received.raw.replace(b"\r\n", b"").count(b"\r") == 0
    assert received.raw.isascii()


def test_no_line_begins_with_a_dot_or_with_from(received: Received):
    body = received.raw.partition(b"\r\n\r\n")[2]

    assert [line for line in body.split(b"\r\n") if line.startswith((b".", b"From "))] == []
    assert "\nFrom here on" in received.text.replace("\r", "")


def test_html_says_its_language_direction_title_and_width(received: Received):
    root = received.page.getroottree().getroot()

    assert (root.get("lang"), root.get("dir")) == ("de", "ltr")
    assert received.page.findtext(".//title").strip()
    assert received.page.xpath("//meta[@name='viewport']/@content") == ["width=device-width, initial-scale=1"]


def test_every_image_is_absolute_and_has_words_in_its_place(received: Received):
    images = received.page.xpath("//img")

    assert len(images) == 2
    assert all(image.get("src").startswith("https://") for image in images)
    assert [image.get("alt") for image in images] == ["The port", ""]


def test_tables_of_the_layout_are_none_to_a_screen_reader(received: Received):
    layout = received.page.xpath("//table[not(ancestor::*[contains(@class, 'words')])]")

    assert layout
    assert {table.get("role") for table in layout} == {"presentation"}
    assert received.page.xpath("//*[contains(@class, 'words')]//table/@role") == []


def test_it_has_light_and_dark_colours(received: Received):
    style = received.page.findtext(".//style")

    assert received.page.xpath("//meta[@name='color-scheme']/@content") == ["light dark"]
    assert "prefers-color-scheme: dark" in style
    assert "color-scheme: light dark" in received.page.getroottree().getroot().get("style")


def test_the_ways_out_are_to_be_seen(received: Received):
    words = {link.text_content().strip(): link.get("href") for link in received.page.xpath("//a")}

    assert words["Abbestellen"].startswith("https://example.org/unsubscribe/")
    assert words["Im Browser ansehen"].startswith("https://example.org/letters/")
    assert words["Abbestellen"] in received.text
    assert words["Im Browser ansehen"] in received.text


def test_it_ends_with_who_sends_it_from_where(received: Received):
    assert "1 Example Street, Riga" in received.text
    assert "1 Example Street, Riga" in received.page.text_content()


def test_it_is_shorter_than_what_gmail_shows(received: Received):
    assert len(received.html.encode()) <= 100_000


def test_before_it_is_opened_its_titles_are_shown(received: Received):
    [shown] = received.page.xpath("//*[@class='preheader'] | //div[contains(@style, 'max-height: 0')]")

    assert shown.text_content().startswith("Davor · Regen in Rīga")


def test_it_leads_to_what_came_before_and_says_what_is_to_come(received: Received):
    links = [link.get("href") for link in received.page.xpath("//a[starts-with(text(), '←')]")]

    assert links == ["https://example.org/primer/before/"]
    assert "Als Nächstes: Kapitel 3, Montag, 9. März" in received.page.text_content()
    assert "Not yet" not in received.html


def test_formulas_need_no_mathml_and_code_no_classes(received: Received):
    assert "<math" not in received.html
    assert "π" in received.page.text_content()
    assert received.page.xpath("//pre//*[@class]") == []
    assert received.page.xpath("//pre//span/@style")


def test_nothing_that_an_author_writes_runs_or_is_a_template(received: Received):
    assert received.page.xpath("//script | //@onerror | //iframe") == []
    assert "{{ 7 * 7 }}" in received.page.text_content()
    assert "{{ 7 * 7 }}" in received.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in received.html
    assert received.page.xpath("//b[text()='& \"Sons\"']") == []


def test_the_relay_is_told_the_domain_as_a_labels(received: Received):
    assert received.to == "alice@xn--bcher-kva.example"


def test_nothing_follows_who_reads(received: Received):
    assert received.page.xpath("//img[@width='1' or @height='1']") == []
    assert {link for link in received.page.xpath("//@src") if link.startswith("https://example.org/")} <= {
        "https://example.org/primer/rain/port.png"
    }
