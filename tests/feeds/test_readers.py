"""Newsboat, rss2email, feedparser and reader read what is published over HTTP, and agree with what was written."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from db.engine import open_store
from feeds.form import Form
from tests.feeds.readers import Feedparser, Had, LibraryReader, Newsboat, Reads, Rss2email, words
from tests.feeds.reading_site import Serial, served

pytestmark = pytest.mark.slow
Kind = Callable[[str, Path], Reads]


def needs(program: str, package: str) -> pytest.MarkDecorator:
    missing = not shutil.which(program) and not os.environ.get("CI")
    return pytest.mark.skipif(missing, reason=f"no {package}: sudo apt-get install {package}")


# Each with the forms that it knows.
READERS = [
    *(pytest.param(Newsboat, form, marks=needs("newsboat", "newsboat")) for form in (Form.ATOM, Form.RSS)),
    *(pytest.param(Rss2email, form, marks=needs("r2e", "rss2email")) for form in (Form.ATOM, Form.RSS)),
    *((Feedparser, form) for form in (Form.ATOM, Form.RSS)),
    *((LibraryReader, form) for form in Form),
]
KEEPS_LETTERS = Rss2email


@pytest.fixture
def serial(sqlite_template: Path, tmp_path: Path) -> Iterator[Serial]:
    (tmp_path / "fascicle.db").write_bytes(sqlite_template.read_bytes())
    store = open_store(f"sqlite:///{tmp_path / 'fascicle.db'}")
    with served(store, tmp_path) as made:
        yield made
    store.close()


def expected(serial: Serial, form: Form) -> dict[str, Had]:
    return {
        one.id: Had(one.shown_title, one.url, one.shown_author, one.published, words(one.content()))
        for one in serial.expected(form)
    }


@pytest.mark.parametrize(("kind", "form"), READERS)
def test_a_reader_has_what_was_written_and_then_only_what_is_new(
    kind: Kind, form: Form, serial: Serial, tmp_path: Path
):
    reader = kind(serial.feed(form), tmp_path)

    reader.fetch()
    first, meant = reader.has(), expected(serial, form)
    serial.go_on()
    reader.fetch()
    new = reader.has().keys() - first.keys()

    assert first == meant
    assert [serial.titles()[id] for id in new] == ["New & last"]
    assert reader.has().keys() == {one.id for one in serial.expected(form)}


@pytest.mark.parametrize(("kind", "form"), READERS)
def test_a_reader_gets_no_document_while_nothing_changes(kind: Kind, form: Form, serial: Serial, tmp_path: Path):
    reader = kind(serial.feed(form), tmp_path)

    # Newsboat sends what it knows from its third time on.
    for _ in range(4):
        reader.fetch()

    assert serial.answers()[-2:] == [304, 304]


@pytest.mark.parametrize(("kind", "form"), [one for one in READERS if KEEPS_LETTERS not in getattr(one, "values", one)])
def test_a_reader_has_an_edited_chapter_once_with_its_new_words(kind: Kind, form: Form, serial: Serial, tmp_path: Path):
    reader = kind(serial.feed(form), tmp_path)
    reader.fetch()

    serial.go_on()
    reader.fetch()

    texts = [one.text for one in reader.has().values() if one.title.startswith("Chapter 160")]
    assert texts == ["Other words."]


@pytest.mark.parametrize(("kind", "form"), READERS)
def test_a_reader_is_led_on_to_a_series_that_was_renamed_and_sees_nothing_twice(
    kind: Kind, form: Form, serial: Serial, tmp_path: Path
):
    reader = kind(serial.feed(form), tmp_path)
    reader.fetch()
    serial.answers()

    serial.rename()
    reader.fetch()

    assert serial.answers() == [301, 200]
    assert len(reader.has()) == 4


@needs("r2e", "rss2email")
def test_rss2email_notes_where_a_series_has_gone(serial: Serial, tmp_path: Path):
    reader = Rss2email(serial.feed(), tmp_path)
    serial.rename()

    reader.fetch()

    assert reader.feed() == serial.feed(slug="abc")
