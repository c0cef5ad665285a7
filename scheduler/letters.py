"""From posts in the store to the values that a letter is rendered from, and from a ledger row to its bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from jinja2 import Environment
from sqlalchemy import select
from sqlalchemy.orm import Session

from db import posts
from db.deliveries import Letter
from db.states import EditionKind, LetterFormat, PostState
from db.tables import Edition, Post, Release, Revision, Series
from mail.dkim import Signer
from mail.letter import Announced, LetterPost, Neighbour, PostsLetter, letter_headers, render_posts
from mail.line import Stuffed
from mail.skeleton import Skeleton, fill
from mail.tokens import UNSUBSCRIBE, Tokens
from scheduler.prepare import Content
from text.addresses import Addresses
from text.markdown import Links, letter_html, plain_text
from timing.wall import to_wall

FULL_TEXTS = 7
"""Posts that a letter carries whole, the oldest first; of what a long pause left behind them it has the links."""
LINKS = 30
"""Posts that it links to behind those; of more it has the number."""


@dataclass(frozen=True)
class House:
    """What letters say of their sender, and with what they are made."""

    title: str
    postal_address: str
    zone: str
    from_name: str
    from_address: str
    reply_to: str | None
    domain: str
    addresses: Addresses
    tokens: Tokens
    env: Environment
    signer: Signer | None = None


def render(house: House, session: Session, edition: Edition, content: Content) -> Skeleton:
    """The letter that everybody with this content gets, with gaps for what is the reader's."""
    zone = edition.zone or house.zone
    wall = to_wall(edition.moment, zone)
    carried = tuple(
        _letter_post(house, session, edition, *pair, full=place < FULL_TEXTS)
        for place, pair in enumerate(content.posts[: FULL_TEXTS + LINKS])
    )
    letter = PostsLetter(
        name=_FOLDERS[EditionKind(edition.kind)],
        site_title=house.title,
        site_url=house.addresses.site(),
        date=edition.local_date or wall.date(),
        zone=zone,
        hour=wall.hour if edition.hour is None else edition.hour,
        posts=carried,
        more=len(content.posts) - len(carried),
        postal_address=house.postal_address,
        language=content.language,
        format="html" if content.format is LetterFormat.html else "text",
    )
    return render_posts(house.env, letter)


_FOLDERS = {EditionKind.digest: "digest", EditionKind.instant: "instant", EditionKind.personal: "catch-up"}


def _letter_post(
    house: House, session: Session, edition: Edition, post_id: int, revision_id: int, *, full: bool
) -> LetterPost:
    post, words = session.get_one(Post, post_id), session.get_one(Revision, revision_id)
    series = session.get_one(Series, post.series_id)
    url = house.addresses.post(series.slug, post.slug)
    media = posts.media_of(session, [words.id])[words.id]
    links = Links(url, {path: house.addresses.media(digest, path) for path, digest in media.items()})
    return LetterPost(
        series_title=series.title,
        series_url=house.addresses.series(series.slug),
        number=post.number,
        of=series.announced_count,
        title=words.title,
        url=url,
        html=letter_html(words.body, links) if full else "",
        text=plain_text(words.body, links) if full else "",
        full=full,
        previous=_previous(house, session, series, post),
        coming=_coming(session, series, edition.moment),
    )


def _previous(house: House, session: Session, series: Series, post: Post) -> Neighbour | None:
    statement = (
        select(Post)
        .join(Release, Release.post_id == Post.id)
        .where(Post.series_id == series.id, Post.seq < post.seq, Post.state == PostState.released)
        .order_by(Post.seq.desc())
        .limit(1)
    )
    before = session.scalar(statement)
    return (
        None if before is None else Neighbour(number=before.number, url=house.addresses.post(series.slug, before.slug))
    )


def _coming(session: Session, series: Series, moment: datetime) -> Announced | None:
    """What comes next, where the series announces."""
    if not series.announces:
        return None
    statement = select(Post).where(
        Post.series_id == series.id, Post.state == PostState.planned, Post.due_at > moment, Post.wall.is_not(None)
    )
    coming = session.scalar(statement.order_by(Post.due_at).limit(1))
    return None if coming is None or coming.wall is None else Announced(number=coming.number, day=coming.wall.date())


def bytes_of(house: House, counters: Callable[[int], int], letter: Letter) -> bytes:
    """The message of a ledger row: the same bytes at every call, whatever has been edited since."""
    row = letter.delivery
    token = house.tokens.make(UNSUBSCRIBE, row.subscriber_id, counters(row.subscriber_id))
    unsubscribe = house.addresses.unsubscribe(token)
    headers = letter_headers(
        from_name=house.from_name,
        from_address=house.from_address,
        to_name=row.name,
        to_address=row.address,
        date=row.date,
        message_id=house.tokens.message_id(f"{letter.edition_key}|{row.subscriber_id}", house.domain),
        list_id=house.domain,
        list_title=house.title,
        unsubscribe_url=unsubscribe,
        unsubscribe_mailto=None,
        reply_to=house.reply_to,
    )
    values = {"name": row.name, "unsubscribe_url": unsubscribe, "preferences_url": unsubscribe}
    skeleton = _skeleton(letter.variant.skeleton)
    message = fill(skeleton, headers=headers, values=values)
    if house.signer is not None:
        message = house.signer.sign(message, at=row.date, blanks_single=skeleton.blanks_single)
    # Looking whether it needs anything more for the line would take longer than making it; older ones are looked at.
    return Stuffed(message) if skeleton.blanks_single else message


@lru_cache(maxsize=32)
def _skeleton(stored: bytes) -> Skeleton:
    """Read once for the many letters that have the same one."""
    return Skeleton.from_bytes(stored)
