import email
import email.policy
import html as html_escapes
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from db.errors import BadValue
from mail.headers import one_line
from mail.skeleton import GAPS, Skeleton, compile_skeleton, fill, gap, without_gaps

HEADERS = (b"From: post@example.org", b"To: alice@example.org")
VALUES = {"name": "Alice", "unsubscribe_url": "https://example.org/unsubscribe/abc?d=e&f", "preferences_url": "x"}
BODIES = st.text(alphabet=st.characters(), max_size=400).filter(lambda text: without_gaps(text).strip())
SHORT = st.text(alphabet=st.characters(), max_size=200)


def a_skeleton(*, subject: str = "One", text: str = "text", html: str | None = "<p>html</p>") -> Skeleton:
    return compile_skeleton(subject=subject, text=text, html=html, boundary_seed="seed")


def parsed(message: bytes) -> email.message.EmailMessage:
    return email.message_from_bytes(message, policy=email.policy.default)


def content(message: email.message.EmailMessage, kind: str) -> str:
    """What a reader's program shows of this part, with LF."""
    return message.get_body((kind,)).get_payload(decode=True).decode("utf-8").replace("\r\n", "\n")


def as_sent(text: str) -> str:
    """Text with the changes that a letter makes on purpose: LF lines, the last one ended, valid UTF-8."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n") + "\n"
    return text.encode("utf-8", "replace").decode("utf-8")


@given(BODIES, BODIES)
@example(".\n..\n.x\nFrom here\nto there ", "<p>. </p>\n.\n")
@example("x" * 2_000, "é" * 2_000)
@example(("a" * 74 + ".") * 9, ("b" * 75 + " ") * 9)
@example("one\rtwo\r\nthree\n\n\n", "\t\n \n= =3D =")
@example("--=_boundary\n--", "\x00\x1a\x85\u2028")
def test_both_parts_come_out_as_they_went_in(text, html):
    message = parsed(fill(a_skeleton(text=text, html=html), headers=HEADERS, values=VALUES))

    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert not any(part.defects for part in message.walk())
    assert content(message, "plain") == as_sent(text)
    assert content(message, "html") == as_sent(html)


@given(BODIES, SHORT, SHORT)
@example("." * 500, "." * 300, "From " * 90)
def test_every_line_is_short_ends_in_crlf_and_starts_with_no_dot(text, name, url):
    text = f"{text}{gap('name')}{text}\n{gap('unsubscribe_url')}\n"
    message = fill(
        a_skeleton(text=text, html=text), headers=HEADERS, values=VALUES | {"name": name, "unsubscribe_url": url}
    )

    lines = message.split(b"\r\n")
    assert message.isascii()
    assert b"\r" not in b"".join(lines)
    assert b"\n" not in b"".join(lines)
    assert all(len(line) <= 76 for line in lines)
    assert not any(line.startswith((b".", b"From ")) or line.endswith((b" ", b"\t")) for line in lines)


@given(SHORT, SHORT)
@example('O\'Hara <b> & "co"', "https://example.org/?a=b&c==d" + "é" * 80)
@example("Eve\r\n.\r\nDATA", '"><script>')
@example("", "")
@example("\ue000preferences_url\ue001", "=3D=\u00a0")
def test_values_stand_in_their_gaps_escaped_for_the_place(name, url):
    text = f"Hello {gap('name')}{gap('name')},\nUnsubscribe: {gap('unsubscribe_url')}"
    html = f'<p>{gap("name")}</p><a href="{gap("unsubscribe_url")}">Unsubscribe</a> .'
    skeleton = a_skeleton(text=text, html=html)

    message = parsed(fill(skeleton, headers=HEADERS, values=VALUES | {"name": name, "unsubscribe_url": url}))

    name, url = one_line(name), one_line(url)
    assert content(message, "plain") == f"Hello {name}{name},\nUnsubscribe: {url}\n"
    name, url = html_escapes.escape(name), html_escapes.escape(url)
    assert content(message, "html") == f'<p>{name}</p><a href="{url}">Unsubscribe</a> .\n'


@given(SHORT)
@example("Alice\r\nBcc: eve@example.org")
def test_a_subject_may_have_a_gap_and_no_value_adds_a_header(name):
    skeleton = a_skeleton(subject=f"For {gap('name')}: Über uns")

    message = parsed(fill(skeleton, headers=HEADERS, values=VALUES | {"name": name}))

    assert message.keys() == ["From", "To", "Subject", "MIME-Version", "Content-Type"]
    assert message["Subject"] == one_line(f"For {one_line(name)}: Über uns")


def test_without_html_the_text_is_the_whole_letter():
    message = parsed(fill(a_skeleton(text=f"Hello {gap('name')}", html=None), headers=HEADERS, values=VALUES))

    assert message.get_content_type() == "text/plain"
    assert message["Content-Transfer-Encoding"] == "quoted-printable"
    assert message.get_content() == "Hello Alice\r\n"


@given(SHORT, BODIES, st.none() | BODIES)
def test_equal_arguments_give_equal_bytes_before_and_after_the_store(subject, text, html):
    text += gap("name")
    first, second = (a_skeleton(subject=subject, text=text, html=html) for _ in range(2))

    stored = Skeleton.from_bytes(first.to_bytes())

    assert first == second == stored
    assert first.to_bytes() == second.to_bytes()
    assert fill(first, headers=HEADERS, values=VALUES) == fill(stored, headers=HEADERS, values=VALUES)


def test_the_boundary_comes_from_its_seed_and_occurs_nowhere_else():
    boundary = parsed(fill(a_skeleton(), headers=HEADERS, values=VALUES)).get_boundary()
    skeleton = a_skeleton(text=f"--{boundary}\n{gap('name')}", html=f"--{boundary}--")

    message = fill(skeleton, headers=HEADERS, values=VALUES | {"name": f"--{boundary}"})

    assert message.count(b"--" + boundary.encode()) == 3
    assert parsed(message).get_boundary() == boundary
    assert content(parsed(message), "plain") == f"--{boundary}\n--{boundary}\n"


def test_a_skeleton_of_another_format_is_refused():
    with pytest.raises(BadValue, match="format 2"):
        Skeleton.from_bytes(zlib.decompress(a_skeleton().to_bytes()).replace(b'"format":1', b'"format":2'))


def test_a_skeleton_that_was_stored_at_its_full_length_is_read_too():
    assert Skeleton.from_bytes(zlib.decompress(a_skeleton().to_bytes())) == a_skeleton()


def test_a_letter_without_plain_text_is_refused():
    with pytest.raises(BadValue, match="no plain text"):
        a_skeleton(text=" \n")


def test_a_gap_without_its_value_is_a_mistake():
    with pytest.raises(KeyError, match="name"):
        fill(a_skeleton(text=gap("name")), headers=HEADERS, values={})


def test_there_are_no_other_gaps():
    assert [gap(name) for name in GAPS]
    with pytest.raises(ValueError, match="no gap 'address'"):
        gap("address")
