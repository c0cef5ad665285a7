"""From released posts to encoded entries: kept ones where nothing changed, new ones where something did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from db import published
from db.engine import Store
from db.published import File, Item
from feeds.entry import Enclosure
from feeds.form import Form
from feeds.fragment import Piece, fragment, piece
from feeds.ingredients import Ingredients, fragment_key
from feeds.publication import Publication
from text.links import Links
from text.markdown import feed_html

AT_ONCE = 50
"""Posts rendered between two writes: a crash loses no more work, and no write is long."""
ENCLOSED = ("audio/", "video/", "application/epub+zip")


class _Stale(NamedTuple):
    """A post whose kept entry, if any, is made of other ingredients than it has now."""

    item: Item
    made_of: Ingredients
    key: str


@dataclass(frozen=True)
class Encoder:
    """Encodes posts as entries of feeds; what it encodes is kept in the store, unless it only `reads`."""

    store: Store
    site: Publication
    reads: bool = False

    def pieces(self, items: Sequence[Item], form: Form, *, mixed: bool) -> list[Piece]:
        """The entries of posts, in their order; `mixed` in feeds that name the series."""
        with self.store.reading() as session:
            files = published.files(session, [item.revision_id for item in items])
            kept = published.fragments(session, [item.post_id for item in items], form=form, mixed=mixed)
        made_of = {item.post_id: self._ingredients(item, files[item.revision_id], mixed=mixed) for item in items}
        keys = {item.post_id: fragment_key(form, made_of[item.post_id]) for item in items}
        bodies = {post_id: body for post_id, (key, body) in kept.items() if key == keys[post_id]}
        stale = [
            _Stale(item, made_of[item.post_id], keys[item.post_id]) for item in items if item.post_id not in bodies
        ]
        for begin in range(0, len(stale), AT_ONCE):
            bodies.update(self._encoded(stale[begin : begin + AT_ONCE], form, mixed=mixed))
        return [piece(made_of[item.post_id], bodies[item.post_id]) for item in items]

    def _encoded(self, stale: Sequence[_Stale], form: Form, *, mixed: bool) -> dict[int, bytes]:
        with self.store.reading() as session:
            texts = published.bodies(session, [one.item.revision_id for one in stale])
        new = {
            item.post_id: fragment(form, _with_text(made_of, texts[item.revision_id]).entry())
            for item, made_of, _ in stale
        }
        if self.reads:
            return new
        named = {"form": form, "mixed": mixed}
        # In one order for all writers: on PostgreSQL two of them could else wait for each other for ever.
        by_id = sorted(stale, key=lambda one: one.item.post_id)
        rows = [{"post_id": one.item.post_id, **named, "key": one.key, "body": new[one.item.post_id]} for one in by_id]
        with self.store.writing() as session:
            published.put_fragments(session, rows)
        return new

    def _ingredients(self, item: Item, files: Mapping[str, File], *, mixed: bool) -> Ingredients:
        url = self.site.addresses.post(item.series_slug, item.slug)
        media = {path: self.site.addresses.media(file.digest, path) for path, file in files.items()}
        name, email = self.site.author_of(item.series_author, item.author)
        return Ingredients(
            id=item.entry_id,
            title=item.title,
            url=url,
            author_name=name,
            author_email=email,
            published=item.released_at,
            updated=max(item.changed_at or item.released_at, item.released_at),
            summary=item.summary,
            tags=tuple(item.tags),
            language=item.language,
            series_title=item.series_title if mixed else None,
            full_text=self.site.full_text,
            enclosures=enclosures(files, media),
            rank=item.seq,
            words=item.digest,
            media=tuple(media.items()),
            content=partial(_never, item.slug),
        )


def _with_text(made_of: Ingredients, markdown: str) -> Ingredients:
    links = Links(made_of.url, dict(made_of.media))
    values = {**vars(made_of), "content": partial(feed_html, markdown, links)}
    values.pop("inputs", None)
    return Ingredients(**values)


def _never(slug: str) -> str:
    raise AssertionError(f"the text of {slug} was not read")


def enclosures(files: Mapping[str, File], media: Mapping[str, str]) -> tuple[Enclosure, ...]:
    """Recordings before books: RSS has room for one, and who subscribes to recordings wants that."""
    enclosed = [file for file in files.values() if file.content_type.startswith(ENCLOSED)]
    enclosed.sort(key=lambda file: (file.content_type.startswith("application/"), file.path))
    return tuple(
        Enclosure(
            url=media[file.path],
            content_type=file.content_type,
            length=file.length,
            title=file.path.rpartition("/")[2],
        )
        for file in enclosed
    )
