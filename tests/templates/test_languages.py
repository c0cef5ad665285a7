"""Two languages, complete: every text of every template is in each of them."""

import datetime as dt
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import templates
from templates.environment import environment, spoken
from templates.languages import FOLDER, languages, words_of

THURSDAY = dt.date(2026, 3, 5)
ROOT = Path(templates.__file__).parent
OTHERS = [code for code in languages() if code != "en"]
DATES = ("EEEE d MMMM y", "EEEE d MMMM", "d MMMM", "d MMMM y", "EEE d MMM", "EEE d MMM y")
SPEAKING = ("db", "importers", "mail", "scheduler", "web")
"""The folders of Python that say something to people on pages."""


def texts() -> set[str | tuple[str, ...]]:
    """What the templates and Python say, in English: a text, or its singular and plural."""
    kinds = [("**.html", "jinja2.ext.babel_extract"), ("**.txt", "jinja2.ext.babel_extract")]
    options = {pattern: {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true"} for pattern, _ in kinds}
    found = list(extract_from_dir(str(ROOT), method_map=kinds, options_map=options))
    for folder in SPEAKING:
        said = {"say": None, "say_count": (1, 2), "marked": None}
        found += extract_from_dir(str(ROOT.parent / folder), method_map=[("**.py", "python")], keywords=said)
    # Not the commands: what those print with a `say` of their own stays English.
    found += extract_from_dir(str(ROOT.parent / "fascicle"), method_map=[("*.py", "python")], keywords=said)
    return {message for _file, _line, message, _comments, _context in found} | set(DATES)


def catalog(code: str) -> Catalog:
    with (FOLDER / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code)


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_is_in_every_language_and_no_other_is(code: str):
    there = {message.id for message in catalog(code) if message.id}

    assert there == texts()


@pytest.mark.parametrize("code", OTHERS)
def test_no_translation_is_empty_doubtful_or_names_other_values(code: str):
    known = catalog(code)

    for message in known:
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(said), message.id
        assert not message.fuzzy, message.id
        assert not list(message.check(known)), message.id


def test_there_is_more_than_one_language():
    assert languages()[0] == "en"
    assert "de" in languages()


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Thursday 5 March 2026"), ("de-AT", "Donnerstag, 5. März 2026"), ("tlh", "Thursday 5 March 2026")],
)
def test_a_language_writes_dates_in_its_own_way(language: str, said: str):
    assert words_of(language).long_date(THURSDAY) == said


@pytest.mark.parametrize(
    ("language", "said"), [("en", ["A", "A and B", "A, B and C"]), ("de", ["A", "A und B", "A, B und C"])]
)
def test_lists_are_joined_as_people_say_them(language: str, said: list[str]):
    words = words_of(language)

    assert [words.listed("ABC"[:many]) for many in (1, 2, 3)] == said


def test_a_rendering_speaks_the_language_it_is_given():
    template = environment().from_string(
        "{% trans count=3 %}One more chapter is on the web"
        "{% pluralize %}{{ count }} more chapters are on the web{% endtrans %}, {{ day | weekday_date }}"
    )

    assert template.render(day=THURSDAY) == "3 more chapters are on the web, Thursday 5 March"
    assert template.render(spoken("de"), day=THURSDAY) == "Noch 3 Kapitel stehen im Web, Donnerstag, 5. März"


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("he", "rtl"), ("ar-EG", "rtl")])
def test_a_language_is_written_in_its_direction(language: str, direction: str):
    assert spoken(language)["direction"] == direction
