"""Titles, texts, names: what a reader shows is what was written."""

from collections.abc import Iterator
from html import escape, unescape

from feeds.check.finding import Found
from feeds.check.rule import Look
from feeds.check.seen import SeenEntry
from feeds.form import Form
from feeds.ingredients import Ingredients
from text.clean import clean


def titles_are_not_blank(look: Look) -> Iterator[Found]:
    if not (look.seen.title or "").strip():
        yield Found("title-blank", "the feed has no title: readers list it by its address")
    for one in look.seen.entries:
        if not (one.title or "").strip():
            yield Found("title-blank", f"{one.called} has no title: there is nothing to click on", one.id)


def nothing_is_escaped_twice(look: Look) -> Iterator[Found]:
    for one, meant in look.pairs:
        for what, text, should in _texts(look.seen.form, one, meant):
            if _escaped_again(text, should):
                yield Found(
                    "escaped-twice", f"{one.called}: its {what} is escaped twice: readers see &amp; signs", one.id
                )
    title = look.document.head.shown_title
    if not look.document.frozen and _escaped_again(look.seen.title, title):
        yield Found("escaped-twice", f"the title of the feed is escaped twice: readers see {look.seen.title!r}")


def texts_are_those_of_the_post(look: Look) -> Iterator[Found]:
    for one, meant in look.pairs:
        for what, text, should in _texts(look.seen.form, one, meant):
            if (
                text != should
                and not _escaped_again(text, should)
                and not (what == "title" and not (text or "").strip())
            ):
                yield Found(f"{what}-differs", f"{one.called}: {_told(what, text, should)}", one.id)


def tags_are_those_of_the_post(look: Look) -> Iterator[Found]:
    for one, meant in look.pairs:
        if list(one.tags) != meant.shown_tags:
            words = (
                f"{one.called}: its tags are {', '.join(one.tags) or '–'} and not {', '.join(meant.shown_tags) or '–'}"
            )
            yield Found("tags-differ", words, one.id)


def authors_are_named(look: Look) -> Iterator[Found]:
    if not look.seen.authors:
        yield Found("author-missing", "the feed names no author")
    for one in look.seen.entries:
        if not any(name.strip() for name in one.authors):
            yield Found("author-missing", f"{one.called} names no author", one.id)
    for one, meant in [] if look.document.frozen else look.pairs:
        if one.authors and list(one.authors) != [meant.shown_author]:
            yield Found(
                "author-differs", f"{one.called} is by {', '.join(one.authors)}, not {meant.shown_author}", one.id
            )


def languages_are_named(look: Look) -> Iterator[Found]:
    if not look.document.frozen and look.seen.language != look.document.head.language:
        words = f"the feed is in {look.seen.language or 'no language'} and not in {look.document.head.language}"
        yield Found("language", words)
    for one, meant in look.pairs:
        # An archive says what was so when it was made; but it does say something.
        if one.language is None or not (look.document.frozen or one.language == meant.language):
            words = f"{one.called} is in {one.language or 'no language'} and not in {meant.language}"
            yield Found("language", f"{words}: it is read aloud wrong", one.id)


def _texts(form: Form, one: SeenEntry, meant: Ingredients) -> Iterator[tuple[str, str | None, str | None]]:
    """What is there, beside what should be."""
    yield "title", one.title, meant.shown_title
    summary = clean(meant.summary) if meant.summary.strip() else None
    if meant.full_text:
        yield "content", one.content, clean(meant.content())
        yield "summary", one.summary, summary
    elif form is Form.ATOM:
        yield "content", one.content, None
        yield "summary", one.summary, summary
    elif form is Form.RSS:
        yield "summary", None if one.content is None else unescape(one.content), summary
    else:
        yield "content", one.content, summary or meant.shown_title
        yield "summary", one.summary, summary


def _escaped_again(text: str | None, should: str | None) -> bool:
    if text is None or should is None or text == should:
        return False
    # What has entities of its own, as HTML has, is not the same when they are taken for characters.
    return unescape(text) == should or text in (escape(should), escape(should, quote=False))


def _told(what: str, text: str | None, should: str | None) -> str:
    if text is None or should is None:
        return f"its {what} is {'missing' if text is None else 'there and should not be'}"
    if what == "title":
        return f"the title should be “{should}”"
    at = next((at for at, (one, other) in enumerate(zip(text, should, strict=False)) if one != other), None)
    at = min(len(text), len(should)) if at is None else at
    found, meant = text[at : at + 20], should[at : at + 20]
    return f"its {what} is not what the post says, from sign {at + 1} on: {found!r} for {meant!r}"
