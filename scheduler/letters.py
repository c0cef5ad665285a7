"""From posts in the store to the values that a letter is rendered from, and from a ledger row to its bytes."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from jinja2 import Environment
from sqlalchemy import select
from sqlalchemy.orm import Session

from db import posts
from db.deliveries import Letter, Waiting
from db.states import TO_OPERATORS, EditionKind, LetterFormat, PostState, Purpose
from db.tables import Delivery, Edition, Post, Release, Revision, Series
from mail.dkim import Signer
from mail.letter import Announced, LetterPost, Neighbour, PostsLetter, letter_headers, render_posts
from mail.line import Stuffed
from mail.skeleton import GAPS, Skeleton, fill
from mail.tokens import PREFERENCES, UNSUBSCRIBE, VIEW, Tokens
from scheduler.invitation_links import token_of
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
    """What letters say of their sender, and with what they are made.

    Mail to `leave_address` is read by somebody who knows `scheduler.leaving.leave_by_mail`; None: by nobody.
    """

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
    leave_address: str | None = None


def render(house: House, session: Session, edition: Edition, content: Content) -> Skeleton:
    """The letter that everybody with this content gets, with gaps for what is the reader's."""
    zone = edition.zone or house.zone
    wall = to_wall(edition.moment, zone)
    beside = {post_id for post_id, _ in content.posts}
    carried = tuple(
        _letter_post(house, session, edition, *pair, full=place < FULL_TEXTS, beside=beside)
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
    house: House, session: Session, edition: Edition, post_id: int, revision_id: int, *, full: bool, beside: set[int]
) -> LetterPost:
    """A post as a letter has it. What comes after it is not linked where the letter has that too.

    Made once in a snapshot: readers of several series get the same post beside many others.
    """
    made: dict[tuple[int, int, int, bool], tuple[LetterPost, int | None]] = session.info.setdefault(_letter_post, {})
    key = (edition.id, post_id, revision_id, full)
    if key not in made:
        made[key] = _made(house, session, edition, post_id, revision_id, full=full)
    post, after = made[key]
    return replace(post, next=None) if after in beside else post


def _made(
    house: House, session: Session, edition: Edition, post_id: int, revision_id: int, *, full: bool
) -> tuple[LetterPost, int | None]:
    """A post as a letter has it, and the id of the one that came out after it."""
    post, words = session.get_one(Post, post_id), session.get_one(Revision, revision_id)
    series = session.get_one(Series, post.series_id)
    url = house.addresses.post(series.slug, post.slug)
    media = posts.media_of(session, [words.id])[words.id].items()
    files = tuple((path, house.addresses.media(digest, path)) for path, digest in media)
    html, text = _told(words.body, url, files) if full else ("", "")
    before, after = (_beside(session, series, post, later=later) for later in (False, True))
    made = LetterPost(
        series_title=series.title,
        series_url=house.addresses.series(series.slug),
        number=post.number,
        of=series.announced_count,
        title=words.title,
        url=url,
        html=html,
        text=text,
        full=full,
        previous=_neighbour(house, series, before),
        next=_neighbour(house, series, after),
        coming=None if after else _coming(session, series, edition.moment),
    )
    return made, after.id if after else None


