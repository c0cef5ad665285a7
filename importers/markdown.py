"""A folder of Markdown files, one post a file, with YAML front matter."""

import re
from dataclasses import dataclass
from pathlib import Path

from db.said import say
from importers.files import inside, read_text
from importers.findings import Findings
from importers.media import Home, read_written
from importers.order import natural
from importers.posts import check_unique, read_post
from importers.records import check_cells, check_names
from importers.values import Place, PostSource
from importers.yamltext import Source, mapping

KEYS = ("title", "number", "summary", "slug", "date", "tags", "author", "draft", "id")
# Only spaces may follow the three dashes: `--- a` is text.
_MATTER = re.compile(r"---[ \t]*\n(?P<matter>(?:.*\n)*?)---[ \t]*(?:\n|\Z)")


@dataclass(frozen=True)
class Parts:
    """A file cut into its front matter and its body, with the number of lines before the body."""

    matter: str
    body: str
    lines_before_body: int


def read_folder(path: Path) -> tuple[PostSource, ...]:
    """The posts of every Markdown file below the folder, in the natural order of their names.

    Files and folders whose names begin with `_` or `.`, and README.md, are left alone. Raises ImportRefused with
    every problem of every file.
    """
    findings = Findings()
    files = _files(path, findings)
    posts = [_read_file(file, path, findings=findings) for file in files]
    check_unique([post for post in posts if post], findings)
    findings.refuse()
    return tuple(post for post in posts if post)


def cut(text: str) -> Parts | None:
    """The parts of a text that begins with front matter; None when it does not, or when that never ends."""
    found = _MATTER.match(text)
    if found is None:
        return None
    return Parts(found["matter"], text[found.end() :], text.count("\n", 0, found.end()))


def unix_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _files(root: Path, findings: Findings) -> list[Path]:
    if not root.is_dir():
        findings.add(Place(str(root), None), say("there is no such folder."))
        return []
    found = [path for path in root.rglob("*") if _is_post(path.relative_to(root)) and not path.is_dir()]
    if not found:
        findings.add(Place(str(root), None), say("holds no Markdown files (*.md)."))
    return sorted(found, key=lambda path: natural(path.relative_to(root).as_posix()))


def _is_post(path: Path) -> bool:
    hidden = any(part.startswith(("_", ".")) for part in path.parts)
    return path.suffix.lower() == ".md" and path.name.lower() != "readme.md" and not hidden


def _read_file(path: Path, root: Path, *, findings: Findings) -> PostSource | None:
    # A file name need not be UTF-8; what is shown of it must be.
    name = path.relative_to(root).as_posix().encode("utf-8", "replace").decode()
    home = Home(path=path, root=root, file=name)
    if not inside(root, path):
        findings.add(Place(home.file, None), say("leads outside the folder that is imported."))
        return None
    text = read_text(path, Place(home.file, None), findings=findings)
    return None if text is None else _read_post(unix_lines(text), home, findings=findings)


def _read_post(text: str, home: Home, *, findings: Findings) -> PostSource | None:
    parts = cut(text)
    if parts is None:
        findings.add(Place(home.file, 1), say("begins without front matter: a line `---`, `title: …`, a line `---`."))
        return None
    body_home = Home(path=home.path, root=home.root, file=home.file, lines_before=parts.lines_before_body)
    written = read_written(parts.body, body_home, findings=findings)
    record = mapping(Source(parts.matter, home.file, lines_before=1), findings)
    if record is None:
        return None
    check_names(record, KEYS, noun=say("key"), findings=findings)
    check_cells(record, lists=("tags",), findings=findings)
    return read_post(record, written, separators=";,", findings=findings)
