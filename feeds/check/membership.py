"""Which chapters a document has: all that belong into it, and none that is not out."""

from collections.abc import Iterator

from feeds.check.finding import Found
from feeds.check.rule import Look
from feeds.check.seen import SeenEntry
from feeds.form import Form


def every_chapter_is_there(look: Look) -> Iterator[Found]:
    there, pages = set(look.seen.ids), {one.page for one in look.seen.entries}
    rule, why = ("archived-missing", "who") if look.document.frozen else ("chapter-missing", "a reader who")
    for entry in look.document.entries:
        # An entry at its address, with another id, is told of by the rule of ids.
        if entry.id not in there and entry.url not in pages:
            words = f"“{entry.shown_title}” is missing: {why} comes now never sees it"
            yield Found(rule, words, entry.id)


def nothing_else_is_there(look: Look) -> Iterator[Found]:
    pages = {entry.url for entry in look.document.entries}
    for one in look.seen.entries:
        if one.id not in look.expected and (one.page not in pages or _secret(look, one)):
            yield _unwanted(look, one)


def withdrawn_chapters_are_named(look: Look) -> Iterator[Found]:
    """RFC 6721; the other forms have no word for it."""
    if look.seen.form is Form.ATOM:
        for one in look.document.deleted:
            if one.id not in look.seen.deleted:
                yield Found("tombstone-missing", f"readers are not told that {one.id} was withdrawn")


def _unwanted(look: Look, one: SeenEntry) -> Found:
    if secret := _secret(look, one):
        return Found("leaked", f"{one.called} is out though {secret} is not: readers see it before its date", one.id)
    if one.id in look.model.withdrawn:
        return Found("withdrawn-present", f"{one.called} was withdrawn and is there still", one.id)
    return Found("entry-extra", f"{one.called} does not belong here: no post that is out is it", one.id)


def _secret(look: Look, one: SeenEntry) -> str | None:
    return look.model.secret.get(one.id or "") or look.model.secret.get(one.page or "")
