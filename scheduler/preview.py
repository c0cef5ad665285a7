"""Letters to look at before anybody gets them: of a post, of what a reader is owed, of one that is in the ledger."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import posts, words
from db import series as all_series
from db.errors import BadValue
from db.said import say, worded
from db.states import EditionKind, LetterFormat
from db.tables import Delivery, Edition, Subscriber, Variant
from mail.letter import letter_headers
from mail.showing import Shown, shown
from mail.skeleton import GAPS, Skeleton, fill
from mail.trial import marked
from scheduler.letters import House, render
from scheduler.owed import owed_to
from scheduler.prepare import Content
from timing.wall import to_wall


@dataclass(frozen=True)
class Preview:
    """A letter of nobody's: its links for readers lead to the site, and do nothing."""

    skeleton: Skeleton
    values: dict[str, str]

    @property
    def shown(self) -> Shown:
        return shown(self.skeleton, self.values)


def as_message(house: House, found: Preview, to: str, *, at: datetime, mark: str) -> bytes:
    """A message like any other, but for a mark in its subject, a Message-ID of its own, and no way to leave."""
    headers = letter_headers(
        from_name=house.from_name,
        from_address=house.from_address,
        to_name=None,
        to_address=to,
        date=at,
        message_id=house.tokens.message_id(f"test|{uuid.uuid4()}", house.domain),
        list_id=house.domain,
        list_title=house.title,
        unsubscribe_url=None,
        unsubscribe_mailto=None,
        reply_to=house.reply_to,
    )
    skeleton = marked(found.skeleton, mark) if mark else found.skeleton
    message = fill(skeleton, headers=headers, values=found.values)
    return house.signer.sign(message, at=at, blanks_single=skeleton.blanks_single) if house.signer else message


def inert(house: House, *, name: str) -> dict[str, str]:
    """What stands in the gaps of a letter that acts for nobody."""
    return dict.fromkeys(GAPS, house.addresses.site()) | {"name": name}


def of_post(
    house: House, session: Session, series: str, slug: str, *, language: str, form: LetterFormat, now: datetime
) -> Preview:
    """The letter at once that a post is sent in, as it would be now; it need not be out. Raises PostNotFound."""
    row = all_series.by_slug(session, series)
    written = posts.by_slug(session, row, slug)
    edition = Edition(kind=EditionKind.instant, series_id=row.id, moment=now)
    content = Content(((written.post.id, written.words.id),), language, form)
    return Preview(render(house, session, edition, content), inert(house, name=""))


def of_reader(house: House, session: Session, reader: Subscriber, *, now: datetime) -> Preview:
    """The digest of all that a reader is owed now. Raises BadValue when that is nothing."""
    day = to_wall(now, reader.zone).date()
    # Since a week ago, so that every weekday joins.
    edition = Edition(
        kind=EditionKind.digest,
        zone=reader.zone,
        hour=reader.hour,
        local_date=day,
        since_date=day.fromordinal(day.toordinal() - 7),
        moment=now,
    )
    cuts = {series.id: series.last_seq for series in all_series.all_series(session)}
    owed = owed_to(session, edition, [reader.id], cuts=cuts)
    if not owed:
        none = say("%(address)s is owed nothing by digest now", address=reader.address)
        raise BadValue(worded(f"{none}; --post SERIES/SLUG shows a letter of one post", none))
    content = Content(owed[0].posts, reader.language, LetterFormat(reader.format))
    return Preview(render(house, session, edition, content), inert(house, name=reader.name))


def of_edition(house: House, session: Session, edition: str, reader: Subscriber | None) -> Preview:
    """A letter of an edition as it is in the ledger: that of a reader, or the first. Raises BadValue."""
    statement = (
        select(Delivery, Variant)
        .join(Variant, Variant.id == Delivery.variant_id)
        .join(Edition, Edition.id == Delivery.edition_id)
        .where(Edition.key == edition)
        .order_by(Delivery.id)
    )
    if reader is not None:
        statement = statement.where(Delivery.subscriber_id == reader.id)
    row = session.execute(statement.limit(1)).first()
    if row is None:
        whose = f" for {reader.address}" if reader else ""
        english = f"no letter of {edition!r}{whose} in the ledger; `fascicle editions list` shows the editions"
        raise BadValue(worded(english, say("there is no letter of %(edition)s", edition=edition)))
    delivery, variant = row
    if variant.skeleton == words.NONE:
        raise BadValue(
            say("the words of letters of %(edition)s were let go, as `mail.keep_days` says", edition=edition)
        )
    return Preview(Skeleton.from_bytes(variant.skeleton), inert(house, name=delivery.name))
