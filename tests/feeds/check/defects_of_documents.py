"""Faults of archives, of the list of feeds, and of what browsers show."""

from tests.feeds.check.spoiling import (
    Defect,
    entry_removed,
    in_tree,
    marked,
    matched,
    swapped,
)

LIVE, RSS, JSON = "rain/feed.atom", "rain/feed.rss", "rain/feed.json"
LONG, ARCHIVE = "primer/feed.atom", "primer/archive/1/1.atom"
SITE = "https://example.org"
PAGE = f"{SITE}/rain/one/"

OF_DOCUMENTS = [
    # Frame and archives
    Defect("no style sheet", LIVE, matched(r"<\?xml-stylesheet.*?\?>", ""), "style-missing"),
    Defect("no generator", LIVE, matched(r"<generator.*?</generator>", ""), "head-differs"),
    Defect("no rights in JSON's comment", JSON, matched(r'"user_comment":"[^"]*",', ""), "head-differs"),
    Defect(
        "an address that is no permalink", RSS, swapped('isPermaLink="false"', 'isPermaLink="true"'), "entry-differs"
    ),
    Defect("complete, and yet continued", LONG, in_tree(marked("complete")), "complete-with-archives"),
    Defect("a broken chain", LONG, swapped("archive/1/1.atom", "archive/1/2.atom"), "archive-chain"),
    Defect("no chain", LONG, matched(r'<link [^>]*rel="prev-archive"[^>]*>', ""), "archive-chain"),
    Defect(
        "an archive that continues in itself",
        ARCHIVE,
        swapped(
            "<generator", f'<link href="{SITE}/{ARCHIVE}" rel="prev-archive" type="application/atom+xml"/><generator'
        ),
        "archive-loop",
    ),
    Defect("an archive without its mark", ARCHIVE, matched(r"<fh:archive */>", ""), "archive-mark"),
    Defect("an archive without the live feed", ARCHIVE, swapped('rel="current"', 'rel="related"'), "archive-mark"),
    Defect("a chapter lost from an archive", ARCHIVE, in_tree(entry_removed), "archived-missing"),
    Defect(
        "a frozen chapter with another text", ARCHIVE, swapped("Some &lt;em&gt;", "Any &lt;em&gt;"), "archive-changed"
    ),
    Defect(
        "a frozen chapter with another date", ARCHIVE, matched(r"<published>2025", "<published>2024"), "archive-changed"
    ),
    # The list
    Defect("a series not in the list", "feeds.opml", matched(r"<outline[^>]*>", ""), "list-missing"),
    Defect("a series twice in the list", "feeds.opml", matched(r"(<outline[^>]*>)", r"\1\1"), "list-extra"),
    Defect("a former series in the list", "feeds.opml", swapped("/snow/feed.atom", "/ice/feed.atom"), "list-extra"),
    Defect("another title in the list", "feeds.opml", swapped('text="Snow"', 'text="Ice"'), "list-differs"),
    Defect("a list that is none", "feeds.opml", swapped("</opml>", ""), "not-well-formed"),
    Defect("another style", "feeds/style.css", lambda text: f"{text}\nb {{color: red}}", "style-differs"),
]
