"""What a post says, written down as a new revision with its tags and files; and what feeds have to say anew for it."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from db import feed_work, installation, media, posts, revisions, tags
from db.errors import BadValue
from db.tables import Post, Revision, RevisionMedia, Series
from text.addresses import tag_slug


@dataclass(frozen=True, kw_only=True)
class Wording:
    """All that one revision holds. `files` has the paths in the Markdown with the digests of files in the store."""

    title: str
    summary: str
    author: str | None
    tags: tuple[str, ...]
    body: str
    files: Mapping[str, str]

    @property
    def digest(self) -> str:
        words = [self.title, self.summary, self.author, list(self.tags), self.body, sorted(self.files.items())]
        return hashlib.sha256(json.dumps(words).encode()).hexdigest()


def wording_of(session: Session, words: Revision) -> Wording:
    """What a revision holds."""
    return Wording(
        title=words.title,
        summary=words.summary,
        author=words.author,
        tags=tuple(words.tags),
        body=words.body,
        files=posts.media_of(session, [words.id])[words.id],
    )


def new_post(session: Session, series: Series, slug: str, *, entry_id: str | None, now: datetime) -> Post:
    """A post without words, with its id for ever."""
    identity = entry_id or minted(session, now)
    post = Post(series_id=series.id, slug=slug, entry_id=identity, created_at=now, zone=series.zone)
    session.add(post)
    session.flush()
    return post


def minted(session: Session, now: datetime) -> str:
    """A tag: IRI of our own (RFC 4151), never made twice and never changed."""
    return f"tag:{installation.the(session).minted_domain},{now:%Y-%m-%d}:{uuid.uuid4().hex}"


def revise(
    session: Session, post: Post, wording: Wording, *, actor: str, now: datetime, minor: bool = False
) -> Revision:
    """Give a post other words. Raises BadValue when a file that they show is not in the store."""
    _want_tags(session, post)
    words = Revision(
        post_id=post.id,
        number=revisions.last_number(session, post.id) + 1,
        title=wording.title,
        summary=wording.summary,
        author=wording.author,
        tags=list(wording.tags),
        body=wording.body,
        digest=wording.digest,
        significant=not minor,
        actor=actor,
        created_at=now,
    )
    session.add(words)
    session.flush()
    post.revision_id = words.id
    tags.put(session, post.id, {tag_slug(name): name for name in wording.tags if name.strip()})
    _want_tags(session, post)
    _refer(session, words, wording.files)
    session.flush()
    return words


def _refer(session: Session, words: Revision, files: Mapping[str, str]) -> None:
    held = media.held(session, files.values())
    for path, digest in files.items():
        if digest not in held:
            raise BadValue(f"the file {path!r} is not in the store any more; upload it again")
        session.add(RevisionMedia(revision_id=words.id, path=path, media_id=held[digest]))


def want_feeds(session: Session, series: Series) -> None:
    """The feeds that speak of a post whose words changed; those of its tags are wanted by `revise`."""
    feed_work.want(session, [feed_work.topic_of(series.id), feed_work.ALL])


def _want_tags(session: Session, post: Post) -> None:
    """The feeds of the tags that a post has now, when it came out: those of a withdrawn one speak of it, too."""
    if post.seq is not None:
        feed_work.want(session, [feed_work.tag(tag) for tag in tags.of_posts(session, [post.id])])
