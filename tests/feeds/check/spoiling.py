"""Ways to spoil a document, each named by what is wrong then."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from feeds.check.finding import Finding
from feeds.check.look import check
from feeds.check.model import Model
from tests.feeds.check.shelf import Shelf

ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
Change = Callable[[str], str]


@dataclass(frozen=True)
class Defect:
    """`spoil` makes the document at `path` faulty; `rule` is to say so."""

    name: str
    path: str
    spoil: Change
    rule: str

    def __str__(self) -> str:
        return self.name


def found_after(defect: Defect, shelf: Shelf, model: Model) -> list[Finding]:
    """What is found in the spoilt document."""
    stored = shelf.read(defect.path)
    assert stored is not None
    shelf.write(defect.path, defect.spoil(stored.body.decode()).encode(errors="surrogateescape"))
    return check(model, shelf, [defect.path])


def swapped(old: str, new: str, *, times: int = 1) -> Change:
    """The first such text is another one."""

    def spoil(text: str) -> str:
        assert old in text, f"no {old!r} in {text[:2000]}"
        return text.replace(old, new, times)

    return spoil


def matched(pattern: str, new: str) -> Change:
    """The first match is another text."""

    def spoil(text: str) -> str:
        changed, count = re.subn(pattern, new, text, count=1, flags=re.DOTALL)
        assert count, f"no {pattern} in {text[:2000]}"
        return changed

    return spoil


def in_tree(change: Callable[["etree._Element"], object]) -> Change:
    """The tree is changed in place."""

    def spoil(text: str) -> str:
        root = etree.fromstring(text.encode())
        change(root)
        return etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True).decode()

    return spoil


def entries(root: "etree._Element") -> list["etree._Element"]:
    return [*root.iterfind(f"{ATOM}entry"), *root.iterfind("channel/item")]


def entry_twice(root: "etree._Element") -> None:
    first = entries(root)[0]
    first.addnext(etree.fromstring(etree.tostring(first)))


def entry_removed(root: "etree._Element") -> None:
    last = entries(root)[-1]
    last.getparent().remove(last)


def entries_exchanged(root: "etree._Element") -> None:
    first, *_, last = entries(root)
    last.addnext(first)


def stray_entry(id: str, page: str) -> Callable[["etree._Element"], None]:
    """An entry of another post before the first."""

    def change(root: "etree._Element") -> None:
        first = entries(root)[0]
        stray = etree.fromstring(etree.tostring(first))
        stray.find(f"{ATOM}id").text = id
        stray.find(f"{ATOM}link").set("href", page)
        first.addprevious(stray)

    return change


def marked(name: str) -> Callable[["etree._Element"], object]:
    return lambda root: etree.SubElement(root, f"{HISTORY}{name}")
