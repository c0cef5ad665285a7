"""Correction letters: a short note to those whose letter has the words from before a correction, once to each."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import corrections, editions, posts, tasks
from db import series as all_series
from db.corrections import Holder, Holders
from db.engine import Store
from db.errors import BadValue
from db.said import say, worded
from db.states import PRIORITIES, STOPPED_EDITIONS, EditionKind, EditionState, LetterFormat, PostState, Purpose
from db.subscribers import address_key
from db.tables import Audit, Batch, Delivery, Edition, Post, Revision, Series, Subscriber, Variant
from db.upsert import insert_missing
from mail.headers import one_line
from mail.skeleton import Skeleton
from scheduler.letters import House
from scheduler.naming import named
from scheduler.singles import rendered
from scheduler.steer import By, SteeringRefused

AT_ONCE = 200
"""Letters written in one transaction."""
LONGEST_NOTE = 500

Contents = dict[tuple[str, str], Skeleton]
"""What is said, by language and format."""


@dataclass(frozen=True)
class Correction:
    """A post as it is now, the letters that have it as it was, and what is said of the change.

    `key` is that of the edition which its letters are: asked for again, it is the same one.
    """

    post: Post
    words: Revision
    series: Series
    variants: frozenset[int]
    note: str

    @property
    def key(self) -> str:
        return f"correction:{self.post.id}:{self.words.number}"


def look_up(session: Session, series: str, slug: str, *, note: str, revisions: Sequence[int] = ()) -> Correction:
    """A correction of a post, as it would be told of now; `revisions`: the faulty ones alone, by their numbers.

    Raises BadValue for a post that nobody can read, and for a note that says nothing, or too much.
    """
    row = all_series.by_slug(session, series)
    post, words = posts.by_slug(session, row, slug)
    if post.state != PostState.released:
        values = {"post": f"{series}/{slug}", "state": named(post.state)}
        raise BadValue(say("%(post)s is %(state)s, not out: its letters would lead to nothing", **values))
    said = one_line(note)
    if not 0 < len(said) <= LONGEST_NOTE:
        raise BadValue(say("a note of one to %(most)s characters is expected: say what has changed", most=LONGEST_NOTE))
    known = set(session.scalars(select(Revision.number).where(Revision.post_id == post.id)))
    for number in revisions:
        if number not in known or number == words.number:
            earlier = ", ".join(map(str, sorted(known - {words.number}))) or "none"
            raise BadValue(f"{series}/{slug} has no earlier revision {number}; there are: {earlier}")
    return Correction(post, words, row, frozenset(corrections.carriers(session, post, revisions)), said)


def holders(session: Session, correction: Correction) -> Holders:
    """How many readers would be told now, and how many not."""
    return corrections.holders(session, correction.post, correction.variants, edition=correction.key)


def tell(store: Store, house: House, correction: Correction, by: By, *, now: datetime) -> int:
    """Have everybody told who was not yet; gives how many that were. Calendar time `now` is the date of the letters.

    In short transactions: interrupted and asked for again, it goes on, and nobody is told twice. Raises SteeringRefused
    when its edition is paused or was cancelled.
    """
    told, after, contents = 0, 0, Contents()
    while page := _page(store, correction, after=after):
        for holder in page:
            _prepare(house, correction, holder.reader, contents, now=now)
        with store.writing() as session:
            told += _write(session, house, correction, page, contents, by, now=now)
        after = page[-1].delivery_id
    return told


def _page(store: Store, correction: Correction, *, after: int) -> list[Holder]:
    with store.reading() as session:
        return corrections.page_to_tell(
            session, correction.post, correction.variants, edition=correction.key, after=after, limit=AT_ONCE
        )


def _prepare(house: House, correction: Correction, reader: Subscriber, contents: Contents, *, now: datetime) -> None:
    """Render what this reader is told, unless another one was told it before."""
    if (reader.language, reader.format) not in contents:
        about = {
            "title": correction.words.title,
            "series": correction.series.title,
            "number": correction.post.number,
            "note": correction.note,
            "url": house.addresses.post(correction.series.slug, correction.post.slug),
        }
        contents[reader.language, reader.format] = rendered(
            house, Purpose.correction, about, language=reader.language, form=LetterFormat(reader.format), now=now
        )


def _write(
    session: Session,
    house: House,
    correction: Correction,
    page: Sequence[Holder],
    contents: Contents,
    by: By,
    *,
    now: datetime,
) -> int:
    """A batch with a letter for each reader of the page who has none; gives how many."""
    edition = _opened(session, correction, by, now=now)
    there = corrections.told_of(session, edition.id, [holder.reader.id for holder in page])
    readers = {holder.reader.id: holder.reader for holder in page if holder.reader.id not in there}
    if not readers:
        return 0
    variants = {
        said: _variant(session, edition, said, contents[said]) for said in sorted(set(map(_said, readers.values())))
    }
    batch = Batch(edition_id=edition.id, first=min(readers), last=max(readers), cursor=max(readers))
    session.add(batch)
    session.flush()
    session.add_all(_letter(house, reader, batch, variants, now=now) for _, reader in sorted(readers.items()))
    session.flush()
    tasks.note(session, [tasks.batch(batch.id)])
    return len(readers)


def _opened(session: Session, correction: Correction, by: By, *, now: datetime) -> Edition:
    """The edition, locked, going out. Raises SteeringRefused for one that was stopped."""
    row = {
        "key": correction.key,
        "kind": EditionKind.correction,
        "series_id": correction.series.id,
        "priority": PRIORITIES[EditionKind.correction],
        "moment": now,
        "state": EditionState.sending,
        "created_at": now,
    }
    new = insert_missing(session, Edition, row)
    edition = session.scalars(select(Edition).where(Edition.key == correction.key).with_for_update()).one()
    if edition.state in STOPPED_EDITIONS:
        values = {"state": named(edition.state)}
        said = say("these letters are %(state)s; paused ones can be resumed among the editions", **values)
        why = f"`fascicle editions show {edition.key}` says why"
        english = f"these letters are {edition.state}: {why}; `editions resume` lets paused ones go on"
        raise SteeringRefused(worded(english, said))
    editions.move_state(session, edition.id, EditionState.sending, was=[EditionState.finished])
    if new:
        detail = {"post": correction.post.id, "revision": correction.words.number, "note": correction.note}
        subject = editions.subject(edition.id)
        session.add(Audit(at=by.at, actor=by.who, action="correction letters", subject=subject, detail=detail))
    return edition


def _said(reader: Subscriber) -> tuple[str, str]:
    return reader.language, reader.format


def _variant(session: Session, edition: Edition, said: tuple[str, str], skeleton: Skeleton) -> int:
    stored = skeleton.to_bytes()
    # By what is said, too: asked for again on another day, or with another note, it is another content.
    digest = hashlib.sha256("\0".join(said).encode() + stored).hexdigest()
    language, form = said
    row = {
        "edition_id": edition.id,
        "digest": digest,
        "language": language,
        "format": form,
        "posts": [],
        "skeleton": stored,
    }
    insert_missing(session, Variant, row)
    mine = (Variant.edition_id == edition.id, Variant.digest == digest)
    return session.scalars(select(Variant.id).where(*mine)).one()


def _letter(
    house: House, reader: Subscriber, batch: Batch, variants: Mapping[tuple[str, str], int], *, now: datetime
) -> Delivery:
    return Delivery(
        edition_id=batch.edition_id,
        subscriber_id=reader.id,
        batch_id=batch.id,
        variant_id=variants[_said(reader)],
        address=reader.address,
        name=reader.name,
        date=now,
        purpose=Purpose.correction,
        fingerprint=house.tokens.fingerprint(address_key(reader.address)),
    )
