import datetime
from pathlib import Path

import pytest

from importers.listing import COLUMNS, read_listing
from tests.importers.writing import PNG, a_file, problems

HEADER = ",".join(COLUMNS)


def a_listing(folder: Path, *rows: str, name: str = "listing.csv") -> Path:
    return a_file(folder / name, "\n".join([HEADER, *rows]) + "\n")


def test_a_row_with_every_column_is_read(tmp_path: Path) -> None:
    a_file(tmp_path / "text" / "rain.md", "![Rain](rain.png)\n")
    a_file(tmp_path / "text" / "rain.png", PNG)
    row = 'weather,1.10,"Rain, again",It rains.,2026-03-05 07:30,rain,text/rain.md,urn:x:1,old towns;sky'

    (post,) = read_listing(a_listing(tmp_path, row))

    assert (post.series, post.number, post.title, post.summary) == ("weather", "1.10", "Rain, again", "It rains.")
    assert post.wall == datetime.datetime(2026, 3, 5, 7, 30)
    assert (post.slug, post.id, post.tags) == ("rain", "urn:x:1", ("old towns", "sky"))
    assert (post.body, post.media[0].path) == ("![Rain](rain.png)\n", "rain.png")
    assert (post.author, post.draft, str(post.place)) == (None, False, "listing.csv, line 2")


def test_series_and_title_are_enough(tmp_path: Path) -> None:
    (post,) = read_listing(a_file(tmp_path / "l.csv", "title,series\nRain,weather\n"))

    assert (post.slug, post.wall, post.body, post.tags) == ("rain", None, "", ())


def test_a_yaml_listing_reads_like_a_table(tmp_path: Path) -> None:
    text = "- series: weather\n  title: Rain\n  number: 1.10\n  date: 2026-03-05\n  tags: sky; sea\n"
    text += "- {series: weather, title: Snow, tags: [sky, 'a;b']}\n"

    rain, snow = read_listing(a_file(tmp_path / "listing.yaml", text))

    assert (rain.number, rain.wall, rain.tags) == ("1.10", datetime.date(2026, 3, 5), ("sky", "sea"))
    assert (snow.title, snow.tags, str(snow.place)) == ("Snow", ("sky", "a;b"), "listing.yaml, line 6")


def test_a_spreadsheet_file_is_read_with_its_mark_its_line_ends_and_its_empty_rows(tmp_path: Path) -> None:
    text = '\ufeffseries,title,summary\r\nweather,Rain,"Two\r\nlines"\r\n,,\r\n\r\nweather,Snow,\r\n'

    rain, snow = read_listing(a_file(tmp_path / "listing.csv", text))

    assert rain.summary == "Two lines"
    assert (snow.title, str(snow.place)) == ("Snow", "listing.csv, line 6")


def test_problems_after_a_quoted_newline_are_told_by_the_line_of_the_file(tmp_path: Path) -> None:
    path = a_file(
        tmp_path / "listing.csv", 'series,title,date\nweather,"Rain\nagain",2026-01-01\nweather,Snow,2026-02-30\n'
    )

    assert problems(read_listing, path) == [
        'listing.csv, line 4: `date` "2026-02-30": there is no such day in the calendar.'
    ]


def test_an_unknown_column_is_refused_with_the_nearest_known_one(tmp_path: Path) -> None:
    path = a_file(tmp_path / "listing.csv", "series,title,Summry\nweather,Rain,x\n")

    assert problems(read_listing, path) == [
        "listing.csv, line 1: `Summry` is not a column we know. Did you mean `summary`?"
    ]


