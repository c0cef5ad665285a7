"""What a document says of itself beside its entries: style sheet, and its place among archives (RFC 5005)."""

from collections.abc import Iterator

from feeds.check.finding import Found
from feeds.check.rule import Look
from feeds.form import Form


def it_is_shown_with_a_style(look: Look) -> Iterator[Found]:
    meant = None if look.seen.form is Form.JSON else look.document.head.stylesheet
    if meant and look.seen.stylesheet is None:
        yield Found("style-missing", "it names no style sheet: who opens it in a browser sees bare text")


def a_complete_feed_has_no_archives(look: Look) -> Iterator[Found]:
    """RFC 5005, section 2."""
    paged = look.seen.archive or look.seen.addresses("prev-archive") or look.seen.addresses("next-archive")
    if look.seen.complete and paged:
        yield Found("complete-with-archives", "it says that it is complete and yet continues: readers drop the rest")


def an_archive_says_that_it_is_one(look: Look) -> Iterator[Found]:
    """RFC 5005, section 4."""
    current = [look.document.head.archive_of[Form.ATOM]] if look.document.frozen else []
    if look.seen.archive != look.document.frozen:
        yield Found("archive-mark", f"it {'says' if look.seen.archive else 'does not say'} that it is an archive")
    if look.seen.addresses("current") != current:
        yield Found("archive-mark", "it does not name the live feed: readers subscribe to what never changes")
