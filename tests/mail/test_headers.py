import datetime as dt
import email
import email.policy
import email.utils
from email.header import decode_header, make_header

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from db.errors import BadValue
from mail.headers import ascii_address, date_header, mailbox, one_line, phrase, unstructured

LONG = "Überlegungen zu sehr langen Überschriften, " * 12
ANYTHING = st.text(alphabet=st.characters(), max_size=300)


def parsed(*headers: bytes) -> email.message.EmailMessage:
    return email.message_from_bytes(b"\r\n".join((*headers, b"", b"body\r\n")), policy=email.policy.default)


def displayed(header: bytes) -> str:
    """The name a reader sees. Read by the older functions: the newer parser puts blanks between encoded-words."""
    unfolded = header.decode("ascii").partition(": ")[2].replace("\r\n", "")
    name, _address = email.utils.parseaddr(unfolded)
    return str(make_header(decode_header(name)))


@given(ANYTHING)
@example("")
@example("One\r\nBcc: eve@example.org\r\n\r\nbody")
@example("=?utf-8?q?not_ours?=")
@example(LONG)
@example("x" * 2_000)
@example("a" * 60 + " " + "b" * 60 + " c")
@example("Chapitre 3\u00a0: l’été 🪶")
def test_a_subject_comes_out_as_it_went_in_on_one_line_of_text(text):
    header = unstructured("Subject", text)

    message = parsed(header)
    assert message.keys() == ["Subject"]
    assert message["Subject"] == one_line(text)


@given(ANYTHING)
@example(LONG)
def test_a_subject_keeps_the_limits_of_lines_and_encoded_words(text):
    lines = unstructured("Subject", text).split(b"\r\n")

    assert all(len(line) <= 78 for line in lines)
    assert all(len(word) <= 75 for line in lines for word in line.split(b" ") if word.startswith(b"=?"))
    assert all(line.startswith(b" ") and line.strip() for line in lines[1:])


@given(ANYTHING)
@example('Alice "the reader" O\\Hara')
@example("Writer, A.")
@example("Alice\r\nBcc: eve@example.org")
@example("=?utf-8?q?eve?= <eve@example.org>")
@example("A. Writer and all of her friends, relatives, neighbours and acquaintances in Riga")
@example("Ǻ" * 200)
def test_a_name_comes_out_as_it_went_in_and_names_nobody_else(name):
    header = b"To: " + mailbox(name, "alice@example.org")

    message = parsed(header)
    assert message.keys() == ["To"]
    assert [address.addr_spec for address in message["To"].addresses] == ["alice@example.org"]
    assert displayed(header) == one_line(name)
    assert all(len(line) <= 78 for line in header.split(b"\r\n"))


def test_a_plain_name_stays_readable():
    assert phrase("My serials") == b"My serials"
    assert phrase('A. "W" Writer') == b'"A. \\"W\\" Writer"'


def test_the_domain_of_an_address_becomes_a_labels():
    assert mailbox(None, "alice@straße.example") == b"alice@xn--strae-oqa.example"


@pytest.mark.parametrize(
    "address",
    [
        *("jürgen@example.org", "a@b@example.org", "a b@example.org", "a,b@example.org", "alice", "alice@", "@b.org"),
        *("alice@exa mple.org", "alice@example.org\r\nBcc: eve@example.org", "alice@-example.org", "alice@é..org"),
        *("<alice@example.org>", ".a@example.org", "alice@example.org>", '"a\r\nb"@example.org', '"é"@example.org'),
    ],
)
def test_what_is_no_ascii_address_is_refused(address):
    with pytest.raises(BadValue):
        ascii_address(address)


@pytest.mark.parametrize("address", ["alice+x@example.org", '"a b"@example.org', "o'hara@localhost"])
def test_unusual_addresses_are_kept(address):
    assert ascii_address(address) == address


def test_a_date_is_written_in_utc():
    berlin = dt.timezone(dt.timedelta(hours=1))

    header = date_header(dt.datetime(2026, 3, 5, 7, 0, 9, 999, tzinfo=berlin))

    assert header == b"Date: Thu, 05 Mar 2026 06:00:09 +0000"


def test_a_date_without_a_zone_is_a_mistake():
    with pytest.raises(ValueError, match="zone"):
        date_header(dt.datetime(2026, 3, 5))
