from datetime import UTC, datetime

import pytest

from feeds.document import written
from feeds.entry import Enclosure, Entry
from feeds.form import Form
from feeds.head import Head
from feeds.ingredients import Ingredients
from tests.feeds.keeping import Keeping

_DESCRIBED = {
    "author_name": "A. Writer",
    "summary": "What it is about",
    "language": "en",
}


def _numbered(number):
    instant = datetime(2026, 3, number, 7, tzinfo=UTC)
    return {
        **_DESCRIBED,
        "id": f"tag:example.org,2026:primer/{number}",
        "title": f"Chapter {number}",
        "url": f"https://example.org/primer/{number}/",
        "published": instant,
        "updated": instant,
    }


@pytest.fixture(scope="session")
def keeping(tmp_path_factory):
    """Desks that were published once, for tests that begin with the same."""
    return Keeping(tmp_path_factory.mktemp("keeping"))


@pytest.fixture(params=list(Form))
def form(request):
    """Each form in turn."""
    return request.param


@pytest.fixture
def an_entry():
    """Makes an entry of the "LLM primer"; a test names only what matters to it."""

    def make(number=1, **values):
        return Entry(**{**_numbered(number), "content_html": "<p>Text</p>", **values})

    return make


@pytest.fixture
def ingredients():
    """Makes the ingredients of the same entry; `content` fails unless it is given, since keys must not need it."""

    def never():
        raise AssertionError("nothing should be rendered")

    def make(number=1, **values):
        return Ingredients(**{**_numbered(number), "words": f"digest {number}", "content": never, **values})

    return make


@pytest.fixture
def an_enclosure():
    def make(**values):
        defaults = {"url": "https://example.org/media/1.mp3", "content_type": "audio/mpeg", "length": 123_456}
        return Enclosure(**{**defaults, **values})

    return make


@pytest.fixture
def a_head():
    """Makes the head of the feed of the "LLM primer"."""

    def make(**values):
        defaults = {
            "id": "tag:example.org,2026:primer",
            "title": "LLM primer",
            "subtitle": "In parts",
            "urls": {form: f"https://example.org/primer/feed.{form}" for form in Form},
            "alternate": "https://example.org/primer/",
            "language": "en",
            "author_name": "A. Writer",
            "author_email": "a@example.org",
            "rights": "CC BY",
            "empty_updated": datetime(2026, 1, 1, tzinfo=UTC),
            "hub": "https://hub.example/",
        }
        return Head(**{**defaults, **values})

    return make


@pytest.fixture
def a_document(a_head):
    """Makes the feed of some entries, under a head of which a test names only what matters."""

    def make(form, entries=(), deleted=(), **head):
        return written(form, a_head(**head), entries, deleted)

    return make
