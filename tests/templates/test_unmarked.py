"""No template has words that are not marked for translation."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import nodes

import templates
from templates.environment import environment

ROOT = Path(templates.__file__).parent
TEMPLATES = sorted(str(file.relative_to(ROOT)) for file in ROOT.rglob("*.html"))
ENVIRONMENT = environment()
SAID_IN_ATTRIBUTES = ("title", "alt", "aria-label", "placeholder")
NO_WORDS = ("script", "style", "code")
THE_SAME_EVERYWHERE = {"UTC", "RSS", "JSON", "KB"}
WORD = re.compile(r"[^\W\d_]{2,}")


class Reading(HTMLParser):
    """What people see or hear of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in NO_WORDS
        for name, value in attrs:
            if name in SAID_IN_ATTRIBUTES:
                self.words += WORD.findall(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in NO_WORDS

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words += WORD.findall(data)


def written(node: nodes.Node) -> Iterator[str]:
    """The texts that stand in a template themselves: between tags, or as what an expression may come to."""
    match node:
        case nodes.TemplateData():
            yield node.data
        case nodes.Const():
            yield str(node.value)
        case nodes.CondExpr():
            yield from written(node.expr1)
            yield from written(node.expr2) if node.expr2 else ()
        case nodes.Or() | nodes.And():
            yield from written(node.left)
            yield from written(node.right)
        case nodes.Concat():
            for part in node.nodes:
                yield from written(part)
        case nodes.Filter() if node.node is not None:
            yield from written(node.node)


def unmarked(source: str) -> set[str]:
    reading, tree = Reading(), ENVIRONMENT.parse(source)
    for block in tree.find_all(nodes.Block):
        # The name of a class, which goes into an attribute.
        block.body = [] if block.name == "layout" else block.body
    for macro in tree.find_all(nodes.Macro):
        # The query of an address, which goes into an attribute, too.
        macro.body = [] if macro.name == "to" else macro.body
    for output in tree.find_all(nodes.Output):
        for part in output.nodes:
            reading.feed("".join(written(part)) or "0")
    reading.close()
    return set(reading.words) - THE_SAME_EVERYWHERE


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_word_of_a_template_is_marked(name: str):
    assert unmarked((ROOT / name).read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>Good morning, {{ name }}</p>", {"Good", "morning"}),
        ('<p class="lead" title="Hello">{% trans %}Fine{% endtrans %}</p>', {"Hello"}),
        ('<p class="{{ "late" if late }}">{{ "late" if late else _("in time") }}</p>', {"late"}),
        ('{{ "%d chapters"|format(3) }} <code>make test</code>', {"chapters"}),
        ('<img alt="{% if rain %}Rain{% endif %}">', {"Rain"}),
    ],
)
def test_words_are_found_wherever_people_meet_them(source: str, words: set[str]):
    assert unmarked(source) == words
