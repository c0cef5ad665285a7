import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from text.clean import clean

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", chr(0xD800), chr(0xDFFF), "\ufffe", "\uffff"])
def test_an_illegal_character_becomes_the_replacement_sign(character):
    assert clean(f"a{character}b") == "a\ufffdb"


def test_every_kind_of_line_end_becomes_a_line_feed():
    assert clean("a\r\nb\rc\nd\r\r\n") == "a\nb\nc\nd\n\n"


def test_legal_text_stays_as_it_is():
    text = "tab\there, line\nend, nbsp\xa0, C1 \x85, עברית, 日本, 🙂, ]]>"

    assert clean(text) == text


@given(ANY_TEXT)
def test_cleaned_text_can_be_written_as_xml_whatever_it_was(text):
    element = etree.Element("t")
    element.text = clean(text)

    assert etree.fromstring(etree.tostring(element)).text in (clean(text), None)


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing_more(text):
    assert clean(clean(text)) == clean(text)
