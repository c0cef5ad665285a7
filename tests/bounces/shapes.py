"""Messages as servers write them when a letter comes back: the structure of each is true, its words are ours."""

from collections.abc import Sequence

ALICE = "alice@example.org"
PATH = "bounces+e1-aaaaaaaaaaaaaaaaaaaaaaaaaa@lists.example"


def lines(*text: str) -> bytes:
    return "\r\n".join(text).encode() + b"\r\n"


def group(*fields: str) -> str:
    return "\r\n".join(fields)


def report(
    groups: Sequence[str],
    *,
    to: str = PATH,
    words: str = "It did not arrive.",
    returned: str = "Subject: Chapter one",
    returned_kind: str = "message/rfc822",
    kind: str = "message/delivery-status",
    head: Sequence[str] = (),
    report_type: str = "delivery-status",
) -> bytes:
    """A multipart/report (RFC 6522) of three parts."""
    return lines(
        "Return-Path: <>",
        "From: MAILER-DAEMON@mx.example (Mail Delivery System)",
        f"To: {to}",
        "Subject: Undelivered Mail Returned to Sender",
        "Auto-Submitted: auto-replied",
        *head,
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type={report_type}; boundary="4Xq/mx.example"',
        "",
        "This is a MIME-encapsulated message.",
        "",
        "--4Xq/mx.example",
        "Content-Type: text/plain; charset=utf-8",
        "",
        words,
        "",
        "--4Xq/mx.example",
        f"Content-Type: {kind}",
        "",
        "\r\n\r\n".join(groups),
        "",
        "--4Xq/mx.example",
        f"Content-Type: {returned_kind}",
        "",
        returned,
        "",
        "--4Xq/mx.example--",
    )


def failed(status: str, diagnostic: str = "", *, address: str = ALICE, action: str = "failed", **more: str) -> bytes:
    """A plain notification of one recipient."""
    fields = [f"Final-Recipient: rfc822; {address}", f"Action: {action}", f"Status: {status}"]
    if diagnostic:
        fields.append(f"Diagnostic-Code: smtp; {diagnostic}")
    return report([group("Reporting-MTA: dns; mx.example"), group(*fields)], **more)  # type: ignore[arg-type]


def postfix(address: str = ALICE, to: str = PATH) -> bytes:
    return report(
        [
            group(
                "Reporting-MTA: dns; mx.example",
                "X-Postfix-Queue-ID: 4Xq3Zt2Wlyz",
                f"X-Postfix-Sender: rfc822; {to}",
                "Arrival-Date: Mon,  2 Mar 2026 07:00:01 +0000 (UTC)",
            ),
            group(
                f"Final-Recipient: rfc822; {address}",
                f"Original-Recipient: rfc822;{address}",
                "Action: failed",
                "Status: 5.1.1",
                "Remote-MTA: dns; mail.example.org",
                f"Diagnostic-Code: smtp; 550 5.1.1 <{address}>: there is nobody of",
                "    this name here",
            ),
        ],
        to=to,
    )


def sendmail(address: str = ALICE, to: str = PATH) -> bytes:
    return report(
        [
            group(
                "Reporting-MTA: dns; mx.example",
                "Received-From-MTA: DNS; lists.example",
                "Arrival-Date: Mon, 2 Mar 2026",
            ),
            group(
                f"Original-Recipient: rfc822;{address}",
                f"Final-Recipient: RFC822; {address}",
                "X-Actual-Recipient: X-Unix; |/usr/bin/procmail",
                "Action: failed",
                "Status: 5.1.1",
                "Diagnostic-Code: X-Unix; 67",
                "Last-Attempt-Date: Mon, 2 Mar 2026 07:00:02 GMT",
            ),
        ],
        to=to,
    )


def exim(address: str = ALICE, to: str = PATH) -> bytes:
    """Its own status is always 5.0.0: what the other server said is in the diagnostic alone."""
    return report(
        [
            group("Reporting-MTA: dns; mx.example"),
            group(
                "Action: failed",
                f"Final-Recipient: rfc822;{address}",
                "Status: 5.0.0",
                "Remote-MTA: dns; mail.example.org",
                "Diagnostic-Code: smtp; 550 5.1.1 not known here",
            ),
        ],
        to=to,
        head=[f"X-Failed-Recipients: {address}"],
    )


