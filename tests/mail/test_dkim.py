import re
from datetime import datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mail.dkim import OVERSIGNED, SIGNED, Signer, relaxed_body, signed_headers, single_blanks, without_empty_end
from mail.letter import render_posts
from mail.skeleton import fill
from templates.environment import environment
from tests.mail.signed import AT, BOTH, SIGNER, a_key, verified
from tests.mail.test_letter import VALUES, a_digest, a_post, some_headers

LETTER = (
    b"From: A <a@example.org>\r\nTo: b@example.net\r\nCc: c@example.net\r\nSubject: One\r\n"
    b"Date: Thu, 05 Mar 2026 06:00:00 +0000\r\nMessage-ID: <1@example.org>\r\nReply-To: d@example.org\r\n"
    b"In-Reply-To: <0@example.org>\r\nReferences: <0@example.org>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain\r\nContent-Transfer-Encoding: 7bit\r\nList-Id: <example.org>\r\n"
    b"List-Unsubscribe: <https://example.org/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    b"Auto-Submitted: auto-generated\r\nFeedback-ID: 1:example\r\n\r\nIt rained on  Riga.\r\n"
)
BLANK_AND_SOME = st.text(alphabet=" \t\r\nab=.:-", max_size=60)
VALUE = st.text(alphabet=" \tab:;=?<>@", max_size=30)


def a_letter(**values: object) -> bytes:
    letter = a_digest(**values)
    return fill(render_posts(environment(), letter), headers=some_headers(reply_to="d@example.org"), values=VALUES)


def tags(signed: bytes) -> dict[str, str]:
    """The tags of the signature at the top, without folds."""
    [value, *_] = re.split(r"\r\n(?![ ])", signed.decode("ascii"))
    pairs = (tag.split("=", 1) for tag in value.partition(":")[2].split(";"))
    return {name.strip(): re.sub(r"\s", "", text) for name, text in pairs}


@pytest.mark.parametrize("form", ["html", "text"])
@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", ["digest", "instant", "catch-up"])
def test_every_letter_carries_a_signature_of_each_key_and_both_are_good(name: str, language: str, form: str):
    signed = SIGNER.sign(a_letter(name=name, language=language, format=form), at=AT)

    assert verified(signed) == [True, True]


def test_the_signatures_come_first_and_the_letter_follows_untouched():
    signed = SIGNER.sign(LETTER, at=AT)

    assert signed.startswith(b"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n")
    assert b"\r\nDKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n" in signed
    assert signed.endswith(b"==\r\n" + LETTER)


def test_a_signature_says_who_when_and_over_what():
    said = tags(Signer((a_key(),)).sign(LETTER, at=AT))

    assert (said["d"], said["s"], said["t"]) == ("example.org", "s2026", str(int(AT.timestamp())))
    assert "l" not in said
    assert said["h"].split(":").count("from") == 2
    assert {name.lower() for name in SIGNED} == set(said["h"].split(":"))


def test_signing_again_gives_the_same_bytes():
    again = Signer((a_key(), a_key(selector="r2026", private=BOTH[1].private)))

    assert SIGNER.sign(LETTER, at=AT) == again.sign(LETTER, at=AT)


@pytest.mark.parametrize("domain", ["example.org", "a-rather-long-name-" + "of-a-domain." * 4 + "example"])
def test_no_line_of_a_signature_is_wider_than_78(domain: str):
    keys = [a_key(domain=domain), a_key(domain=domain, selector="r", private=BOTH[1].private)]
    signed = Signer(tuple(keys)).sign(LETTER, at=AT)

    assert max(map(len, signed.removesuffix(LETTER).split(b"\r\n"))) <= 78
    assert verified(signed, keys) == [True, True]


@pytest.mark.parametrize("name", [name.encode() for name in SIGNED])
def test_a_signed_header_that_is_changed_breaks_the_signatures(name: bytes):
    signed = SIGNER.sign(LETTER, at=AT)
    changed = re.sub(rb"(?m)^(%b: .*?)\r$" % name, rb"\1x\r", signed, count=1)

    assert verified(signed) == [True, True]
    assert verified(changed) == [False, False]


@pytest.mark.parametrize("name", OVERSIGNED)
def test_a_header_that_is_added_breaks_the_signatures(name: str):
    signed = SIGNER.sign(LETTER, at=AT)
    added = f"{name}: <https://elsewhere.example/>\r\n".encode()

    assert verified(added + signed) == [False, False]
    assert verified(signed.replace(b"\r\n\r\n", b"\r\n" + added + b"\r\n", 1)) == [False, False]


@pytest.mark.parametrize("name", OVERSIGNED)
def test_a_header_that_was_not_there_cannot_be_added_either(name: str):
    bare = re.sub(rb"(?m)^%b: .*?\r\n" % name.encode(), b"", LETTER)
    signed = SIGNER.sign(bare, at=AT)
    added = f"{name}: <https://elsewhere.example/>\r\n".encode()

    assert bare != LETTER
    assert verified(added + signed) == [False, False]


