"""From a claimed batch to ledger rows: the next readers' letters, each content rendered once."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audience, batches, deliveries, intents
from db.batches import Lease
from db.engine import Store
from db.prepared import among_ids
from db.states import DeliveryState, LetterFormat
from db.tables import Batch, Delivery, DeliveryMark, Edition, EditionCut, Subscriber, Variant
from db.upsert import insert_all_missing
from mail.skeleton import Skeleton
from scheduler.owed import Owed, owed_to
from scheduler.patience import Verdicts, give_up, note_refusal, refused_softly

READERS = 1000
"""Subscribers looked at in one step of a batch."""
ROWS = 5000
"""Rows that one step writes at most, where its readers have many subscriptions: other writers wait for it."""
CONTENTS = 50
"""Different letters of one step at most: each is rendered before the first can go, and written by a statement."""

Render = Callable[[Session, Edition, "Content"], Skeleton]


class Content(NamedTuple):
    """What makes two letters of an edition the same."""

    posts: tuple[tuple[int, int], ...]
    language: str
    format: LetterFormat

    def digest(self) -> str:
        plain = json.dumps([self.posts, self.language, self.format.value])
        return hashlib.sha256(plain.encode()).hexdigest()


@dataclass(frozen=True)
class Step:
    """The next stretch of a batch: how far it goes, the letters it holds, and the day of a digest."""

    cursor: int
    day: date | None
    letters: Sequence[Owed]
    contents: dict[int, Content]
    replaced: dict[int, Delivery]

    def superseding(self, session: Session, verdicts: Verdicts, *, now: datetime) -> "Step":
        """Without the letters that cannot take the place of an open one, and those to readers who are given up."""
        letters = [one for one in self.letters if self._takes_its_place(session, one, verdicts, now)]
        given_up = give_up(session, [one.subscriber_id for one in letters], verdicts)
        return replace(self, letters=[one for one in letters if one.subscriber_id not in given_up])

    def _takes_its_place(self, session: Session, letter: Owed, verdicts: Verdicts, now: datetime) -> bool:
        replaced = self.replaced.get(letter.subscriber_id)
        if replaced is None:
            return True
        if not _supersede(session, replaced, now):
            return False
        note_refusal(session, replaced, verdicts)
        return True


def prepare(store: Store, lease: Lease, render: Render, *, verdicts: Verdicts, now: datetime) -> bool:
    """Write the ledger rows of the batch's next readers; False when nobody is left in it, or one must be waited for.

    Whose server has refused too many editions gets none, and is suppressed.
    """
    with store.reading() as session:
        batch = session.get_one(Batch, lease.batch_id)
        if batch.cursor >= batch.last:
            return False
        edition = session.get_one(Edition, lease.edition_id)
        step = _bounded(_next_step(session, batch, edition))
        contents = dict.fromkeys(step.contents.values())
        made = _made(session, edition, contents)
        skeletons = {one: render(session, edition, one) for one in contents if one not in made}
    if step.cursor == batch.cursor:
        return False
    with store.writing() as session:
        if not batches.move_cursor(session, lease, step.cursor):
            return False
        variants = made | _kept(session, edition, skeletons)
        if not store.is_sqlite:
            # Before their letters: as whoever tries those does.
            intents.lock_readers(session, [row.id for row in step.replaced.values() if refused_softly(row)])
        step = step.superseding(session, verdicts, now=now)
        _write(session, lease, step, {reader: variants[content] for reader, content in step.contents.items()}, now=now)
    return True


def _next_step(session: Session, batch: Batch, edition: Edition) -> Step:
    ids = audience.ids_after(session, edition, after=batch.cursor, limit=READERS, upto=batch.last)
    cursor = ids[-1] if len(ids) == READERS else batch.last
    opened = deliveries.open_of(session, ids)
    in_flight = [reader for reader in ids if reader in opened and opened[reader].state == DeliveryState.intent]
    if in_flight:
        # Their letter is with the relay this moment: look at them, and at who comes after, once it has landed.
        ids = [reader for reader in ids if reader < in_flight[0]]
        cursor = ids[-1] if ids else batch.cursor
    return _step(session, edition, ids, cursor=cursor, opened=opened)


def _step(session: Session, edition: Edition, ids: Sequence[int], *, cursor: int, opened: dict[int, Delivery]) -> Step:
    there = set(ids)
    marks = deliveries.marks_of(session, [row.id for row in opened.values() if row.subscriber_id in there])
    reopened = [mark for of_one in marks.values() for mark in of_one]
    statement = select(EditionCut.series_id, EditionCut.cut).where(EditionCut.edition_id == edition.id)
    cuts = dict(session.execute(statement).all())
    letters = owed_to(session, edition, ids, cuts=cuts, reopened=reopened)
    letters = [
        letter
        for letter in letters
        if letter.subscriber_id not in opened or _carries_all(letter, marks[opened[letter.subscriber_id].id])
    ]
    return Step(cursor, edition.local_date, letters, _contents(session, letters), opened)


def _bounded(step: Step) -> Step:
    """As much of a step as may be rendered and written at once, of one reader at least."""
    rows = 0
    contents: set[Content] = set()
    for most, letter in enumerate(step.letters):
        rows += 1 + len(letter.marks)
        contents.add(step.contents[letter.subscriber_id])
        if most and (rows > ROWS or len(contents) > CONTENTS):
            return _begun(step, most)
    return step


def _begun(step: Step, most: int) -> Step:
    """Its first letters; who comes after them is looked at again."""
    letters = step.letters[:most]
    contents = {letter.subscriber_id: step.contents[letter.subscriber_id] for letter in letters}
    return replace(step, cursor=letters[-1].subscriber_id, letters=letters, contents=contents)


def _carries_all(letter: Owed, marks: Sequence[DeliveryMark]) -> bool:
    """Whether this letter holds all the posts of an earlier one, so that it may take its place."""
    mine = {mark.subscription_id: mark for mark in letter.marks}
    return all(
        mark.subscription_id in mine
        and mine[mark.subscription_id].after <= mark.after
        and mine[mark.subscription_id].upto >= mark.upto
        for mark in marks
    )


def _contents(session: Session, letters: Sequence[Owed]) -> dict[int, Content]:
    """Of each reader's letter."""
    statement = select(Subscriber.id, Subscriber.language, Subscriber.format).where(among_ids(Subscriber.id))
    rows = session.execute(statement, {"ids": [letter.subscriber_id for letter in letters]})
    spoken = {reader: (language, LetterFormat(format_)) for reader, language, format_ in rows}
    return {letter.subscriber_id: Content(letter.posts, *spoken[letter.subscriber_id]) for letter in letters}


