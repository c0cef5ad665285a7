"""What Python says is English until a page shows it."""

import datetime as dt

import pytest

from db import operators
from db.engine import Store
from db.errors import BadValue
from db.said import say, say_count
from db.states import Role
from templates.environment import environment, spoken
from tests.making import NOON

THURSDAY = dt.date(2026, 3, 5)
GERMAN = spoken("de")


def shown(source: str, language: str = "de", **values: object) -> str:
    return environment().from_string(source).render(spoken(language), **values)


def test_what_is_said_reads_as_english_where_nobody_asks_for_more():
    said = say("weekly, on %(day)s", day=THURSDAY)

    assert said == "weekly, on 2026-03-05"
    assert f"{said}!" == "weekly, on 2026-03-05!"


def test_a_template_that_prints_it_says_it_in_its_language():
    said = say("weekly, on %(day)s", day=THURSDAY)

    assert shown("{{ said }}", said=said) == "wöchentlich, am 5. März 2026"
    assert shown("{{ said }}", "en", said=said) == "weekly, on 5 March 2026"


def test_an_error_is_said_in_the_language_of_the_page_that_shows_it():
    error = BadValue(say("They go to %(address)s.", address="<ada@example.org>"))

    page = environment().from_string("{% autoescape true %}{{ problem }}{% endautoescape %}")

    assert str(error) == "They go to <ada@example.org>."
    assert page.render(GERMAN, problem=str(error)) == "Sie gehen an &lt;ada@example.org&gt;."


def test_counts_follow_the_plurals_of_the_language():
    words = ("One more chapter is on the web", "%(count)s more chapters are on the web")

    assert say_count(*words, 1) == "One more chapter is on the web"
    assert shown("{{ said }}", said=say_count(*words, 1)) == "Noch ein Kapitel steht im Web"
    assert shown("{{ said }}", said=say_count(*words, 3)) == "Noch 3 Kapitel stehen im Web"


def test_values_that_were_said_themselves_are_told_too_one_by_one_in_lists():
    letters = [say("Your letters"), say("Your data")]

    said = say("You asked for %(titles)s.", titles=letters)

    assert said == "You asked for Your letters, Your data."
    assert shown("{{ said }}", said=said) == "Sie haben Ihre Briefe und Ihre Daten bestellt."


@pytest.mark.parametrize(
    "source",
    [
        "{{ said|capitalize_first }}",
        "{{ [said]|listed|capitalize_first }}",
        "{% trans what=said|told|capitalize_first %}{{ what }}{% endtrans %}",
    ],
)
def test_filters_and_blocks_tell_what_they_are_given(source: str):
    assert shown(source, said=say("plain text")) == "Nur Text"


def test_percent_signs_in_values_are_harmless():
    assert shown("{{ said }}", said=say("They go to %(address)s.", address="100%(x)s")) == "Sie gehen an 100%(x)s."


def test_what_is_said_is_kept_as_any_text(store: Store):
    said = say("They go to %(address)s.", address="Ada")

    with store.writing() as session:
        operators.add(session, email="ada@example.org", name=said, role=Role.owner, password="x", now=NOON)

    with store.reading() as session:
        assert operators.by_email(session, "ada@example.org").name == "They go to Ada."
