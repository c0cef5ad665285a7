"""Addresses whose server refuses letter after letter for now: each such edition counts, until there were too many."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from db import bounces, suppressions
from db.states import DeliveryState, SuppressionKind
from db.tables import Delivery, Subscriber
from mail.failures import Says, status_in
from mail.replies import speaks_of_mailbox
from mail.verdict import Consequence, Patience, Row, consequence

log = structlog.get_logger()


@dataclass(frozen=True)
class Verdicts:
    """How patient we are; `at` is machine time."""

    patience: Patience
    at: datetime


def note_refusal(session: Session, letter: Delivery, verdicts: Verdicts) -> None:
    """Count a letter that comes to no further try as if it had come back softly, where its mailbox refused the last."""
    if refused_softly(letter) and letter.subscriber_id is not None:
        words = letter.reply or ""
        status = status_in(words)
        bounces.note_refusal(session, letter.id, letter.subscriber_id, words=words, status=status, at=verdicts.at)


def refused_softly(letter: Delivery) -> bool:
    """Whether the last word to a letter was that its mailbox takes nothing now."""
    waits = letter.state == DeliveryState.soft and letter.code is not None
    return waits and speaks_of_mailbox(letter.code or 0, letter.reply or "")


def give_up(session: Session, reader_ids: Collection[int], verdicts: Verdicts) -> set[int]:
    """Suppress those of these readers with too many such editions in a row, for too long; gives their ids."""
    often = bounces.often_soft(session, reader_ids, least=verdicts.patience.editions)
    given_up: set[int] = set()
    for reader_id, last in often.items():
        reader = session.get_one(Subscriber, reader_id)
        if last.delivery.address != reader.address:
            continue
        row = bounces.soft_row(session, last.delivery)
        if consequence(Says.soft, Row(row.letters, row.last - row.first), verdicts.patience) is Consequence.suppress:
            _suppress(session, reader, last.words, verdicts)
            given_up.add(reader.id)
    return given_up


def _suppress(session: Session, reader: Subscriber, words: str, verdicts: Verdicts) -> None:
    soft = SuppressionKind.soft
    suppressions.suppress(session, reader.fingerprint, address=reader.address, kind=soft, reason=words, now=verdicts.at)
    log.info("address given up", reader=reader.id, editions=verdicts.patience.editions, words=words)
