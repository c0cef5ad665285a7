"""All rules over all that is published."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from xml.etree.ElementTree import ParseError

from lxml import etree  # type: ignore[import-untyped]  # there are no stubs

from feeds.check import dates, frame, identity, links, markup, membership, words
from feeds.check.archives import Placed, chains_reach_every_chapter
from feeds.check.behind import what_is_behind
from feeds.check.differing import an_archive_stays_as_it_was, it_is_what_would_be_written
from feeds.check.finding import Finding, Found
from feeds.check.grammar import faults
from feeds.check.kinds import KINDS
from feeds.check.model import Document, Model
from feeds.check.reading import read
from feeds.check.rule import DocumentRule, Look
from feeds.check.seen import SeenFeed
from feeds.check.stored import all_series_are_listed, nothing_is_left_over, the_style_is_ours, the_twin_belongs
from feeds.check.together import ids_are_the_same_in_each_form
from feeds.publish import OPML_PATH, STYLE_PATH
from feeds.storage import Storage, is_frozen

RULES: tuple[DocumentRule, ...] = (
    identity.entries_have_ids,
    identity.ids_are_there_once,
    identity.ids_never_change,
    identity.the_feed_keeps_its_id,
    membership.every_chapter_is_there,
    membership.nothing_else_is_there,
    membership.withdrawn_chapters_are_named,
    dates.dates_are_plain,
    dates.dates_are_those_of_the_post,
    dates.nothing_is_updated_before_it_is_published,
    dates.the_feed_is_as_new_as_its_entries,
    dates.nothing_is_dated_ahead,
    dates.newest_first,
    links.addresses_are_absolute,
    links.the_feed_names_itself_once,
    links.the_hub_is_named,
    links.the_feed_names_its_page,
    links.entries_name_their_pages,
    links.links_keep_their_attributes,
    links.enclosures_are_whole,
    words.titles_are_not_blank,
    words.nothing_is_escaped_twice,
    words.texts_are_those_of_the_post,
    words.tags_are_those_of_the_post,
    words.authors_are_named,
    words.languages_are_named,
    markup.content_is_harmless,
    markup.addresses_within_are_absolute,
    frame.it_is_shown_with_a_style,
    frame.a_complete_feed_has_no_archives,
    frame.an_archive_says_that_it_is_one,
    an_archive_stays_as_it_was,
)
"""What is asked of every feed."""


def check(model: Model, storage: Storage, only: Collection[str] = ()) -> list[Finding]:
    """What a reader would trip over, in the documents of these paths or in all. Raises StorageRefused."""
    found = _Documents(model, storage, frozenset(only or [*paths_of(model), *storage.paths(), *model.behind])).found()
    return [
        Finding(rule=one.rule, severity=KINDS[one.rule], path=path, message=one.message, mend=_mend(model, path, one))
        for path, one in found
    ]


def paths_of(model: Model) -> list[str]:
    """Where documents should be."""
    return sorted([*model.documents, OPML_PATH, STYLE_PATH])


@dataclass(frozen=True)
class _Documents:
    """What is published, of which the documents at some paths are `asked` about."""

    model: Model
    storage: Storage
    asked: frozenset[str]
    seen: dict[str, SeenFeed] = field(default_factory=dict)

    def found(self) -> Iterator[Placed]:
        for path in paths_of(self.model):
            # Read even where it is not asked about: others are compared with it.
            told = self._at(path)
            if path in self.asked:
                yield from ((path, one) for one in told)
        together = (
            ids_are_the_same_in_each_form(self.model, self.seen),
            chains_reach_every_chapter(self.model, self.seen),
            nothing_is_left_over(self.model, self.storage.paths()),
            what_is_behind(self.model),
        )
        yield from ((path, one) for told in together for path, one in told if path in self.asked)

    def _at(self, path: str) -> Iterable[Found]:
        stored = self.storage.read(path)
        if stored is None:
            return [Found("document-missing", "nothing is there: its readers get an error")]
        twin = the_twin_belongs(path, stored)
        if path == OPML_PATH:
            return chain(twin, all_series_are_listed(self.model, stored.body))
        if path == STYLE_PATH:
            return chain(twin, the_style_is_ours(stored))
        return chain(twin, self._of_feed(self.model.documents[path], stored.body))

    def _of_feed(self, document: Document, body: bytes) -> Iterable[Found]:
        try:
            feed = read(document.form, body)
        except (etree.XMLSyntaxError, ValueError) as error:
            return [_unreadable(error)]
        self.seen[document.path] = feed
        return _of_readable(Look(document, feed, self.model), body)


def _of_readable(look: Look, body: bytes) -> Iterator[Found]:
    try:
        wrong = faults(look.document.form, body)
    except ParseError as error:
        yield _unreadable(error)
        return
    if wrong:
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        yield Found("grammar", f"it is not as {look.document.form} wants it: {wrong[0]}{more}")
    found = [one for rule in RULES for one in rule(look)]
    yield from found
    # This one has no words for what is wrong; it speaks only where nobody else did.
    named = {one.entry for one in found} | ({None} if wrong else set())
    yield from (one for one in it_is_what_would_be_written(look) if one.entry not in named)


def _unreadable(error: Exception) -> Found:
    reason, *_ = str(error).splitlines() or [type(error).__name__]
    return Found("not-well-formed", f"no reader can read it: {reason}")


def _mend(model: Model, path: str, found: Found) -> str:
    if found.rule == "behind":
        return "`fascicle serve` writes it by itself, `fascicle feeds build` now"
    if found.rule == "left-over" and not is_frozen(path) and path.partition("/")[0] not in {*model.former, "tag"}:
        return "remove it from the storage, if nothing else needs it"
    if path in model.documents and model.documents[path].frozen and found.rule != "twin":
        return "`fascicle feeds build --archives` writes the archives anew, under other addresses"
    return "`fascicle feeds build --all` mends it"
