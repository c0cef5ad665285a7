"""What no other rule has words for: any difference in meaning from the document that would be written now."""

from collections.abc import Iterator

from feeds.check.finding import Found
from feeds.check.reading import read
from feeds.check.rule import Look
from feeds.check.seen import SeenEntry
from feeds.check.tree import fragment_shape
from feeds.document import written
from feeds.form import Form
from feeds.fragment import fragment
from feeds.ingredients import Ingredients


def it_is_what_would_be_written(look: Look) -> Iterator[Found]:
    """Of a live document. Comments, prefixes, the order of attributes and the space between elements do not count."""
    if look.document.frozen:
        return
    entries = [entry.entry() for entry in look.document.entries]
    meant = read(look.seen.form, written(look.seen.form, look.document.head, entries, look.document.deleted))
    if look.seen.shape != meant.shape or look.seen.stylesheet != meant.stylesheet:
        yield Found("head-differs", "what it says of itself is not what it should say now")
    shapes = {one.id: one.shape for one in meant.entries}
    for one in look.seen.entries:
        if one.id in shapes and one.shape != shapes[one.id]:
            yield Found("entry-differs", f"{one.called} is not encoded as it should be", one.id)


def an_archive_stays_as_it_was(look: Look) -> Iterator[Found]:
    """Each entry is as it was kept, or says what the post said then or later."""
    if look.document.frozen:
        for one in look.seen.entries:
            if one.id in look.expected and not _was_so(look, one):
                words = f"{one.called} is not what was frozen: caches keep an archive for ever, so readers differ"
                yield Found("archive-changed", words, one.id)


def _was_so(look: Look, one: SeenEntry) -> bool:
    states = (look.expected[one.id or ""], *look.document.later.get(one.id or "", ()))
    return look.is_of_another_version(one) or any(_encoded(state) == one.shape for state in states)


def _encoded(state: Ingredients) -> object:
    return fragment_shape(fragment(Form.ATOM, state.entry()))
