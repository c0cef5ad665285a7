from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feeds import ingredients as of
from feeds.form import Form
from feeds.fragment import fragment
from feeds.ingredients import RENDERER, fragment_key
from tests.feeds.golden import GOLDEN, golden_digests

LATER = datetime(2026, 9, 9, tzinfo=UTC)
MEDIA = (("a.png", "https://example.org/media/aa/a.png"), ("b.png", "https://example.org/media/bb/b.png"))


def test_a_fragment_declares_nothing_of_its_own(form, an_entry):
    assert b"xmlns" not in fragment(form, an_entry())


def test_equal_entries_give_equal_bytes(form, an_entry):
    assert fragment(form, an_entry()) == fragment(form, an_entry())


def test_a_key_is_known_without_rendering_the_text(form, ingredients):
    key = fragment_key(form, ingredients())

    assert len(key) == 64
    assert key == fragment_key(form, ingredients())


def test_each_form_has_a_key_of_its_own(ingredients):
    assert len({fragment_key(form, ingredients()) for form in Form}) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"id": "urn:x:2"},
        {"title": "Other"},
        {"url": "https://new.example/1/"},
        {"author_name": "B. Writer"},
        {"author_email": "b@example.org"},
        {"published": LATER},
        {"updated": LATER},
        {"summary": "Other"},
        {"tags": ("nlp",)},
        {"language": "lv"},
        {"series_title": "LLM primer"},
        {"full_text": False},
        {"words": "another digest"},
        {"media": MEDIA},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_input_counts_in_the_key(change, ingredients):
    assert fragment_key(Form.ATOM, ingredients(**change)) != fragment_key(Form.ATOM, ingredients())


@pytest.mark.parametrize(
    "change", [{"url": "https://x.example/"}, {"content_type": "a/b"}, {"length": 1}, {"title": "T"}]
)
def test_every_value_of_an_enclosure_counts_in_the_key(change, ingredients, an_enclosure):
    keys = {
        fragment_key(Form.ATOM, ingredients(enclosures=enclosures))
        for enclosures in ((), (an_enclosure(),), (an_enclosure(**change),))
    }

    assert len(keys) == 3


def test_where_one_text_ends_and_the_next_begins_counts_in_the_key(ingredients):
    keys = {fragment_key(Form.ATOM, ingredients(tags=tags)) for tags in (("a", "b"), ("a,b",), ('a","b',))}

    assert len(keys) == 3


def test_the_version_of_the_renderer_counts_in_the_key(ingredients, monkeypatch):
    before = fragment_key(Form.ATOM, ingredients())

    monkeypatch.setattr(of, "RENDERER", RENDERER + 1)

    assert fragment_key(Form.ATOM, ingredients()) != before


def test_what_no_reader_can_see_does_not_count(ingredients):
    seen_as_the_same = ingredients(
        updated=datetime(2025, 1, 1, tzinfo=UTC),
        published=ingredients().published + timedelta(microseconds=9),
        media=MEDIA,
    )

    assert fragment_key(Form.ATOM, seen_as_the_same) == fragment_key(Form.ATOM, ingredients(media=MEDIA[::-1]))


def test_in_a_feed_of_summaries_the_text_does_not_count(ingredients):
    short = ingredients(full_text=False)

    assert fragment_key(Form.ATOM, replace(short, words="other", media=MEDIA)) == fragment_key(Form.ATOM, short)


def test_a_key_can_be_made_of_any_text(form, ingredients):
    assert fragment_key(form, ingredients(title="\ud800\x00", summary="\U0001f642"))


def test_a_key_of_a_naive_instant_is_refused(ingredients):
    naive = datetime(2026, 3, 1)

    with pytest.raises(ValueError, match="timezone"):
        fragment_key(Form.ATOM, ingredients(published=naive, updated=naive))


def test_ingredients_become_their_entry(form, ingredients, an_entry):
    assert ingredients(content=lambda: "<p>Text</p>").entry() == an_entry()


def test_the_text_of_a_summary_is_never_rendered(ingredients):
    assert ingredients(full_text=False).entry().content_html == ""


def test_a_change_of_the_bytes_raises_the_version_of_the_renderer():
    """Fails when an entry is encoded, or a text rendered, otherwise than before.

    Then raise RENDERER in feeds/ingredients.py, or the kept fragments stay as they are; and write the new digests into
    tests/feeds/golden.py.
    """
    assert (RENDERER, golden_digests()) == GOLDEN