def _made(session: Session, edition: Edition, contents: Collection[Content]) -> dict[Content, int]:
    """The variants of those contents that an earlier step of this edition has rendered."""
    by_digest = {content.digest(): content for content in contents}
    mine = (Variant.edition_id == edition.id, Variant.digest.in_(by_digest))
    rows = session.execute(select(Variant.digest, Variant.id).where(*mine))
    return {by_digest[digest]: variant_id for digest, variant_id in rows}


def _kept(session: Session, edition: Edition, skeletons: Mapping[Content, Skeleton]) -> dict[Content, int]:
    """The variants of contents that were rendered; one that another worker has kept meanwhile is as good."""
    rows = [
        {
            "edition_id": edition.id,
            "digest": content.digest(),
            "language": content.language,
            "format": content.format,
            "posts": [list(pair) for pair in content.posts],
            "skeleton": skeleton.to_bytes(),
        }
        for content, skeleton in skeletons.items()
    ]
    insert_all_missing(session, Variant, rows)
    return _made(session, edition, skeletons) if rows else {}


def _write(session: Session, lease: Lease, step: Step, variants: Mapping[int, int], *, now: datetime) -> None:
    """The ledger rows of a step's letters, in a few statements; `variants` gives each reader's."""
    alike: dict[tuple[int, date | None], list[int]] = {}
    for letter in step.letters:
        replaced = step.replaced.get(letter.subscriber_id)
        paced_on = step.day or (replaced.paced_on if replaced is not None else None)
        alike.setdefault((variants[letter.subscriber_id], paced_on), []).append(letter.subscriber_id)
    made: dict[int, int] = {}
    for (variant_id, paced_on), readers in alike.items():
        made |= deliveries.write(session, lease, readers, variant_id=variant_id, paced_on=paced_on, now=now)
    deliveries.mark(
        session,
        [
            (made[letter.subscriber_id], mark.subscription_id, mark.after, mark.upto)
            for letter in step.letters
            if letter.subscriber_id in made
            for mark in letter.marks
        ],
    )


def _supersede(session: Session, delivery: Delivery, now: datetime) -> bool:
    """Close an open letter because the one written beside it carries its posts; one ever in doubt is never replaced."""
    from_states = [DeliveryState.pending, DeliveryState.soft]
    values = {"settled_at": now, "retry_at": None}
    if delivery.ever_in_doubt:
        return False
    return deliveries.settle(session, delivery.id, DeliveryState.superseded, was=from_states, values=values)