def test_an_unknown_key_in_yaml_is_refused_by_its_line(tmp_path: Path) -> None:
    path = a_file(tmp_path / "listing.yml", "# ours\n- series: weather\n  title: Rain\n  author: Alice\n")

    assert problems(read_listing, path) == ["listing.yml, line 4: `author` is not a key we know."]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: is empty"),
        ("weather,Rain\n", "line 1: no header"),
        ("series;title\nweather;Rain\n", "line 1: no header; the first line must name columns, with commas"),
        ("series,title,title\nweather,Rain,Snow\n", "line 1: the column `title` is there 2 times."),
        ("series,title\nweather,Rain,x\n", "line 2: has 3 values for 2 columns."),
        ("series,title\nweather\n", "line 2: has 1 values for 2 columns."),
        ('series,title\nweather,"Rain\n', "line 2: is not CSV from here on"),
        ('series,title\nweather,"Ra"in"\n', "line 2: is not CSV from here on"),
        ("series,title\nweather," + "x" * 140_000 + "\n", "line 2: is not CSV from here on"),
        ("series,title\n", "holds no posts."),
        ("series,title\n,Rain\n", "line 2: `series` is missing."),
        ("series,title\nweather,\n", "line 2: `title` is missing."),
        ("series,title\nfeeds,Rain\n", 'line 2: `series` "feeds" is reserved'),
        ("series,title\nOld Weather,Rain\n", 'line 2: `series` "Old Weather" has a character'),
        ("series,title\nweather,Ra\x07in\n", "line 2: holds U+0007"),
    ],
)
def test_a_bad_table_is_refused(tmp_path: Path, text: str, message: str) -> None:
    assert message in problems(read_listing, a_file(tmp_path / "listing.csv", text))[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("series: weather\n", "line 1: holds no list"),
        ("- Rain\n", "line 1: a line `key: value` belongs here."),
        ("- {series: weather, title: Rain}\n- {series: a: b}\n", "line 2: is not YAML"),
        ("[]\n", "holds no posts."),
    ],
)
def test_a_bad_list_is_refused(tmp_path: Path, text: str, message: str) -> None:
    assert message in problems(read_listing, a_file(tmp_path / "listing.yaml", text))[0]


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    assert "is neither .csv nor .yaml" in problems(read_listing, a_file(tmp_path / "listing.ods", ""))[0]


def test_a_missing_listing_is_refused(tmp_path: Path) -> None:
    assert problems(read_listing, tmp_path / "listing.csv") == ["listing.csv: there is no such file."]


def test_one_slug_may_be_used_in_two_series_but_not_twice_in_one(tmp_path: Path) -> None:
    path = a_file(tmp_path / "listing.csv", "series,title\nweather,Rain\nsongs,Rain\nweather,Rain\n")

    assert problems(read_listing, path) == [
        "listing.csv, line 4: the slug `rain` is that of listing.csv, line 2 too; give one of them another."
    ]


def test_one_id_may_not_be_used_in_two_series(tmp_path: Path) -> None:
    path = a_file(tmp_path / "listing.csv", "series,title,id\nweather,Rain,urn:x:1\nsongs,Rain,urn:x:1\n")

    assert "line 3: the id `urn:x:1` is that of listing.csv, line 2 too" in problems(read_listing, path)[0]


@pytest.mark.parametrize(("name", "message"), [("no.md", "there is no such file"), ("../x.md", "lies outside")])
def test_a_body_that_is_not_in_the_folder_is_refused(tmp_path: Path, name: str, message: str) -> None:
    a_file(tmp_path / "x.md", "secret")
    path = a_file(tmp_path / "book" / "listing.csv", f"series,title,body_file\nweather,Rain,{name}\n")

    assert f'listing.csv, line 2: `body_file` "{name}": {message}' in problems(read_listing, path)[0]


def test_problems_of_a_body_are_told_by_its_own_name(tmp_path: Path) -> None:
    a_file(tmp_path / "a.md", b"\xff")
    a_file(tmp_path / "b.md", "---\ntitle: Rain\n---\n")
    a_file(tmp_path / "c.md", "\n![Rain](rain.png)\n")
    rows = [f"weather,,{name},,,,{name}.md,," for name in "abc"]

    found = problems(read_listing, a_listing(tmp_path, *rows))

    assert found[0].startswith("a.md, line 1: is not valid UTF-8")
    assert found[1].startswith("b.md, line 1: has front matter")
    assert found[2].startswith("c.md, line 2: the image `rain.png` is not there")
