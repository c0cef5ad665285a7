import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from importers.markdown import read_folder
from importers.values import ImportRefused, Place
from tests.importers.writing import a_file, a_post, problems

FULL = """\
title: "Rain: a beginning"
number: 1.10
summary: >
  It rains,
  and then it stops.
slug: rain
date: 2026-03-05 07:30
tags: [weather, old towns]
author: Alice Ozola
draft: true
id: tag:example.org,2019:rain"""


def test_a_file_with_every_key_is_read(tmp_path: Path) -> None:
    a_post(tmp_path, matter=FULL, body="\n# Rain\n")

    (post,) = read_folder(tmp_path)

    assert (post.title, post.number, post.slug) == ("Rain: a beginning", "1.10", "rain")
    assert post.summary == "It rains, and then it stops."
    assert post.wall == datetime.datetime(2026, 3, 5, 7, 30)
    assert post.tags == ("weather", "old towns")
    assert (post.author, post.draft, post.id) == ("Alice Ozola", True, "tag:example.org,2019:rain")
    assert (post.series, post.body, post.media) == (None, "\n# Rain\n", ())
    assert post.place == Place("chapter-01.md", 2)


def test_a_title_is_enough(tmp_path: Path) -> None:
    a_post(tmp_path, "01.md", matter="title: Old Towns, New Rain")

    (post,) = read_folder(tmp_path)

    assert post.slug == "old-towns-new-rain"
    assert (post.number, post.summary, post.wall, post.tags) == (None, "", None, ())
    assert (post.author, post.draft, post.id) == (None, False, None)


def test_scalars_stay_text(tmp_path: Path) -> None:
    a_post(tmp_path, matter="title: yes\nnumber: 010\nid: 1e3")

    (post,) = read_folder(tmp_path)

    assert (post.title, post.number, post.id) == ("yes", "010", "1e3")


def test_tags_may_be_one_line_of_text(tmp_path: Path) -> None:
    a_post(tmp_path, matter="title: Rain\ntags: weather; old towns, weather")

    assert read_folder(tmp_path)[0].tags == ("weather", "old towns")


def test_windows_files_read_like_others(tmp_path: Path) -> None:
    a_file(tmp_path / "a.md", b"\xef\xbb\xbf---\r\ntitle: Rain\r\n---\r\nIt rained.\r\n")

    (post,) = read_folder(tmp_path)

    assert (post.title, post.body) == ("Rain", "It rained.\n")


def test_files_come_in_natural_order_from_all_folders(tmp_path: Path) -> None:
    for name in ("chapter-10.md", "chapter-9.md", "appendix/a.md", "CHAPTER-11.MD"):
        a_post(tmp_path, name, matter=f"title: {name}")

    assert [post.title for post in read_folder(tmp_path)] == [
        "appendix/a.md",
        "chapter-9.md",
        "chapter-10.md",
        "CHAPTER-11.MD",
    ]


def test_hidden_files_and_the_readme_are_left_alone(tmp_path: Path) -> None:
    a_post(tmp_path)
    for name in ("_notes.md", ".draft.md", "_old/x.md", ".git/x.md", "README.md", "notes.txt"):
        a_file(tmp_path / name, "no front matter")

    assert len(read_folder(tmp_path)) == 1


def test_an_unknown_key_is_refused_by_line_with_the_nearest_known_one(tmp_path: Path) -> None:
    a_post(tmp_path, "chapter-04.md", matter="title: Rain\ndat: 2026-03-05")

    assert problems(read_folder, tmp_path) == [
        "chapter-04.md, line 3: `dat` is not a key we know. Did you mean `date`?"
    ]


def test_all_problems_of_all_files_are_told_at_once_by_file_and_line(tmp_path: Path) -> None:
    a_post(tmp_path, "10.md", matter="title: A\ndate: 2026-02-30")
    a_post(tmp_path, "9.md", matter="number: 1\ndraft: yes\ncolour: red")

    assert problems(read_folder, tmp_path) == [
        "9.md, line 2: `title` is missing.",
        '9.md, line 3: `draft` "yes": write true or false.',
        "9.md, line 4: `colour` is not a key we know.",
        '10.md, line 3: `date` "2026-02-30": there is no such day in the calendar.',
    ]


