"""A listing: one row a post, as CSV or as a YAML list, for a whole page of series at once."""

from collections.abc import Iterator
from pathlib import Path

from importers.files import inside, is_file, read_text
from importers.findings import Findings, shown
from importers.markdown import cut, unix_lines
from importers.media import Home, Written, read_written
from importers.posts import check_unique, read_post
from importers.records import Record, check_cells, check_names
from importers.table import read_table
from importers.values import ImportRefused, Place, PostSource, Problem
from importers.yamltext import Source, mappings
from text.addresses import RESERVED_SERIES_SLUGS, check_slug

COLUMNS = ("series", "number", "title", "summary", "date", "slug", "body_file", "id", "tags")


def read_listing(path: Path) -> tuple[PostSource, ...]:
    """The posts of a listing, in its order; a post without `body_file` has an empty body.

    Raises ImportRefused with every problem of the listing and of the files it names.
    """
    findings = Findings()
    posts = [_read_row(record, path, findings) for record in _records(path, findings)]
    check_unique(posts, findings)
    findings.refuse()
    if not posts:
        raise ImportRefused((Problem(Place(path.name, None), "holds no posts."),))
    return tuple(posts)


def _records(path: Path, findings: Findings) -> Iterator[Record]:
    kind = path.suffix.lower()
    if kind not in {".csv", ".yaml", ".yml"}:
        findings.add(Place(path.name, None), "is neither .csv nor .yaml, so we cannot tell how to read it.")
        return
    text = read_text(path, Place(path.name, None), findings=findings)
    if text is None:
        return
    if kind == ".csv":
        yield from read_table(text, path.name, columns=COLUMNS, findings=findings)
        return
    for record in mappings(Source(unix_lines(text), path.name), findings):
        check_names(record, COLUMNS, noun="key", findings=findings)
        yield record


def _read_row(record: Record, path: Path, findings: Findings) -> PostSource:
    check_cells(record, lists=("tags",), findings=findings)
    _check_series(record, findings)
    return read_post(record, _written(record, path, findings=findings), separators=";", findings=findings)


def _check_series(record: Record, findings: Findings) -> None:
    series = record.text("series")
    why = check_slug(series or "", RESERVED_SERIES_SLUGS)
    if series is None:
        findings.add(record.at("series"), "`series` is missing.")
    elif why:
        findings.add(record.at("series"), f"`series` {shown(series)} {why}.")


def _written(record: Record, listing: Path, *, findings: Findings) -> Written:
    name = record.text("body_file")
    if name is None:
        return Written()
    home = Home(path=listing.parent / name, root=listing.parent, file=name)
    place = record.at("body_file")
    if not inside(home.root, home.path):
        findings.add(place, f"`body_file` {shown(name)}: lies outside the folder of the listing.")
        return Written()
    if not is_file(home.path):
        findings.add(place, f"`body_file` {shown(name)}: there is no such file; the path begins at the listing.")
        return Written()
    return _read_body(home, findings)


def _read_body(home: Home, findings: Findings) -> Written:
    text = read_text(home.path, Place(home.file, None), findings=findings)
    body = unix_lines(text or "")
    if cut(body):
        findings.add(Place(home.file, 1), "has front matter, but the listing speaks for its posts; remove one of them.")
        return Written()
    return read_written(body, home, findings=findings)
