"""Without a change nothing is written, whoever looks; and of what did not change nothing is rendered again."""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from db.engine import Store
from db.tables import Fragment
from feeds import encode, ingredients
from feeds.form import Form
from tests.feeds.keeping import Keeping
from tests.feeds.publishing import Desk, a_desk, the_one, urns
from tests.making import a_publication, a_source

LIVE = "primer/feed.atom"
BUILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from db.engine import open_store
from tests.feeds.publishing import Desk
desk = Desk(open_store(sys.argv[1]), Path(sys.argv[2]), now=datetime(2030, 1, 1, tzinfo=UTC))
for topic in desk.everything():
    desk.publish(topic)
"""


@pytest.fixture
def desk(store: Store, tmp_path: Path, keeping: Keeping) -> Desk:
    """A desk with a chapter that has tags and formulas, and many more; all is written."""
    return keeping.desk("many and tagged", written, store, tmp_path)


def written(store: Store, folder: Path) -> Desk:
    desk = a_desk(store, folder, chapters=151)
    tagged = {"tags": ("Rain", "Wind"), "body": "Of $e^{i\\pi}$ and `code`.\n\n```python\nx = 1\n```\n"}
    desk.take(a_source("Tagged", id="urn:x:t", wall=datetime(2020, 1, 2), **tagged))
    desk.write()
    return desk


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that are rendered from here on."""
    texts: list[str] = []
    render = encode.feed_html

    def told(markdown: str, links: object) -> str:
        texts.append(markdown)
        return render(markdown, links)  # type: ignore[arg-type]

    monkeypatch.setattr(encode, "feed_html", told)
    return texts


def republish(desk: Desk) -> None:
    for topic in desk.everything():
        desk.publish(topic)


def emptied(desk: Desk) -> None:
    with desk.store.writing() as session:
        session.execute(delete(Fragment))


def test_a_second_publish_writes_nothing(desk: Desk):
    before = desk.as_it_is()
    republish(desk)

    assert desk.as_it_is() == before


def test_a_second_publish_renders_nothing(desk: Desk, rendered: list[str]):
    republish(desk)

    assert rendered == []


def test_entries_made_anew_are_the_same_bytes(desk: Desk):
    before = desk.as_it_is()
    emptied(desk)
    republish(desk)

    assert desk.as_it_is() == before


@pytest.mark.parametrize("fragments", ["kept", "emptied"])
def test_another_process_with_another_hash_seed_writes_nothing(desk: Desk, fragments: str):
    before = desk.as_it_is()
    if fragments == "emptied":
        emptied(desk)
    url = desk.store.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", BUILD, url, str(desk.folder)]
    subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Pacific/Apia"}, check=True)

    assert desk.as_it_is() == before


def test_a_folder_that_was_lost_is_written_again_with_the_same_bytes(desk: Desk, tmp_path: Path, rendered: list[str]):
    live = {path: desk.read(path) for path in desk.paths() if "archive" not in path}
    desk.folder = tmp_path / "another"
    republish(desk)

    assert {path: desk.read(path) for path in desk.paths()} == live
    assert rendered == []


def test_only_what_changed_is_rendered_once_for_each_form(desk: Desk, rendered: list[str]):
    desk.edit(120, body="These words alone.")
    desk.write()

    # Three forms of the feed of its series, which does not name it, and three of the feed that names all.
    assert rendered == ["These words alone."] * 6


def test_a_change_of_a_title_renders_neither_its_neighbours_nor_the_archive(desk: Desk, rendered: list[str]):
    desk.edit(120, title="Another", body="Some *words*.")
    desk.write()

    assert len(rendered) == 6
    assert the_one(desk.seen(LIVE), "urn:x:120").title == "Another"


def test_what_another_version_encodes_otherwise_is_made_anew(desk: Desk, rendered: list[str], monkeypatch):
    monkeypatch.setattr(ingredients, "RENDERER", ingredients.RENDERER + 1)
    before = desk.as_it_is()
    desk.publish("series:1")

    assert len(rendered) == 3 * len(desk.ids(LIVE))
    assert desk.as_it_is() == before


def test_feeds_of_summaries_have_no_text_and_whole_feeds_have_it_again(desk: Desk):
    whole = desk.as_it_is()
    desk.site = a_publication(full_text=False)
    republish(desk)
    texts = {entry.content for form in Form for entry in desk.seen(f"primer/feed.{form}")}
    desk.site = a_publication()
    republish(desk)

    assert texts == {None}
    assert {path: body for path, (body, _) in desk.as_it_is().items()} == {
        path: body for path, (body, _) in whole.items()
    }


def test_an_edit_of_the_text_leaves_a_feed_of_summaries_alone_but_for_its_date(desk: Desk):
    desk.site = a_publication(full_text=False)
    republish(desk)
    before = desk.read("primer/feed.rss")
    desk.edit(120, title="Chapter 120", body="Other words.", minor=True)
    desk.write()

    assert desk.read("primer/feed.rss") == before


def test_no_more_entries_are_kept_than_documents_have(desk: Desk):
    republish(desk)

    with desk.store.reading() as session:
        kept = dict(session.execute(select(Fragment.form, func.count()).group_by(Fragment.form)).all())
    # 152 in the live feed of the series and its archive, which is Atom alone; 100 in that of all, and one by its tags.
    assert kept == {"atom": 152 + 101, "rss": 52 + 101, "json": 52 + 101}


def test_ids_are_the_same_in_all_forms(desk: Desk):
    assert {tuple(desk.ids(f"primer/feed.{form}")) for form in Form} == {tuple(desk.ids(LIVE))}
    assert set(urns(*range(101, 152))) <= set(desk.ids(LIVE))
