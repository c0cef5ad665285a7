"""Faults of entries, and of what a feed says of itself."""

from tests.feeds.check.spoiling import (
    Defect,
    entries_exchanged,
    entry_removed,
    entry_twice,
    in_tree,
    matched,
    stray_entry,
    swapped,
)

LIVE, RSS, JSON = "rain/feed.atom", "rain/feed.rss", "rain/feed.json"
LONG, ARCHIVE = "primer/feed.atom", "primer/archive/1/1.atom"
SITE = "https://example.org"
PAGE = f"{SITE}/rain/one/"

OF_ENTRIES = [
    # Form
    Defect("a tag without its end", LIVE, swapped("</title>", ""), "not-well-formed"),
    Defect("a byte that is no text", RSS, swapped("Three", "Thr\udcffe"), "not-well-formed"),
    Defect("half a document", JSON, lambda text: text[: len(text) // 2], "not-well-formed"),
    Defect("an entry without a title element", LIVE, matched(r"<title>Three</title>", ""), "grammar"),
    Defect("an item without a date", JSON, matched(r'"date_published":"[^"]*",', ""), "grammar"),
    Defect("two descriptions", RSS, swapped("<description>", "<description>x</description><description>"), "grammar"),
    # Identity
    Defect("an id left empty", LIVE, matched(r"(<entry.*?)<id>.*?</id>", r"\1<id></id>"), "id-missing"),
    Defect("an item without a guid", RSS, matched(r"<guid.*?</guid>", ""), "id-missing"),
    Defect("an entry twice", LIVE, in_tree(entry_twice), "id-double"),
    Defect("an id of a render", LIVE, matched(r"(<entry.*?)<id>.*?</id>", r"\1<id>urn:x:1</id>"), "id-changed"),
    Defect("an id that is the address", RSS, matched(r"(<guid[^>]*>).*?</guid>", rf"\1{PAGE}</guid>"), "id-changed"),
    Defect("another id of the feed", LIVE, matched(r"<id>.*?</id>", "<id>urn:x:1</id>"), "feed-id-changed"),
    Defect("ids that JSON has of its own", JSON, matched(r'"id":"[^"]*"', '"id":"1"'), "forms-differ"),
    # Membership
    Defect("a missing chapter", LIVE, in_tree(entry_removed), "chapter-missing"),
    Defect("a missing chapter in RSS", RSS, in_tree(entry_removed), "chapter-missing"),
    Defect("an unknown entry", LIVE, in_tree(stray_entry("urn:x:1", f"{SITE}/x/")), "entry-extra"),
    Defect("a chapter before its date", LIVE, in_tree(stray_entry("urn:x:1", f"{SITE}/rain/four/")), "leaked"),
    Defect("no tombstone", LIVE, matched(r"<at:deleted-entry.*?/>", ""), "tombstone-missing"),
    # Order and dates
    Defect("oldest first", LONG, in_tree(entries_exchanged), "wrong-order"),
    Defect("a date with a fraction", LIVE, matched(r"(<published>.*?)Z<", r"\1.5Z<"), "date-form"),
    Defect("a date with an offset", LIVE, matched(r"(<published>.*?)Z<", r"\1+00:00<"), "date-form"),
    Defect("a date without GMT", RSS, matched(r"(<pubDate>.*?) GMT", r"\1 +0000"), "date-form"),
    Defect("a date of another day", JSON, matched(r'"date_published":"2026', '"date_published":"2025'), "date-wrong"),
    Defect(
        "updated before published", LIVE, matched(r"(<entry.*?<updated>)2026", r"\g<1>2025"), "updated-before-published"
    ),
    Defect("a feed older than its entry", LIVE, matched(r"<updated>2026", "<updated>2025"), "feed-older-than-entry"),
    Defect(
        "a feed dated at its render", LIVE, matched(r"<updated>2026-03-03", "<updated>2026-03-30"), "feed-date-wrong"
    ),
    Defect("a date to come", LIVE, matched(r"(<entry.*?<updated>)2026", r"\g<1>2126"), "date-ahead"),
    # Links
    Defect("a relative link", LIVE, swapped(f'href="{PAGE}"', 'href="/rain/one/"'), "address-relative"),
    Defect("a relative address in the text", LIVE, swapped(f'href="{SITE}/media', 'href="/media'), "address-relative"),
    Defect("a link to another page", JSON, swapped(f'"url":"{PAGE}"', f'"url":"{SITE}/rain/"'), "link-wrong"),
    Defect(
        "a link without its type", LIVE, matched(r'(<entry.*?rel="alternate") type="[^"]*"', r"\1"), "link-attributes"
    ),
    Defect("a link without its language", LIVE, matched(r'(<entry.*?) hreflang="en"', r"\1"), "link-attributes"),
    Defect("a link without its relation", LIVE, matched(r' rel="enclosure"', ""), "link-wrong"),
    Defect("an enclosure without its length", LIVE, matched(r' length="\d+"', ""), "enclosure"),
    Defect("an enclosure of another length", RSS, matched(r'length="\d+"', 'length="0"'), "enclosure"),
    Defect("an enclosure without its type", LIVE, swapped(' type="audio/mpeg"', ""), "enclosure"),
    Defect("a file that JSON lost", JSON, matched(r'"attachments":\[.*?\]', '"attachments":[]'), "enclosure"),
    Defect("no link to itself", LIVE, matched(r'<link [^>]*rel="self"[^>]*>', ""), "self-link"),
    Defect("the address of another form", RSS, swapped("feed.rss", "feed.atom"), "self-link"),
    Defect("two links to itself", LIVE, matched(r'(<link [^>]*rel="self"[^>]*>)', r"\1\1"), "self-link"),
    Defect("no hub", LIVE, matched(r'<link [^>]*rel="hub"[^>]*>', ""), "hub-link"),
    Defect(
        "an archive with a hub",
        ARCHIVE,
        swapped("<generator", '<link href="https://hub.example/" rel="hub"/><generator'),
        "hub-link",
    ),
    Defect("the page of another series", LIVE, swapped(f'"{SITE}/rain/"', f'"{SITE}/snow/"'), "alternate-link"),
    # Words
    Defect("a blank title", LIVE, swapped("<title>Three</title>", "<title> </title>"), "title-blank"),
    Defect(
        "a title escaped twice", LONG, swapped("&amp; &lt;more&gt;", "&amp;amp; &amp;lt;more&amp;gt;"), "escaped-twice"
    ),
    Defect(
        "a title of the feed escaped twice",
        RSS.replace("rain", "primer"),
        swapped("&#x26; more", "&#x26;amp; more"),
        "escaped-twice",
    ),
    Defect("a title cut at a sign", LONG, swapped("Chapter 158 &amp; &lt;more&gt;", "Chapter 158"), "title-differs"),
    Defect("a text escaped twice", LIVE, swapped("&lt;p&gt;Some", "&amp;lt;p&amp;gt;Some"), "escaped-twice"),
    Defect("a text cut short", JSON, swapped("words</em>", "word</em>"), "content-differs"),
    Defect("old words", LONG, swapped("New words.", "Old words."), "content-differs"),
    Defect("a lost summary", LIVE, matched(r"<summary.*?</summary>", ""), "summary-differs"),
    Defect("a script", LIVE, swapped("&lt;p&gt;", "&lt;script&gt;x()&lt;/script&gt;&lt;p&gt;"), "content-unsafe"),
    Defect("a handler", JSON, swapped("<p>", "<p onclick='x()'>"), "content-unsafe"),
    Defect("a form", RSS, swapped("&lt;p&gt;", "&lt;form&gt;&lt;p&gt;"), "content-unsafe"),
    Defect("a frame", LIVE, swapped("&lt;p&gt;", "&lt;iframe&gt;&lt;/iframe&gt;&lt;p&gt;"), "content-unsafe"),
    Defect("an address that runs", LIVE, swapped(f'href="{SITE}/media', 'href="javascript:x'), "content-unsafe"),
    Defect("a lost tag", LIVE, matched(r"<category[^>]*>", ""), "tags-differ"),
    Defect("no author", RSS, swapped("<dc:creator>A. Writer</dc:creator>", ""), "author-missing"),
    Defect("another author", LIVE, swapped("<name>C. Writer</name>", "<name>A. Writer</name>"), "author-differs"),
    Defect("no language", LIVE, swapped('<entry xml:lang="en">', "<entry>"), "language"),
    Defect("another language", LIVE, swapped('xml:lang="en"', 'xml:lang="lv"'), "language"),
]
