"""One random change to an entry that was really published: it is found, unless it changes nothing that is said.

Nothing is said by comments, by prefixes, by the order of attributes or of the members of an object, by how a character
is escaped, and by the space between two elements: two documents say the same when they are equal in the canonical form
of XML (C14N 1.0, without comments) after that space is taken out, or as values of JSON.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from lxml import etree

from feeds.check import Finding, check
from feeds.check.model import Model
from feeds.form import Form
from tests.feeds.check.publishing import Site
from tests.feeds.check.shelf import Shelf

T = TypeVar("T")
XML = [Form.ATOM, Form.RSS]
AT_RANDOM = settings(
    max_examples=200,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
)
PLACES = st.floats(0, 1)
SIGNS = st.sampled_from([*list("ax0 \n<>&;:/\"'{}[],é🙂"), "", "&amp;", "\xa0"])


class Rain:
    """The documents of the short series alone, of which each example spoils one."""

    def __init__(self, model: Model, site: Site) -> None:
        mine = {path: one for path, one in model.documents.items() if path.startswith("rain/")}
        self._model = replace(model, documents=mine)
        self._stored = {path: stored for path in mine if (stored := site.storage.read(path))}

    def text(self, form: Form) -> str:
        return self._stored[f"rain/feed.{form}"].body.decode()

    def finds(self, form: Form, changed: str) -> list[Finding]:
        """What is found in the document, changed."""
        path, shelf = f"rain/feed.{form}", Shelf(dict(self._stored))
        shelf.write(path, changed.encode())
        return check(self._model, shelf, [path])


@pytest.fixture(scope="module")
def rain(model: Model, published: Site) -> Rain:
    return Rain(model, published)


def same(form: Form, one: str, other: str) -> bool:
    """Whether two documents say the same; what cannot be read says something else."""
    try:
        return bool(canonical(form, one) == canonical(form, other))
    except (etree.XMLSyntaxError, ValueError):
        return False


def canonical(form: Form, document: str) -> object:
    if form is Form.JSON:
        return json.loads(document)
    root = etree.fromstring(document.encode())
    for element in root.iter():
        if len(element) and not (element.text or "").strip(" \t\r\n"):
            element.text = None
        if not (element.tail or "").strip(" \t\r\n"):
            element.tail = None
    return etree.tostring(root, method="c14n", with_comments=False)


def entries_of(form: Form, text: str) -> tuple[int, int]:
    """Where the entries begin and end."""
    first, last = {
        Form.ATOM: ("<entry", "</entry>"),
        Form.RSS: ("<item", "</item>"),
        Form.JSON: ('"items":[', "]}"),
    }[form]
    return text.index(first), text.rindex(last)


@pytest.mark.parametrize("form", Form)
@AT_RANDOM
@given(place=PLACES, length=st.integers(0, 2), sign=SIGNS)
def test_a_changed_character_is_found(form: Form, place: float, length: int, sign: str, rain: Rain):
    text = rain.text(form)
    at = chosen(range(*entries_of(form, text)), place)
    changed = text[:at] + sign + text[at + length :]

    assert bool(rain.finds(form, changed)) is not same(form, text, changed), changed[at - 50 : at + 50]


@pytest.mark.parametrize("form", XML)
@AT_RANDOM
@given(place=PLACES)
def test_a_removed_element_is_found(form: Form, place: float, rain: Rain):
    text = rain.text(form)
    root = etree.fromstring(text.encode())
    element = chosen(elements_of(root), place)
    element.getparent().remove(element)
    changed = etree.tostring(root.getroottree(), encoding="unicode")

    assert rain.finds(form, changed), element.tag


@pytest.mark.parametrize("form", XML)
@AT_RANDOM
@given(place=PLACES, instead=st.sampled_from([None, "", "x", "en-GB", "https://example.org/"]))
def test_a_removed_or_exchanged_attribute_is_found(form: Form, place: float, instead: str | None, rain: Rain):
    text = rain.text(form)
    root = etree.fromstring(text.encode())
    element, name = chosen([(one, name) for one in elements_of(root) for name in one.attrib], place)
    element.attrib.update({name: instead or ""})
    if instead is None:
        del element.attrib[name]
    changed = etree.tostring(root.getroottree(), encoding="unicode")

    assert rain.finds(form, changed), (element.tag, name)


@AT_RANDOM
@given(place=PLACES, instead=st.sampled_from([None, "", 0, [], {}, [None], "x", ["x"], [{}], True]))
def test_a_removed_or_exchanged_member_is_found(place: float, instead: object, rain: Rain):
    feed = json.loads(rain.text(Form.JSON))
    item, name = chosen([(item, name) for item in feed["items"] for name in item], place)
    item[name] = instead
    if instead is None:
        del item[name]

    assert rain.finds(Form.JSON, json.dumps(feed)), name


def chosen(among: Sequence[T], place: float) -> T:
    """One of them, by where it stands between the first (0) and the last (1)."""
    return among[min(int(place * len(among)), len(among) - 1)]


def elements_of(root: "etree._Element") -> list["etree._Element"]:
    """The entries and all that is in them."""
    return [one for entry in root.iter("item", "{http://www.w3.org/2005/Atom}entry") for one in entry.iter()]
