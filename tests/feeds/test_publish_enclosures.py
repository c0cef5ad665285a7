"""Sound, films and books that a chapter refers to come with its entry; pictures do not."""

import hashlib
import json
from datetime import datetime
from pathlib import Path

import pytest
from lxml import etree

from db.engine import Store
from feeds.form import Form
from importers.values import MediaSource
from tests.feeds.publishing import Desk, a_desk
from tests.feeds.reading import ATOM
from tests.feeds.rules import faults
from tests.making import a_source

SOUND, FILM, BOOK, PICTURE = b"sound" * 10, b"film" * 20, b"book" * 30, b"picture"
MEDIA = (
    MediaSource(path="files/one.mp3", body=SOUND, content_type="audio/mpeg"),
    MediaSource(path="files/three.mp4", body=FILM, content_type="video/mp4"),
    MediaSource(path="files/two.epub", body=BOOK, content_type="application/epub+zip"),
    MediaSource(path="picture.png", body=PICTURE, content_type="image/png"),
)


def address(body: bytes, name: str) -> str:
    return f"https://example.org/media/{hashlib.sha256(body).hexdigest()}/files%2F{name}"


def the_files(desk: Desk) -> list[tuple[str, str, str, str]]:
    """Address, type, length and title of the files that the first entry of the Atom feed comes with."""
    links = next(etree.fromstring(desk.read("primer/feed.atom")).iter(f"{ATOM}entry")).findall(f"{ATOM}link")
    fields = ("href", "type", "length", "title")
    return [tuple(map(link.get, fields)) for link in links if link.get("rel") == "enclosure"]


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    """A desk with one chapter that has all kinds of files."""
    desk = a_desk(store, tmp_path)
    body = "".join(f"![]({file.path})\n" for file in MEDIA)
    desk.take(a_source(slug="heard", body=body, media=MEDIA, wall=datetime(2020, 1, 5, 7)))
    desk.write()
    return desk


def test_atom_links_to_each_with_its_type_length_and_name(desk: Desk):
    assert the_files(desk) == [
        (address(SOUND, "one.mp3"), "audio/mpeg", "50", "one.mp3"),
        (address(FILM, "three.mp4"), "video/mp4", "80", "three.mp4"),
        (address(BOOK, "two.epub"), "application/epub+zip", "120", "two.epub"),
    ]


def test_rss_has_the_first_alone(desk: Desk):
    (found,) = etree.fromstring(desk.read("primer/feed.rss")).iter("enclosure")

    assert dict(found.attrib) == {"url": address(SOUND, "one.mp3"), "type": "audio/mpeg", "length": "50"}


def test_json_attaches_each(desk: Desk):
    (item,) = json.loads(desk.read("primer/feed.json"))["items"]

    assert item["attachments"] == [
        {"url": address(SOUND, "one.mp3"), "mime_type": "audio/mpeg", "title": "one.mp3", "size_in_bytes": 50},
        {"url": address(FILM, "three.mp4"), "mime_type": "video/mp4", "title": "three.mp4", "size_in_bytes": 80},
        {
            "url": address(BOOK, "two.epub"),
            "mime_type": "application/epub+zip",
            "title": "two.epub",
            "size_in_bytes": 120,
        },
    ]


def test_documents_with_files_keep_the_rules(desk: Desk):
    assert [faults(form, desk.read(f"primer/feed.{form}")) for form in Form] == [[], [], []]


def test_another_recording_in_the_place_of_the_first_takes_its_place(desk: Desk):
    another = MediaSource(path="files/one.mp3", body=b"better", content_type="audio/mpeg")
    desk.take(a_source(slug="heard", body="![](files/one.mp3)", media=(another,)))
    desk.write()

    assert the_files(desk) == [(address(b"better", "one.mp3"), "audio/mpeg", "6", "one.mp3")]
