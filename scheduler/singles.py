"""Single letters: each is a row of the ledger, written in the transaction that is its cause."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import tasks
from db.states import PRIORITIES, EditionKind, EditionState, LetterFormat, Purpose
from db.subscribers import address_key
from db.tables import Batch, Delivery, Edition, Subscriber, Variant
from db.upsert import insert_missing
from mail.headers import smtp_address
from mail.single import SingleLetter, render_single
from mail.skeleton import Skeleton
from scheduler.letters import House
from timing.wall import to_wall


@dataclass(frozen=True, kw_only=True)
class Single:
    """One letter to one address. `key` is what makes it happen once; `about` are the values that its templates name."""

    purpose: Purpose
    key: str
    address: str
    language: str
    format: LetterFormat = LetterFormat.html
    name: str = ""
    reader_id: int | None = None
    wish_id: int | None = None
    about: Mapping[str, object] = field(default_factory=dict)


def to_reader(
    reader: Subscriber, purpose: Purpose, key: object, *, wish_id: int | None = None, **about: object
) -> Single:
    """A letter to a reader at their address, in their language and format."""
    return Single(
        purpose=purpose,
        key=f"{purpose}:{reader.id}:{key}",
        address=reader.address,
        name=reader.name,
        language=reader.language,
        format=LetterFormat(reader.format),
        reader_id=reader.id,
        wish_id=wish_id,
        about=about,
    )


def send(session: Session, house: House, single: Single, *, now: datetime, skeleton: Skeleton | None = None) -> bool:
    """Have a letter sent at once, before any digest; False when it is there already.

    It is rendered here, so that it says what is true now, unless its `skeleton` is given. Whether it may go is asked
    once more before its dot. Raises BadValue for an address that cannot be written to.
    """
    smtp_address(single.address)
    skeleton = skeleton or rendered(
        house, single.purpose, single.about, language=single.language, form=single.format, now=now
    )
    row = {
        "key": f"single:{single.key}",
        "kind": EditionKind.single,
        "priority": PRIORITIES[EditionKind.single],
        "moment": now,
        "state": EditionState.sending,
        "created_at": now,
    }
    if not insert_missing(session, Edition, row):
        return False
    edition_id = session.scalars(select(Edition.id).where(Edition.key == row["key"])).one()
    _write(session, house, single, skeleton, edition_id=edition_id, now=now)
    return True


def rendered(
    house: House,
    purpose: Purpose,
    about: Mapping[str, object],
    *,
    language: str,
    form: LetterFormat,
    now: datetime,
) -> Skeleton:
    """What a letter for this purpose says, with gaps for what is the reader's."""
    letter = SingleLetter(
        name=purpose,
        site_title=house.title,
        site_url=house.addresses.site(),
        postal_address=house.postal_address,
        date=to_wall(now, house.zone).date(),
        about=about,
        language=language,
        format="html" if form is LetterFormat.html else "text",
    )
    return render_single(house.env, letter)


def _write(
    session: Session, house: House, single: Single, skeleton: Skeleton, *, edition_id: int, now: datetime
) -> None:
    """A batch in which everybody has been looked at, and the one letter in it."""
    place = single.reader_id or 0
    batch = Batch(edition_id=edition_id, first=place, last=place, cursor=place)
    variant = Variant(
        edition_id=edition_id,
        digest=single.purpose,
        language=single.language,
        format=single.format,
        posts=[],
        skeleton=skeleton.to_bytes(),
    )
    session.add_all([batch, variant])
    session.flush()
    session.add(
        Delivery(
            edition_id=edition_id,
            subscriber_id=single.reader_id,
            batch_id=batch.id,
            variant_id=variant.id,
            address=single.address,
            name=single.name,
            date=now,
            purpose=single.purpose,
            fingerprint=house.tokens.fingerprint(address_key(single.address)),
            wish_id=single.wish_id,
        )
    )
    session.flush()
    tasks.note(session, [tasks.batch(batch.id)])
