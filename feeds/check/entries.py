"""From a post and one state of its words to the entry that feeds should have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial

from db.expected import Out
from db.published import File
from db.tables import Post, Revision, Series
from feeds.encode import enclosures
from feeds.ingredients import Ingredients
from feeds.publication import Publication
from text.links import Links
from text.markdown import feed_html


@dataclass(frozen=True)
class Entries:
    """Makes entries of posts that are out, or as if they were, from `words` by post and `files` by revision."""

    site: Publication
    words: Mapping[int, Sequence[Revision]]
    files: Mapping[int, Mapping[str, File]]

    def now(self, out: Out) -> Ingredients:
        """With the words that the post has now."""
        current = next(one for one in self.words[out.post.id] if one.id == out.post.revision_id)
        return self._entry(out, current)

    def since(self, out: Out, moment: datetime) -> tuple[Ingredients, ...]:
        """With the words it had at a moment, then with each that it has had since."""
        states = self.words[out.post.id]
        first = max((at for at, one in enumerate(states) if one.created_at <= moment), default=0)
        return tuple(self._entry(out, one) for one in states[first:])

    def changed_after(self, out: Out, moment: datetime) -> bool:
        """Whether its words have changed since in a way that is news."""
        states = self.words[out.post.id]
        return any(at > moment for at in _news(states, states[-1]))

    def _entry(self, out: Out, words: Revision) -> Ingredients:
        url, media = self._addresses(out.series, out.post, words)
        name, email = self.site.author_of(out.series.author, words.author)
        return Ingredients(
            id=out.post.entry_id,
            title=words.title,
            url=url,
            author_name=name,
            author_email=email,
            published=out.released_at,
            updated=max([out.released_at, *_news(self.words[out.post.id], words)]),
            summary=words.summary,
            tags=tuple(words.tags),
            language=out.series.language,
            full_text=self.site.full_text,
            enclosures=enclosures(self.files[words.id], media),
            rank=out.post.seq or 0,
            words=words.digest,
            media=tuple(media.items()),
            # Rendered once for all the documents that the post is in, if any of them asks.
            content=cache(partial(feed_html, words.body, Links(url, media))),
        )

    def _addresses(self, series: Series, post: Post, words: Revision) -> tuple[str, dict[str, str]]:
        addresses = self.site.addresses
        media = {path: addresses.media(file.digest, path) for path, file in self.files[words.id].items()}
        return addresses.post(series.slug, post.slug), media


def _news(states: Sequence[Revision], upto: Revision) -> list[datetime]:
    """When words changed in ways that are news, up to one state of them. The first is none: its release tells it."""
    return [one.created_at for one in states if one.significant and states[0].number < one.number <= upto.number]
