"""Reading letters back from a folder of .eml files."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path

_SHOWN = 200
# Forgiving: a letter that is wrong is just what one wants to look at.
_POLICY = policy.default


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What a list says of a letter; `name` is its file's, without the ending. `date` is None when it has none."""

    name: str
    to: str
    subject: str
    date: datetime | None


@dataclass(frozen=True, kw_only=True)
class Letter:
    envelope: Envelope
    html: str
    text: str
    source: str


def newest_letters(folder: Path, *, limit: int = _SHOWN) -> list[Envelope]:
    """The letters that came last, the newest first."""
    files = sorted(folder.glob("*.eml"), key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)
    return [_envelope(file.stem, BytesHeaderParser(policy=_POLICY).parsebytes(_head(file))) for file in files[:limit]]


def read_letter(folder: Path, name: str) -> Letter | None:
    """None when there is no such file. Names are compared with those in the folder, never made into a path."""
    file = next((file for file in folder.glob("*.eml") if file.stem == name), None)
    if file is None:
        return None
    raw = file.read_bytes()
    message = message_from_bytes(raw, policy=_POLICY)
    return Letter(
        envelope=_envelope(name, message),
        html=_part(message, "html"),
        text=_part(message, "plain"),
        source=raw.decode("utf-8", "replace"),
    )


def _head(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(64 * 1024)


def _envelope(name: str, message: EmailMessage) -> Envelope:
    date = str(message.get("Date", ""))
    return Envelope(
        name=name, to=str(message.get("To", "")), subject=str(message.get("Subject", "")), date=_instant(date)
    )


def _instant(date: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    return "" if body is None else str(body.get_content())
