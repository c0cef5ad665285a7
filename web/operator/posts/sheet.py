"""What stands in the editor: from a stored revision or from a form, and from there to a manuscript."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from db.posts import Written
from importers.files import carried
from importers.findings import Findings
from importers.markdown import unix_lines
from importers.media import Written as Text
from importers.media import shown_of
from importers.posts import read_post
from importers.records import Cell, Record, check_cells
from importers.values import Place, PostSource, Problem
from scheduler.wording import Wording, wording_of
from scheduler.writing import Manuscript
from web.forms import Form

BODY = "the text"
"""What its place is called in what is said of it."""
_FIELDS = ("title", "slug", "number", "summary", "author", "tags")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The fields of the editor as text. `revision` is the number that the edit began with, 0 for a new post.

    `minor` is too small to be news; `tell` has those who hold earlier words told by a letter. `cursor` is after how
    many characters of the text somebody writes on.
    """

    title: str = ""
    slug: str = ""
    number: str = ""
    summary: str = ""
    author: str = ""
    tags: str = ""
    body: str = ""
    files: Mapping[str, str]
    revision: int = 0
    minor: bool = False
    tell: bool = False
    cursor: int | None = None


def sheet_of(session: Session, written: Written) -> Sheet:
    """The words that a post has now."""
    post, words = written
    wording = wording_of(session, words)
    return Sheet(
        title=wording.title,
        slug=post.slug,
        number=post.number or "",
        summary=wording.summary,
        author=wording.author or "",
        tags=", ".join(wording.tags),
        body=wording.body,
        files=wording.files,
        revision=words.number,
    )


def sent_sheet(form: Form) -> Sheet:
    """What somebody sent; a file is a path and a digest, with a blank between them."""
    pairs = (value.rpartition(" ") for value in form.every("file"))
    return Sheet(
        **{name: form.one(name) for name in _FIELDS},
        body=unix_lines(form.last().get("body", "")),
        files={path: digest for path, _, digest in pairs if path},
        revision=_number(form.one("revision")) or 0,
        minor=form.has("minor"),
        tell=form.one("note") == "letter",
        cursor=_number(form.one("cursor")),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def showing(sheet: Sheet, files: Mapping[str, str]) -> Sheet:
    """With more files: those that the text does not name are shown at the cursor, which waits for the first's words."""
    added = replace(sheet, files={**sheet.files, **files})
    unnamed = [path for path in files if path not in sheet.body]
    if sheet.cursor is None or not unnamed:
        return added
    at = min(sheet.cursor, len(sheet.body))
    shown = "\n\n".join(f"![]({path})" for path in unnamed)
    return replace(added, body=f"{sheet.body[:at]}{shown}{sheet.body[at:]}", cursor=at + len("!["))


def manuscript_of(sheet: Sheet, findings: Findings) -> Manuscript:
    """The post as it would be saved; what cannot be is noted, in the words of an import."""
    source = _source(sheet, findings)
    wording = Wording(
        title=source.title,
        summary=source.summary,
        author=source.author,
        tags=source.tags,
        body=sheet.body,
        files=sheet.files,
    )
    return Manuscript(slug=source.slug, number=source.number, wording=wording)


def warnings_of(sheet: Sheet) -> tuple[Problem, ...]:
    """What would be shown to readers as broken: by line, as an import tells it."""
    findings = Findings()
    shown_of(sheet.body, sheet.files.keys(), file=BODY, findings=findings)
    return findings.problems


def _source(sheet: Sheet, findings: Findings) -> PostSource:
    record = Record(Place("the post", None), {name: Cell(getattr(sheet, name), None) for name in _FIELDS})
    check_cells(record, lists=(), findings=findings)
    carried(sheet.body, Place(BODY, None), findings=findings)
    return read_post(record, Text(sheet.body), separators=";,", findings=findings)
