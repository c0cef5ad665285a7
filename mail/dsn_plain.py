"""Failures in forms of their own: qmail's (QSBMF) and Exim's before it wrote delivery status notifications."""

import re
from typing import Final

from mail.dsn import LONGEST_WORDS, MOST_RECIPIENTS, Notice, Report
from mail.failures import grade, status_in
from mail.headers import one_line
from mail.mime import Part

_QMAIL: Final = "Hi. This is the"
"""With these words each such message begins: it is how its author wants it to be recognised."""
_QMAIL_HOST: Final = re.compile(r"\bat ([^\s]{1,253}?)\.?\s")
_QMAIL_RECIPIENT: Final = re.compile(r"<([^\s<>]{1,320})>:\n")
_QMAIL_COPY: Final = re.compile(r"^--- Below this line is a copy", re.MULTILINE)
_EXIM_COPY: Final = re.compile(r"^-{4,} ?This is a copy", re.MULTILINE)
_EXIM_REPLY: Final = re.compile(r"^[ \t]*(5\d\d|4\d\d)[ -].*$", re.MULTILINE)
_LONGEST: Final = 20_000


def read_plain(message: Part) -> Notice | None:
    """What a message in one of the two forms says; None for any other."""
    return _read_qmail(message) or _read_exim(message)


def _read_qmail(message: Part) -> Notice | None:
    text = _text(message)
    if not text.startswith(_QMAIL):
        return None
    opening, *paragraphs = re.split(r"\n{2,}", _QMAIL_COPY.split(text)[0])
    host = _QMAIL_HOST.search(opening)
    reports = [_of_qmail(found[1], paragraph[found.end() :]) for paragraph, found in _recipients(paragraphs)]
    return Notice(host[1] if host else "", tuple(reports)) if reports else None


def _recipients(paragraphs: list[str]) -> list[tuple[str, re.Match[str]]]:
    """The paragraphs that begin with an address, up to the one that says where the copy of the letter begins."""
    found = []
    for paragraph in paragraphs[:MOST_RECIPIENTS]:
        if paragraph.startswith("-"):
            break
        if match := _QMAIL_RECIPIENT.match(paragraph):
            found.append((paragraph, match))
    return found


def _of_qmail(address: str, said: str) -> Report:
    words = one_line(said)[:LONGEST_WORDS]
    status = status_in(said)
    return Report(grade(status, words), (address,), status, words)


def _read_exim(message: Part) -> Notice | None:
    failed = message.head.first("x-failed-recipients")
    if not failed:
        return None
    said = _EXIM_COPY.split(_text(message))[0]
    reply = _EXIM_REPLY.search(said)
    words = one_line(reply[0] if reply else "")[:LONGEST_WORDS]
    status = status_in(words)
    addresses = [address.strip() for address in failed.split(",")[:MOST_RECIPIENTS]]
    reports = [Report(grade(status, words), (address,), status, words) for address in addresses if "@" in address]
    return Notice("", tuple(reports)) if reports else None


def _text(message: Part) -> str:
    part = message.find("text/plain")
    return part.text()[:_LONGEST] if part else ""