@lru_cache(256)
def _told(body: str, url: str, files: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """A post's words as HTML and as text; kept from one snapshot to the next."""
    links = Links(url, dict(files))
    return letter_html(body, links), plain_text(body, links)


def _beside(session: Session, series: Series, post: Post, *, later: bool) -> Post | None:
    """The post that is out and comes next to this one in the order of their releases."""
    statement = select(Post).join(Release, Release.post_id == Post.id).where(Post.series_id == series.id)
    seq = series.last_seq + 1 if post.seq is None else post.seq  # of one that is looked at before it is out
    side = Post.seq > seq if later else Post.seq < seq
    order = Post.seq.asc() if later else Post.seq.desc()
    return session.scalar(statement.where(side, Post.state == PostState.released).order_by(order).limit(1))


def _neighbour(house: House, series: Series, post: Post | None) -> Neighbour | None:
    if post is None:
        return None
    return Neighbour(number=post.number, url=house.addresses.post(series.slug, post.slug))


def _coming(session: Session, series: Series, moment: datetime) -> Announced | None:
    """What comes next, where the series announces."""
    if not series.announces:
        return None
    statement = select(Post).where(
        Post.series_id == series.id, Post.state == PostState.planned, Post.due_at > moment, Post.wall.is_not(None)
    )
    coming = session.scalar(statement.order_by(Post.due_at).limit(1))
    return None if coming is None or coming.wall is None else Announced(number=coming.number, day=coming.wall.date())


Counters = Callable[[str, int], int]
"""The counter that a token has to carry, by its purpose and subject."""

_TO_LEAVE = (None, Purpose.welcome, Purpose.already, Purpose.correction, Purpose.preferences)
"""Letters by which somebody can leave: they go to who gets letters."""


def bytes_of(house: House, counters: Counters, letter: Letter) -> bytes:
    """The message of a ledger row: the same bytes at every call, whatever has been edited since."""
    row = letter.delivery
    links = _links(house, counters, row, letter.edition_key)
    headers = letter_headers(
        from_name=house.from_name,
        from_address=house.from_address,
        to_name=row.name,
        to_address=row.address,
        date=row.date,
        message_id=house.tokens.message_id(f"{letter.edition_key}|{row.subscriber_id}", house.domain),
        list_id=house.domain,
        list_title=house.title,
        unsubscribe_url=links.get("unsubscribe_url") if row.purpose in _TO_LEAVE else None,
        unsubscribe_mailto=links.get("leave_by_mail"),
        reply_to=house.reply_to,
        feedback_id=_feedback_id(house.domain, letter.kind if row.purpose is None else row.purpose),
    )
    skeleton = _skeleton(letter.variant.skeleton)
    message = fill(skeleton, headers=headers, values={"name": row.name, **links})
    if house.signer is not None:
        message = house.signer.sign(message, at=row.date, blanks_single=skeleton.blanks_single)
    # Looking whether it needs anything more for the line would take longer than making it; older ones are looked at.
    return Stuffed(message) if skeleton.blanks_single else message


@lru_cache(maxsize=64)
def _feedback_id(domain: str, kind: str) -> str:
    """The kind of letter, and who sends it: what complaints are counted by. It never tells who reads."""
    return f"{kind}:{hashlib.sha256(domain.encode()).hexdigest()[:12]}"


def _links(house: House, counters: Counters, row: Delivery | Waiting, key: str) -> dict[str, str]:
    """The links of a letter that are the reader's own; those it has a right to."""
    if row.purpose == Purpose.invitation:
        return {"action_url": house.addresses.welcome(token_of(house.tokens, key.removeprefix("single:")))}
    if row.purpose in TO_OPERATORS:  # a letter on trial looks like any other, and acts for nobody
        return {name: house.addresses.site() for name in GAPS if name != "name"}
    links: dict[str, str] = {}
    reader = row.subscriber_id
    if reader is not None:
        unsubscribe = house.tokens.make(UNSUBSCRIBE, reader, counters(UNSUBSCRIBE, reader))
        preferences = house.tokens.make(PREFERENCES, reader, counters(PREFERENCES, reader))
        links["unsubscribe_url"] = house.addresses.unsubscribe(unsubscribe)
        if house.leave_address is not None:
            links["leave_by_mail"] = f"mailto:{house.leave_address}?subject={unsubscribe}"
        links["preferences_url"] = house.addresses.preferences(preferences)
        # Revoked together with the ways to leave, that a stranger was shown who has this one.
        links["view_url"] = house.addresses.letter(house.tokens.make(VIEW, row.id, counters(UNSUBSCRIBE, reader)))
    if row.wish_id is not None and row.purpose is not None:
        links["action_url"] = house.addresses.confirm(house.tokens.make(row.purpose, row.wish_id, 0))
    return links


@lru_cache(maxsize=32)
def _skeleton(stored: bytes) -> Skeleton:
    """Read once for the many letters that have the same one."""
    return Skeleton.from_bytes(stored)
