from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from importers.markdown import read_folder
from importers.media import CONTENT_TYPES
from importers.values import ImportRefused
from tests.importers.writing import PNG, a_file, a_post, problems


@pytest.mark.parametrize(
    ("body", "address", "name"),
    [
        ("![Rain](images/rain.png)", "images/rain.png", "images/rain.png"),
        ('![Rain](images/rain.png "A title")', "images/rain.png", "images/rain.png"),
        ("![Rain](./rain.png)", "./rain.png", "rain.png"),
        ("![Rain](<old rain.png>)", "old rain.png", "old rain.png"),
        ("![Rain](old%20rain.png)", "old%20rain.png", "old rain.png"),
        ("![Rain][r]\n\n[r]: rain.png", "rain.png", "rain.png"),
        ("[![Rain](rain.png)](https://example.org)", "rain.png", "rain.png"),
        ('<img alt="Rain" src="rain.png">', "rain.png", "rain.png"),
        ("Rain: <img src='rain.png'/>", "rain.png", "rain.png"),
        ("| a |\n|---|\n| ![Rain](rain.png) |", "rain.png", "rain.png"),
        ("![Rain](rain.png?raw=1#x)", "rain.png?raw=1#x", "rain.png"),
    ],
)
def test_an_image_is_loaded_under_the_address_that_is_written(
    tmp_path: Path, body: str, address: str, name: str
) -> None:
    a_file(tmp_path / name, PNG)
    a_post(tmp_path, body=body)

    (media,) = read_folder(tmp_path)[0].media

    assert (media.path, media.body, media.content_type) == (address, PNG, "image/png")


@pytest.mark.parametrize(("suffix", "content_type"), CONTENT_TYPES.items())
def test_the_content_type_follows_the_name(tmp_path: Path, suffix: str, content_type: str) -> None:
    a_file(tmp_path / f"rain{suffix.upper()}", PNG)
    a_post(tmp_path, body=f"![Rain](rain{suffix.upper()})")

    assert read_folder(tmp_path)[0].media[0].content_type == content_type


@pytest.mark.parametrize(
    "body",
    [
        "![Rain](https://example.org/rain.png)",
        "![Rain](//example.org/rain.png)",
        "![Rain](/media/rain.png)",
        "![Rain](data:image/png;base64,AA)",
        "`![Rain](rain.png)`",
        "```\n![Rain](rain.png)\n```",
        "    ![Rain](rain.png)",
        "<!-- <img src='rain.png'> -->",
        "[Rain](rain.png)",
    ],
)
def test_what_is_elsewhere_or_only_quoted_is_not_looked_for(tmp_path: Path, body: str) -> None:
    a_post(tmp_path, body=body)

    assert read_folder(tmp_path)[0].media == ()


def test_an_image_is_found_beside_its_file_and_may_lie_higher_in_the_folder(tmp_path: Path) -> None:
    a_file(tmp_path / "images" / "rain.png", PNG)
    a_post(tmp_path, "part-1/a.md", body="![Rain](../images/rain.png)")

    assert read_folder(tmp_path)[0].media[0].path == "../images/rain.png"


def test_an_image_shown_twice_is_loaded_once(tmp_path: Path) -> None:
    a_file(tmp_path / "rain.png", PNG)
    a_post(tmp_path, body="![Rain](rain.png)\n\n![Again](rain.png)")

    assert len(read_folder(tmp_path)[0].media) == 1


def test_a_missing_image_is_told_by_the_line_of_the_file(tmp_path: Path) -> None:
    a_post(tmp_path, body="\nSome rain\nand ![Rain](rain.png)\n")

    assert problems(read_folder, tmp_path) == [
        "chapter-01.md, line 6: the image `rain.png` is not there; its path is read from the folder of its text."
    ]


@pytest.mark.parametrize("address", ["../secret.png", "images/../../secret.png", "%2e%2e/secret.png", "link.png"])
def test_an_image_outside_the_folder_is_refused(tmp_path: Path, address: str) -> None:
    a_file(tmp_path / "secret.png", PNG)
    a_post(tmp_path / "book", body=f"![Secret]({address})")
    (tmp_path / "book" / "link.png").symlink_to(tmp_path / "secret.png")

    assert problems(read_folder, tmp_path / "book") == [
        f"chapter-01.md, line 4: the image `{address}` lies outside the folder that is imported."
    ]


def test_an_image_of_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    a_file(tmp_path / "rain.exe", PNG)
    a_post(tmp_path, body="![Rain](rain.exe)")

    assert "line 4: the image `rain.exe` is none of .avif, .gif" in problems(read_folder, tmp_path)[0]


def test_an_image_beyond_twenty_megabytes_is_refused_with_its_size(tmp_path: Path) -> None:
    with a_file(tmp_path / "rain.png", PNG).open("ab") as file:
        file.truncate(20_000_001)
    a_post(tmp_path, body="![Rain](rain.png)")

    assert problems(read_folder, tmp_path) == [
        "chapter-01.md, line 4: rain.png has 20,000,001 bytes; the limit is 20,000,000 (20 MB)."
    ]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60).map("![".__add__) | st.text(max_size=40).map(lambda text: f"![a]({text}.png)"))
@example("![a](%00.png)")
@example(f"![a]({'x' * 300}.png)")
@example("<div>\n<![foo[ <img src=x.png>")
def test_any_body_is_read_or_refused(tmp_path: Path, body: str) -> None:
    a_file(tmp_path / "a.md", f"---\ntitle: Rain\n---\n{body}".encode("utf-8", "surrogatepass"))

    try:
        posts = read_folder(tmp_path)
    except ImportRefused:
        return
    assert posts[0].title == "Rain"


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("rain.mp3", "audio/mpeg"),
        ("rain.OPUS", "audio/ogg"),
        ("rain.mp4", "video/mp4"),
        ("rain.epub", "application/epub+zip"),
    ],
)
def test_a_recording_or_a_book_that_is_linked_to_is_taken_in(tmp_path: Path, name: str, content_type: str) -> None:
    a_file(tmp_path / "sounds" / name, b"some bytes")
    a_post(tmp_path, body=f"[Listen to it](sounds/{name}), or [read on](../the-next-post/).")

    (media,) = read_folder(tmp_path)[0].media

    assert (media.path, media.body, media.content_type) == (f"sounds/{name}", b"some bytes", content_type)


def test_a_recording_that_is_not_there_is_told(tmp_path: Path) -> None:
    a_post(tmp_path, body="Hear:\n\n[Listen](rain.mp3)")

    assert "the file `rain.mp3` is not there" in problems(read_folder, tmp_path)[0]


def test_a_recording_elsewhere_is_only_a_link(tmp_path: Path) -> None:
    a_post(tmp_path, body="[Listen](https://example.org/rain.mp3)")

    assert read_folder(tmp_path)[0].media == ()
