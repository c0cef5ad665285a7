"""Complaints, absence notes, and what nobody can read."""

import pytest

from mail.bounce import read_bounce
from mail.failures import Says
from tests.bounces.shapes import PATH, SERVERS, absence, complaint, lines, report


def says(message: bytes) -> list[Says]:
    return [one.says for one in read_bounce(message).reports]


@pytest.mark.parametrize("kind", ["abuse", "Abuse", "fraud", "opt-out"])
def test_a_reader_who_presses_the_button_complains(kind: str):
    message = complaint(kind=kind)

    assert says(message) == [Says.complaint]


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure", "virus", "other", "dmarc", ""])
def test_any_other_feedback_is_no_complaint(kind: str):
    message = complaint(kind=kind)

    assert says(message) == [Says.unknown]


def test_a_complaint_finds_its_letter_by_the_return_path_it_names():
    message = complaint()

    [tag] = read_bounce(message).tags
    assert tag.letter == 1


def test_a_complaint_finds_its_letter_in_the_copy_it_encloses():
    message = complaint(path="", copy=f"Return-Path: <{PATH}>\r\nSubject: Chapter one\r\n\r\nWords.")

    [tag] = read_bounce(message).tags
    assert tag.letter == 1


def test_the_words_of_the_letter_in_the_copy_name_no_return_path():
    message = complaint(path="", copy=f"Subject: Chapter one\r\n\r\nReturn-Path: <{PATH}>")

    assert read_bounce(message).tags == ()


def test_a_complaint_that_blackens_addresses_is_still_a_complaint():
    message = complaint(fields=["Original-Rcpt-To: <4f1a9c@redacted.example>"])

    assert says(message) == [Says.complaint]
    assert len(read_bounce(message).tags) == 1


@pytest.mark.parametrize(
    "mark",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated (rejected)",
        "Auto-Submitted: auto-notified; owner-email=alice@example.org",
        "X-Autoreply: yes",
        "X-Auto-Response-Suppress: All",
        "Precedence: auto_reply",
        "Precedence: bulk",
    ],
)
def test_what_a_program_answers_for_a_reader_is_no_bounce(mark: str):
    message = lines("From: alice@example.org", f"To: {PATH}", mark, "", "550 5.1.1 nobody is at home")

    assert says(message) == [Says.auto_reply]


def test_an_absence_note_asks_for_nothing():
    assert read_bounce(absence()).asks_for_nothing


def test_a_receipt_for_reading_is_no_bounce():
    message = report(
        ["Final-Recipient: rfc822; alice@example.org\r\nDisposition: automatic-action/MDN-sent-automatically; deleted"],
        kind="message/disposition-notification",
        report_type="disposition-notification",
    )

    assert says(message) == [Says.auto_reply]


@pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)
def test_a_bounce_that_calls_itself_automatic_is_still_a_bounce(server):
    message = server()
    message = message if b"Auto-Submitted" in message else b"Auto-Submitted: auto-replied\r\n" + message

    assert says(message) == [Says.hard]


@pytest.mark.parametrize(
    "message",
    [
        lines("From: alice@example.org", f"To: {PATH}", "Auto-Submitted: no", "", "How do I leave?"),
        lines("From: alice@example.org", f"To: {PATH}", "", "550 5.1.1 is what your page says"),
        b"",
        b"\r\n\r\n",
    ],
    ids=["a person who says so", "a person", "nothing", "blank lines"],
)
def test_what_a_person_writes_is_unknown(message: bytes):
    assert says(message) == [Says.unknown]


def test_the_envelope_goes_before_what_the_message_says():
    message = complaint()

    bounce = read_bounce(message, PATH.replace("e1-", "e2-"))

    assert [tag.letter for tag in bounce.tags] == [2, 1]


@pytest.mark.parametrize("name", ["To", "Delivered-To", "X-Original-To", "Envelope-To"])
def test_a_mailbox_notes_the_return_path_in_the_head(name: str):
    message = lines("From: MAILER-DAEMON@mx.example", f"{name}: {PATH}", "", "Words.")

    assert [tag.letter for tag in read_bounce(message).tags] == [1]


def test_a_message_full_of_return_paths_is_looked_up_a_few_times_only():
    many = ", ".join(PATH.replace("e1-", f"e{number}-") for number in range(1, 10))
    heads = [f"To: {path}" for path in many.split(", ")]

    assert len(read_bounce(lines(*heads, "", "Words.")).tags) == 5
