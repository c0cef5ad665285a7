import pytest
from hypothesis import given
from hypothesis import strategies as st

from text.addresses import RESERVED_POST_SLUGS, RESERVED_SERIES_SLUGS, Addresses, check_slug, slugify


@pytest.fixture
def blog():
    return Addresses("https://example.org/blog/")


def test_a_site_under_a_sub_path_keeps_it_in_every_address(blog):
    assert blog.site() == "https://example.org/blog/"
    assert blog.series("primer") == "https://example.org/blog/primer/"
    assert blog.post("primer", "one") == "https://example.org/blog/primer/one/"
    assert blog.series_feed("primer") == "https://example.org/blog/primer/feed.atom"
    assert blog.all_feed("json") == "https://example.org/blog/feeds/all.json"
    assert blog.unsubscribe("t0k") == "https://example.org/blog/unsubscribe/t0k"
    assert blog.preferences("t0k") == "https://example.org/blog/preferences/t0k"


def test_the_path_is_empty_at_the_root_of_a_host(blog):
    assert Addresses("https://example.org").path == Addresses("https://example.org/").path == ""
    assert blog.path == "/blog"


def test_the_name_of_a_media_file_is_percent_encoded(blog):
    assert blog.media("abc", "Größe 1/2?.svg") == ("https://example.org/blog/media/abc/Gr%C3%B6%C3%9Fe%201%2F2%3F.svg")


def test_a_media_file_named_by_dots_does_not_lead_elsewhere(blog):
    assert blog.media("abc", "..") == "https://example.org/blog/media/abc/__"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Attention, explained!", "attention-explained"),
        ("Straße nach Łódź", "strasse-nach-lodz"),
        ("Ķīļa līnija", "kila-linija"),
        ("Don’t panic", "dont-panic"),
        ("第一章", "post"),
        ("", "post"),
        ("ﬁne ①", "fine-1"),
    ],
)
def test_a_title_becomes_a_slug(title, slug):
    assert slugify(title) == slug


@given(st.text(st.characters(exclude_categories=())))
def test_every_made_slug_passes_the_check(title):
    assert check_slug(slugify(title), frozenset()) is None


@pytest.mark.parametrize("slug", ["feeds", "operator", "media", "robots.txt"])
def test_a_series_cannot_shadow_an_address_of_the_site(slug):
    assert "reserved" in check_slug(slug, RESERVED_SERIES_SLUGS)


def test_a_post_cannot_shadow_an_address_of_its_series():
    assert "reserved" in check_slug("archive", RESERVED_POST_SLUGS)
    assert check_slug("feeds", RESERVED_POST_SLUGS) is None


@pytest.mark.parametrize("slug", ["", "Upper", "under_score", "a/b", "é", "a b", "-a", "a-", "a\n", "..", "x" * 101])
def test_a_bad_slug_is_refused_with_what_is_allowed(slug):
    assert check_slug(slug, frozenset())


def test_the_message_names_what_a_slug_may_carry():
    assert "lower-case letters, digits and hyphens" in check_slug("Ä", frozenset())
