"""Programs that people read feeds with, as they come from Debian and PyPI: asked to fetch, and what they have then."""

import mailbox
import os
import shutil
import sqlite3
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Protocol

import feedparser
from lxml import html
from reader import make_reader

_R2E = """[DEFAULT]
to = alice@example.org
from = feeds@example.org
email-protocol = maildir
maildir-path = {mail}
maildir-mailbox = INBOX
html-mail = True
date-header = True
"""


@dataclass(frozen=True)
class Had:
    """An entry as a reader has it; `text` is what is left of its words without markup."""

    title: str
    url: str
    author: str
    published: datetime
    text: str


class Reads(Protocol):
    def fetch(self) -> None:
        """Look for news."""

    def has(self) -> dict[str, Had]:
        """All entries by id; fails for two of one id."""


class Newsboat:
    def __init__(self, url: str, folder: Path) -> None:
        self._folder = folder
        (folder / "urls").write_text(f"{url}\n")
        (folder / "config").touch()

    def fetch(self) -> None:
        files = ("-u", self._folder / "urls", "-c", self._folder / "cache.db", "-C", self._folder / "config")
        _run(self._folder, "newsboat", "-q", *files, "-x", "reload")

    def has(self) -> dict[str, Had]:
        cache = sqlite3.connect(self._folder / "cache.db")
        rows = cache.execute("SELECT guid, title, url, author, pubDate, content FROM rss_item").fetchall()
        cache.close()
        return _once(
            [
                (guid, Had(title, url, author, datetime.fromtimestamp(at, UTC), words(content)))
                for guid, title, url, author, at, content in rows
            ]
        )


class Rss2email:
    """Its letters go into a folder; it writes feed and author into one field."""

    def __init__(self, url: str, folder: Path) -> None:
        self._folder = folder
        (folder / "r2e.cfg").write_text(_R2E.format(mail=folder / "mail"))
        (folder / "mail").mkdir()
        mailbox.Maildir(folder / "mail/INBOX").close()
        self._run("add", "primer", url)

    def fetch(self) -> None:
        self._run("run")

    def has(self) -> dict[str, Had]:
        letters = [path.read_bytes() for path in sorted((self._folder / "mail/INBOX/new").iterdir())]
        return _once([_of_letter(letter) for letter in letters])

    def feed(self) -> str:
        """The address it asks by now."""
        lines = (self._folder / "r2e.cfg").read_text().splitlines()
        return next(line.removeprefix("url = ") for line in lines if line.startswith("url = "))

    def _run(self, *words: str) -> None:
        _run(self._folder, "r2e", "-c", self._folder / "r2e.cfg", "-d", self._folder / "r2e.json", *words)


class Feedparser:
    """As a program uses it that keeps the validators itself."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._etag: str | None = None
        self._modified: str | None = None
        self._entries: dict[str, Had] = {}

    def fetch(self) -> None:
        parsed = feedparser.parse(self._url, etag=self._etag, modified=self._modified)
        assert not parsed.bozo, parsed.bozo_exception
        self._etag, self._modified = parsed.get("etag", self._etag), parsed.get("modified", self._modified)
        self._entries |= _once([(one.id, _of_feedparser(one)) for one in parsed.entries])

    def has(self) -> dict[str, Had]:
        return dict(self._entries)


class LibraryReader:
    """The library called reader."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._reader = make_reader(str(folder / "reader.db"))
        self._reader.add_feed(url)

    def fetch(self) -> None:
        self._reader.update_feed(self._url)

    def has(self) -> dict[str, Had]:
        found = []
        for one in self._reader.get_entries():
            assert one.title
            assert one.link
            assert one.published
            text = words(one.content[0].value if one.content else one.summary or "")
            found.append((one.id, Had(one.title, one.link, one.authors[0].name or "", one.published, text)))
        return _once(found)


def words(markup: str) -> str:
    """The words that a person sees, with single spaces; programs take different parts of a formula for its text."""
    tree = html.fromstring(f"<div>{markup}</div>")
    for formula in tree.xpath("//math | //*[local-name()='annotation']"):
        formula.drop_tree()
    return " ".join(tree.text_content().split())


def _of_letter(letter: bytes) -> tuple[str, Had]:
    read = message_from_bytes(letter, policy=policy.default)
    body = html.fromstring(read.get_content()).get_element_by_id("body")
    author = read["From"].addresses[0].display_name.rpartition(": ")[2]
    at = parsedate_to_datetime(str(read["Date"])).replace(tzinfo=UTC)
    shown = words(html.tostring(body, encoding="unicode"))
    return read["X-RSS-ID"], Had(str(read["Subject"]), read["X-RSS-URL"], author, at, shown)


def _of_feedparser(one: feedparser.FeedParserDict) -> Had:
    content = one.content[0].value if "content" in one else one.summary
    at = datetime(*one.published_parsed[:6], tzinfo=UTC)
    return Had(one.title, one.link, one.author_detail.name, at, words(content))


def _once(found: list[tuple[str, Had]]) -> dict[str, Had]:
    entries = dict(found)
    assert len(entries) == len(found), "an entry twice"
    return entries


def _run(home: Path, program: str, *words: object) -> None:
    command = [shutil.which(program) or program, *map(str, words)]
    # Python's own packages are not those of the system.
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    subprocess.run(command, env=env, check=True, capture_output=True, timeout=60)
