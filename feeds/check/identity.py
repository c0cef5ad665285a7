"""Ids: by them readers know what they have seen. Another id shows an old chapter anew; a double one hides one."""

from collections import Counter
from collections.abc import Iterator

from feeds.check.finding import Found
from feeds.check.rule import Look
from feeds.form import Form


def entries_have_ids(look: Look) -> Iterator[Found]:
    for one in look.seen.entries:
        if not (one.id or "").strip():
            yield Found("id-missing", f"{one.called} has no id: readers may show it again and again")


def ids_are_there_once(look: Look) -> Iterator[Found]:
    for id, count in Counter(look.seen.ids).items():
        if count > 1:
            yield Found("id-double", f"{count} entries have the id {id}: readers show one of them", id)


def ids_never_change(look: Look) -> Iterator[Found]:
    pages = {entry.url: entry.id for entry in look.document.entries}
    there = set(look.seen.ids)
    for one in look.seen.entries:
        meant = pages.get(one.page or "")
        if one.id and one.id not in look.expected and meant and meant not in there:
            words = f"{one.called} has the id {one.id} and not {meant}: readers will show it as new"
            yield Found("id-changed", words, meant)


def the_feed_keeps_its_id(look: Look) -> Iterator[Found]:
    meant = look.document.head.id
    if look.seen.form is Form.ATOM and look.seen.id != meant:
        yield Found("feed-id-changed", f"the feed has the id {look.seen.id or '–'} and not {meant}")
