"""Links: where they lead, and what they say of what is there."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from feeds.check.finding import Found
from feeds.check.rule import Look
from feeds.check.seen import SeenEntry, SeenLink
from feeds.form import Form
from feeds.ingredients import Ingredients


def addresses_are_absolute(look: Look) -> Iterator[Found]:
    for link in look.seen.links:
        if not _absolute(link.href):
            yield Found("address-relative", f"the feed's {link.rel} link leads to {link.href!r}, nowhere for a reader")
    for one in look.seen.entries:
        for link in one.links:
            if not _absolute(link.href):
                words = f"{one.called}: its {link.rel} link leads to {link.href!r}, nowhere for a reader"
                yield Found("address-relative", words, one.id)


def the_feed_names_itself_once(look: Look) -> Iterator[Found]:
    meant = look.document.head.urls[look.seen.form]
    found = look.seen.addresses("self")
    if found != [meant]:
        told = " and ".join(found) or "nothing"
        yield Found("self-link", f"the document names itself {told}, and lives at {meant}: readers move there")


def the_hub_is_named(look: Look) -> Iterator[Found]:
    hub = None if look.document.frozen else look.document.head.hub
    found = look.seen.addresses("hub")
    if found != ([hub] if hub else []):
        told = " and ".join(found) or "none"
        yield Found("hub-link", f"the hub that is named is {told} and not {hub or 'none'}: readers learn of news late")


def the_feed_names_its_page(look: Look) -> Iterator[Found]:
    meant = look.document.head.alternate
    found = look.seen.addresses("alternate")
    if found != [meant]:
        yield Found("alternate-link", f"its page is {' and '.join(found) or 'not named'}; it should be {meant}")


def entries_name_their_pages(look: Look) -> Iterator[Found]:
    for one, meant in look.pairs:
        found = [link.href for link in one.links if link.rel == "alternate"]
        if found != [meant.url]:
            words = f"{one.called} leads to {' and '.join(found) or 'no page'}; its page is {meant.url}"
            yield Found("link-wrong", words, one.id)


def links_keep_their_attributes(look: Look) -> Iterator[Found]:
    """What feedgen loses: without type and language a reader cannot choose among links."""
    if look.seen.form is not Form.ATOM:
        return
    for link in look.seen.links:
        if link.rel in ("self", "prev-archive", "current") and link.type != Form.ATOM.media_type:
            yield Found("link-attributes", f"the feed's {link.rel} link has the type {link.type or '–'}")
    for one, meant in look.pairs:
        for link in one.links:
            if link.rel == "alternate" and not _described(link, meant.language, frozen=look.document.frozen):
                words = f"{one.called}: the link to its page has lost its type or its language"
                yield Found("link-attributes", words, one.id)


def enclosures_are_whole(look: Look) -> Iterator[Found]:
    """Address, type and length in bytes of each file; RSS has room for one."""
    for one, meant in look.pairs:
        found, should = _enclosed(one), _should_enclose(look.seen.form, meant)
        if found != should:
            words = f"{one.called}: its files are {_told(found)} and should be {_told(should)}: podcast programs fail"
            yield Found("enclosure", words, one.id)


def _absolute(href: str) -> bool:
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _described(link: SeenLink, language: str, *, frozen: bool) -> bool:
    return link.type == "text/html" and (link.hreflang == language or (frozen and link.hreflang is not None))


def _enclosed(one: SeenEntry) -> list[tuple[str, str | None, str | None]]:
    return [(link.href, link.type, link.length) for link in one.links if link.rel == "enclosure"]


def _should_enclose(form: Form, meant: Ingredients) -> list[tuple[str, str | None, str | None]]:
    files = meant.enclosures[:1] if form is Form.RSS else meant.enclosures
    return [(file.url, file.content_type, str(file.length)) for file in files]


def _told(files: list[tuple[str, str | None, str | None]]) -> str:
    return ", ".join(f"{url} ({kind or 'no type'}, {length or 'no length'})" for url, kind, length in files) or "none"