@pytest.mark.parametrize(
    ("matter", "message"),
    [
        ("title: Rain\nslug: feed.atom", '`slug` "feed.atom" is reserved'),
        ("title: Rain\nslug: Old Rain", '`slug` "Old Rain" has a character'),
        ("title: Archive", "is reserved for an address of the site itself; choose another word. It was made from"),
        ("title: Rain\nid: two words", "has no spaces"),
        ("title: Rain\ntitle: Snow", "`title` is given twice, first on line 2."),
        ("title: [Rain]", "`title` takes one text, not a list."),
        ("title: Rain\ntags: {a: b}", "`tags` takes a text, or a list of texts, nothing deeper."),
        ("title: Rain\ntags: &a [*a]", "nothing deeper."),
        ("title: Rain\nsummary: a\\nb: c", "is not YAML: mapping values are not allowed here."),
        ("title: Rain\nsummary: [a", "is not YAML:"),
        ('title: "\\0"', "`title` holds U+0000"),
        ('title: "\\uD800"', "`title` holds U+D800"),
        ('title: "\\UFFFFFFFF"', "an escape stands for no character."),
        ("- Rain", "a line `key: value` belongs here."),
        ("[" * 3000, "is nested too deeply."),
    ],
)
def test_bad_front_matter_is_refused(tmp_path: Path, matter: str, message: str) -> None:
    a_post(tmp_path, matter=matter)

    assert any(message in problem for problem in problems(read_folder, tmp_path))


def test_broken_yaml_is_told_by_the_line_of_the_file(tmp_path: Path) -> None:
    a_post(tmp_path, matter='title: Rain\nsummary: "\u2028"\nnumber: 1\ndate: a: b')

    assert problems(read_folder, tmp_path) == [
        "chapter-01.md, line 5: is not YAML: mapping values are not allowed here."
    ]


@pytest.mark.parametrize("text", ["", "It rained.\n", "---\ntitle: Rain\n", "--- # Rain\n---\n"])
def test_a_file_without_front_matter_is_refused(tmp_path: Path, text: str) -> None:
    a_file(tmp_path / "a.md", text)

    assert "a.md, line 1: begins without front matter" in problems(read_folder, tmp_path)[0]


def test_empty_front_matter_lacks_a_title(tmp_path: Path) -> None:
    a_file(tmp_path / "a.md", "---\n---\nIt rained.\n")

    assert problems(read_folder, tmp_path) == ["a.md, line 2: `title` is missing."]


def test_two_files_with_one_slug_are_both_named(tmp_path: Path) -> None:
    a_post(tmp_path, "a.md", matter="title: Rain")
    a_post(tmp_path, "b.md", matter="title: Snow\nslug: rain")

    assert problems(read_folder, tmp_path) == [
        "b.md, line 2: the slug `rain` is that of a.md, line 2 too; give one of them another."
    ]


def test_two_files_with_one_id_are_both_named(tmp_path: Path) -> None:
    a_post(tmp_path, "a.md", matter="title: Rain\nid: urn:x:1")
    a_post(tmp_path, "b.md", matter="title: Snow\nid: urn:x:1")

    assert problems(read_folder, tmp_path) == [
        "b.md, line 2: the id `urn:x:1` is that of a.md, line 2 too; give one of them another."
    ]


def test_bytes_that_are_not_utf_8_are_told_by_line(tmp_path: Path) -> None:
    a_file(tmp_path / "a.md", b"---\ntitle: Rain\n---\n\nR\xe4ga\n")

    assert problems(read_folder, tmp_path) == [
        "a.md, line 5: is not valid UTF-8; save the file as UTF-8 and import again."
    ]


def test_a_character_that_no_feed_can_carry_is_told_by_line(tmp_path: Path) -> None:
    a_post(tmp_path, body="Rain\n\x00\n")

    assert "chapter-01.md, line 5: holds U+0000" in problems(read_folder, tmp_path)[0]


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    assert problems(read_folder, tmp_path / "drafts") == [f"{tmp_path / 'drafts'}: there is no such folder."]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert problems(read_folder, tmp_path) == [f"{tmp_path}: holds no Markdown files (*.md)."]


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.md").symlink_to("nowhere.md")

    assert problems(read_folder, tmp_path) == ["a.md: there is no such file."]


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    a_file(tmp_path / "secret.md", "secret")
    a_post(tmp_path / "book")
    (tmp_path / "book" / "a.md").symlink_to(tmp_path / "secret.md")

    assert problems(read_folder, tmp_path / "book") == ["a.md: leads outside the folder that is imported."]


def test_a_file_beyond_five_megabytes_is_refused_with_its_size(tmp_path: Path) -> None:
    a_post(tmp_path, body="x" * 5_000_000)

    assert problems(read_folder, tmp_path) == ["chapter-01.md: has 5,000,020 bytes; the limit is 5,000,000 (5 MB)."]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(b'title: "\\UFFFFFFFF"')
@example(b"%YAML " + b"9" * 5000 + b".1")
@example(b"&a [*a]: *a")
@example(b"? [a]\n: b")
@example(b"<<: {title: Rain}")
@example(b"title: !!binary =")
@example(b"\x85\xef\xbb\xbf")
def test_any_bytes_in_front_matter_are_read_or_refused(tmp_path: Path, matter: bytes) -> None:
    a_file(tmp_path / "a.md", b"---\n" + matter + b"\n---\nIt rained.\n")

    try:
        posts = read_folder(tmp_path)
    except ImportRefused:
        return
    assert posts[0].title