def old_exim(address: str = ALICE, to: str = PATH, *, said: str = "550 nobody of this name") -> bytes:
    return lines(
        "Return-path: <>",
        f"X-Failed-Recipients: {address}",
        "Auto-Submitted: auto-replied",
        "From: Mail Delivery System <Mailer-Daemon@mx.example>",
        f"To: {to}",
        "Subject: Mail delivery failed: returning message to sender",
        "",
        "A letter that you sent did not reach one or more of those it was for.",
        "",
        f"  {address}",
        f"    SMTP error from remote mail server after RCPT TO:<{address}>:",
        f"    {said}",
        "",
        "------ This is a copy of the message, including all the headers. ------",
        "",
        f"Return-path: <{to}>",
        "Subject: Chapter one",
        "",
        "552 is not what the server said.",
    )


def exchange(address: str = ALICE, to: str = PATH) -> bytes:
    """As Office 365 writes it: the status in the middle of an alternative, with folds and a long diagnostic."""
    return report(
        [
            group(
                "Reporting-MTA: dns;AM0PR01MB0001.eurprd01.prod.example",
                "Received-From-MTA: dns;lists.example",
                "Arrival-Date: Mon, 2 Mar 2026 07:00:03 +0000",
            ),
            group(
                f"Final-Recipient: rfc822;{address.upper()}",
                "Action: failed",
                "Status: 5.1.10",
                "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; no such recipient",
                f" {address} by SMTP address lookup",
                "X-Display-Name: Alice",
            ),
        ],
        to=to,
        head=["X-MS-Exchange-Message-Sent-Representing-Type: 1", "Content-Language: en-US"],
    )


def gmail(address: str = ALICE, to: str = PATH) -> bytes:
    return report(
        [
            group("Reporting-MTA: dns; googlemail.example", "X-Original-Message-ID: <aa@example.org>"),
            group(
                f"Final-Recipient: rfc822; {address}",
                "Action: failed",
                "Status: 5.1.1",
                "Remote-MTA: dns; gmail-smtp-in.l.google.example. (2001:db8::1b, the server for the domain.)",
                "Diagnostic-Code: smtp; 550-5.1.1 The account you wrote to is not there.",
                " 550 5.1.1  https://support.example/?p=NoSuchUser - gsmtp",
                "Last-Attempt-Date: Mon, 02 Mar 2026 00:00:04 -0700 (PDT)",
            ),
        ],
        to=to,
        head=["X-Failed-Recipients: alice@example.org"],
    )


def qmail(address: str = ALICE, to: str = PATH, *, said: str = "no mailbox of that name here. (#5.1.1)") -> bytes:
    return lines(
        "Return-Path: <>",
        "From: MAILER-DAEMON@mx.example",
        f"To: {to}",
        "Subject: failure notice",
        "",
        "Hi. This is the qmail-send program at mx.example.",
        "The letter could not be handed to those named below.",
        "It will not be tried again.",
        "",
        f"<{address}>:",
        said,
        "",
        "--- Below this line is a copy of the message.",
        "",
        f"Return-Path: <{to}>",
        "Subject: Chapter one",
        "",
        "<bob@example.org>:",
        "is a word of the letter itself. (#5.1.1)",
    )


SERVERS = {
    "postfix": postfix,
    "sendmail": sendmail,
    "exim": exim,
    "old exim": old_exim,
    "exchange": exchange,
    "gmail": gmail,
    "qmail": qmail,
}
"""Each tells the sender that Alice's address is not there."""


def complaint(
    path: str = PATH, *, kind: str = "abuse", to: str = "fbl@lists.example", fields: Sequence[str] = (), copy: str = ""
) -> bytes:
    """A feedback report; `path` is where the provider names the letter's return path."""
    named = [f"Original-Mail-From: <{path}>"] if path else []
    return report(
        [group(f"Feedback-Type: {kind}", "User-Agent: Loop/1.0", "Version: 1", *named, *fields)],
        to=to,
        kind="message/feedback-report",
        report_type="feedback-report",
        returned=copy or "Subject: Chapter one",
    )


def absence(to: str = PATH) -> bytes:
    return lines(
        f"From: Alice <{ALICE}>",
        f"To: {to}",
        "Subject: I am away",
        "Auto-Submitted: auto-replied (vacation)",
        "",
        "Until Monday. 550 5.1.1 is not meant here.",
    )