@pytest.mark.parametrize(
    "change", [(b"Riga", b"Rome"), (b"Riga.\r\n", b"Riga.\r\nMore.\r\n"), (b"on  Riga", b"onRiga")]
)
def test_a_changed_body_breaks_the_signatures(change: tuple[bytes, bytes]):
    signed = SIGNER.sign(LETTER, at=AT)

    assert verified(signed.replace(*change)) == [False, False]


def test_what_servers_do_to_blanks_on_the_way_breaks_nothing():
    signed = SIGNER.sign(LETTER, at=AT)
    passed_on = signed.replace(b"on  Riga.", b"on\tRiga. \t").replace(b"Subject: One", b"SUBJECT:\r\n   One ")

    assert verified(passed_on + b"\r\n\r\n") == [True, True]


def test_a_trace_of_the_way_may_be_added():
    assert verified(b"Received: from here\r\n by there\r\n" + SIGNER.sign(LETTER, at=AT)) == [True, True]


def test_a_folded_subject_in_encoded_words_is_signed_as_it_reads():
    subject = b"Subject: =?utf-8?b?UsSrZ2E=?=\r\n =?utf-8?b?UsSrZ2E=?=\r\n\t and  more"
    signed = SIGNER.sign(LETTER.replace(b"Subject: One", subject), at=AT)

    assert b"subject:=?utf-8?b?UsSrZ2E=?= =?utf-8?b?UsSrZ2E=?= and more\r\n" in signed_headers(subject)[1]
    assert verified(signed) == [True, True]


@given(values=st.lists(st.tuples(st.sampled_from(SIGNED), VALUE), max_size=6), body=BLANK_AND_SOME)
@example(values=[("Subject", ""), ("subject", " b"), ("SUBJECT", "\t")], body="")
@example(values=[], body="\n \n\t\n")
def test_whatever_stands_in_a_letter_another_library_agrees(values: list[tuple[str, str]], body: str):
    head = "".join(f"{name}:{value}\r\n" for name, value in [("From", "a@example.org"), *values])
    lines = body.replace("\r", "\n").split("\n")
    message = (head + "\r\n" + "".join(f"{line}\r\n" for line in lines)).encode("ascii")

    assert verified(Signer(BOTH[:1]).sign(message, at=AT)) == [True]


@settings(max_examples=40)
@given(html=st.text(), text=st.text(alphabet=" \t\nab.", min_size=1), form=st.sampled_from(["html", "text"]))
@example(html="  <p> \t x  \n\n", text="a  b\t\tc   \n  d\n\n\n", form="text")
def test_the_blanks_of_a_compiled_letter_need_no_look(html: str, text: str, form: str):
    skeleton = render_posts(environment(), a_digest(a_post(html=html, text=text), format=form))
    letter = fill(skeleton, headers=some_headers(), values=VALUES | {"name": f" {text} "})
    body = letter.partition(b"\r\n\r\n")[2]

    assert skeleton.blanks_single
    assert single_blanks(body) == body
    assert SIGNER.sign(letter, at=AT, blanks_single=True) == SIGNER.sign(letter, at=AT)


@pytest.mark.parametrize(
    ("body", "relaxed"),
    [
        (b" C \r\nD \t E\r\n\r\n\r\n", b" C\r\nD E\r\n"),  # RFC 6376, 3.4.5
        (b"", b""),
        (b"\r\n", b""),
        (b" \t\r\n\r\n", b""),
        (b"no end", b"no end\r\n"),
        (b"no end \t", b"no end\r\n"),
        (b"\r\n\r\na\r\n", b"\r\n\r\na\r\n"),
    ],
)
def test_a_body_in_its_relaxed_form(body: bytes, relaxed: bytes):
    assert relaxed_body(body) == relaxed
    assert relaxed_body(relaxed) == relaxed


def test_a_body_in_its_relaxed_form_is_not_copied():
    body = b"It rained.\r\n" * 100

    assert single_blanks(body) is body
    assert without_empty_end(body) is body


def test_headers_in_their_relaxed_form():
    """The example of RFC 6376, 3.4.5, and of several by one name the last first (5.4.2)."""
    names, signed = signed_headers(b"SUBJect: X\r\nsubject : Y\t\r\n\tZ  \r\nX-Other: no")

    assert signed == b"subject:Y Z\r\nsubject:X\r\n"
    assert names.count(b"subject") == 3


def test_a_letter_is_signed_by_the_keys_in_use_at_its_date():
    turn = AT + timedelta(days=1)
    old, new = a_key(selector="old", until=turn), a_key(selector="new", since=turn)
    before, after = Signer((old,)), Signer((old, new))

    def selector(at: datetime) -> str:
        return tags(after.sign(LETTER, at=at))["s"]

    assert after.sign(LETTER, at=AT) == before.sign(LETTER, at=AT)
    assert [selector(AT), selector(turn - timedelta(seconds=1)), selector(turn)] == ["old", "old", "new"]


def test_without_a_key_in_use_a_letter_stays_as_it_is():
    assert Signer((a_key(since=AT + timedelta(seconds=1)),)).sign(LETTER, at=AT) == LETTER


def test_the_body_hash_is_that_of_the_example_in_rfc_8463():
    """Appendix A: `bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=`."""
    body = b"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"
    said = tags(Signer((a_key(),)).sign(b"From: a@example.org\r\n\r\n" + body, at=AT))

    assert said["bh"] == "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
