"""What servers say of a letter, read from the structures that real ones write."""

import base64
from collections.abc import Callable

import pytest

from mail.bounce import read_bounce
from mail.dsn import Report
from mail.failures import Says
from mail.verdict import report_on
from tests.bounces.shapes import ALICE, SERVERS, exchange, failed, gmail, group, old_exim, qmail, report


def said(message: bytes, address: str = ALICE) -> Report | None:
    return report_on(read_bounce(message).reports, address)


def says(message: bytes, address: str = ALICE) -> Says | None:
    found = said(message, address)
    return found and found.says


@pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)
def test_an_address_that_a_server_does_not_know_is_a_hard_bounce(server: Callable[..., bytes]):
    message = server()

    assert says(message) is Says.hard


@pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)
def test_what_a_server_says_of_alice_says_nothing_of_bob(server: Callable[..., bytes]):
    message = server()

    assert says(message, "bob@example.org") is None


@pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)
def test_bare_line_feeds_change_nothing(server: Callable[..., bytes]):
    message = server().replace(b"\r\n", b"\n")

    assert says(message) is Says.hard


def test_the_servers_own_words_are_kept_on_one_line():
    found = said(gmail())

    assert found
    assert found.status == "5.1.1"
    assert found.words.startswith("550-5.1.1 The account you wrote to is not there. 550 5.1.1 https")


def test_the_reporting_server_is_named():
    message = exchange()

    assert read_bounce(message).reporter == "AM0PR01MB0001.eurprd01.prod.example"


@pytest.mark.parametrize(
    ("status", "diagnostic", "meant"),
    [
        ("5.1.1", "550 5.1.1 nobody", Says.hard),
        ("5.1.10", "", Says.hard),
        ("5.1.2", "", Says.hard),
        ("5.2.1", "550 5.2.1 switched off", Says.hard),
        ("5.2.2", "552 5.2.2 mailbox full", Says.soft),
        ("5.4.4", "", Says.soft),
        ("5.3.0", "", Says.soft),
        ("4.4.7", "", Says.soft),
        ("4.2.2", "452 4.2.2 mailbox full", Says.soft),
        ("5.2.3", "", Says.refused),
        ("5.3.4", "552 5.3.4 too big", Says.refused),
        ("5.6.0", "", Says.refused),
        ("5.7.1", "550 5.7.1 looks like spam", Says.refused),
        ("5.1.8", "", Says.refused),
        ("5.1.7", "", Says.refused),
        ("5.5.4", "", Says.refused),
    ],
)
def test_a_failure_means_what_its_enhanced_code_says(status: str, diagnostic: str, meant: Says):
    message = failed(status, diagnostic)

    assert says(message) is meant


@pytest.mark.parametrize(
    ("diagnostic", "meant"),
    [
        ("550 5.1.1 nobody", Says.hard),
        ("550 nobody of this name", Says.hard),
        ("553 nobody of this name", Says.hard),
        ("552 full", Says.soft),
        ("554 5.7.1 no", Says.refused),
        ("554 no", Says.refused),
        ("451 later", Says.soft),
        ("", Says.soft),
    ],
)
def test_a_status_that_says_nothing_gives_way_to_the_other_servers_words(diagnostic: str, meant: Says):
    message = failed("5.0.0", diagnostic)

    assert says(message) is meant


def test_a_mailbox_that_qmail_calls_full_is_a_soft_bounce():
    message = qmail(said="there is no room in the mailbox. (#5.2.2)")

    assert says(message) is Says.soft


def test_an_old_exim_that_gave_up_waiting_tells_of_a_soft_bounce():
    message = old_exim(said="retry timeout exceeded")

    assert says(message) is Says.soft


@pytest.mark.parametrize(
    ("action", "meant"),
    [
        ("delayed", Says.delayed),
        ("delivered", Says.delivered),
        ("relayed", Says.delivered),
        ("expanded (to a list)", Says.delivered),
        ("", Says.unknown),
        ("Failed", Says.hard),
    ],
)
def test_only_a_failure_is_a_bounce(action: str, meant: Says):
    message = failed("5.1.1", action=action)

    assert says(message) is meant


def test_a_delay_asks_for_nothing():
    message = failed("4.4.1", "connection timed out", action="delayed")

    assert read_bounce(message).asks_for_nothing


def test_a_report_of_several_counts_for_those_it_names():
    of_bob = group("Final-Recipient: rfc822; bob@example.org", "Action: failed", "Status: 5.2.2")
    of_alice = group(f"Final-Recipient: rfc822; {ALICE}", "Action: failed", "Status: 5.1.1")
    message = report([group("Reporting-MTA: dns; mx.example"), of_bob, of_alice])

    assert says(message) is Says.hard
    assert says(message, "bob@example.org") is Says.soft


def test_a_forwarded_letter_is_known_by_its_original_recipient():
    fields = ("Final-Recipient: rfc822; al@elsewhere.example", f"Original-Recipient: rfc822; {ALICE}")
    message = report([group("Reporting-MTA: dns; mx"), group(*fields, "Action: failed", "Status: 5.1.1")])

    assert says(message) is Says.hard


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("rfc822; alice+2Btales@example.org", "alice+tales@example.org"),
        ("RFC822;<Alice@Example.ORG>", ALICE),
        ("rfc822; alice@example.org (Alice)", ALICE),
        ("alice@example.org", ALICE),
        ("rfc822; alice@xn--bcher-kva.example", "alice@bücher.example"),
        (r"utf-8; \x{E5}sa@example.org", "åsa@example.org"),
        ("utf-8; åsa@example.org", "åsa@example.org"),
    ],
)
def test_an_address_is_the_same_however_a_server_spells_it(written: str, address: str):
    fields = (f"Final-Recipient: {written}", "Action: failed", "Status: 5.1.1")
    message = report([group("Reporting-MTA: dns; mx"), group(*fields)])

    assert says(message, address) is Says.hard


@pytest.mark.parametrize("written", ["rfc822; alice", "rfc822;", "x400; /C=LV/S=ALICE/", ""])
def test_a_recipient_that_is_no_address_is_nobody_of_ours(written: str):
    fields = (f"Final-Recipient: {written}", "Action: failed", "Status: 5.1.1")
    message = report([group("Reporting-MTA: dns; mx"), group(*fields)])

    assert says(message) is None


def test_a_status_in_base64_is_read():
    message = failed("5.1.1", kind="message/delivery-status\r\nContent-Transfer-Encoding: base64")
    status = b"Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; alice@example.org\nAction: failed\nStatus: 5.1.1\n"
    before, _, rest = message.partition(b"base64\r\n\r\n")
    after = rest[rest.index(b"--4Xq") :]

    encoded = before + b"base64\r\n\r\n" + base64.encodebytes(status) + b"\r\n" + after

    assert says(encoded) is Says.hard


def test_a_report_that_somebody_encloses_is_not_read():
    inner = failed("5.1.1").decode().replace("4Xq", "another")
    message = report(["See what I got."], kind="text/plain", returned=inner)

    assert read_bounce(message).asks_for_nothing


def test_a_report_that_breaks_off_in_the_middle_of_the_letter_is_read():
    message = failed("5.1.1")
    cut = message[: message.index(b"Subject: Chapter one")]

    assert says(cut) is Says.hard


def test_a_qmail_notice_ends_where_the_copy_of_the_letter_begins():
    message = qmail()

    assert says(message, "bob@example.org") is None
