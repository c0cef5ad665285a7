"""Lists of subscribers, in and out, from the command line."""

import csv
from pathlib import Path

import pytest

from tests.program.running import Program


@pytest.fixture
def house(program: Program) -> Program:
    """Two series."""
    for slug in ("rain", "songs"):
        assert program("series", "create", slug, "--title", slug.title()).code == 0
    return program


def listed(program: Program) -> list[str]:
    return [row["address"] for row in program("subscribers", "list", "--json").rows()]


def test_a_bad_line_is_named_with_what_to_do_and_nothing_is_written(house: Program):
    house.write("readers.csv", "email,hour,series\nalice@example.org,7,rain\nbob@,8,rain\ncarol@example.org,9,rian\n")

    done = house("subscribers", "import", "readers.csv")

    assert done.code == 1
    assert 'readers.csv, line 3: `email` "bob@"' in done.err
    assert "line 4: series 'rian' is not there; `fascicle series list` shows those that are. Did you mean" in done.err
    assert "Nothing was written; mend the above and import again, or leave such lines out" in done.err
    assert listed(house) == []


def test_bad_lines_are_left_out_when_asked_and_reported(house: Program):
    house.write("readers.csv", "email,hour,series\nalice@example.org,7,rain\nbob@,25,rain\n")

    done = house("subscribers", "import", "readers.csv", "--skip-refused", "--report", "refused.csv")

    with (house.folder / "refused.csv").open(newline="") as file:
        header, refused = csv.reader(file)
    assert (done.code, done.out) == (1, "Subscribers: 1 new, 1 refused.\n")
    assert header == ["line", "email", "problem"]
    assert refused[:2] == ["3", "bob@"]
    assert refused[2].endswith('`hour` "25": write a whole hour from 0 to 23.')
    assert listed(house) == ["alice@example.org"]


def test_of_very_many_bad_lines_the_first_are_named_and_the_report_has_all(house: Program):
    house.write("readers.csv", "email\n" + "nobody\n" * 500)

    done = house("subscribers", "import", "readers.csv", "--report", "refused.csv")

    assert done.code == 1
    assert done.err.count("readers.csv, line") == 20
    assert "… and 480 more lines; refused.csv names them all." in done.err
    assert len((house.folder / "refused.csv").read_text().splitlines()) == 501


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"Bj\xf6rk <bjork@example.org>", "line 3: is not valid UTF-8; save the file as UTF-8."),
        (b"bob@example.org,", "line 3: has 2 values for 1 columns."),
        (b'"bob"@example.org"', "line 3: is not CSV"),
        (b"b\x00b@example.org", "line 3: holds U+0000, a character that no letter can carry; remove it."),
        (b"x" * 300_000, "line 3: is not CSV"),
    ],
)
def test_a_line_that_cannot_be_read_does_not_keep_the_next_ones_out(house: Program, line: bytes, said: str):
    path = house.write("readers.csv", "")
    path.write_bytes(b"email\nalice@example.org\n" + line + b"\ncarol@example.org\n")

    done = house("subscribers", "import", "readers.csv", "--skip-refused")

    assert done.code == 1
    assert said in done.err
    assert listed(house) == ["alice@example.org", "carol@example.org"]


def test_a_dry_run_counts_and_writes_nothing(house: Program):
    house.write("readers.csv", "email\nalice@example.org\nbob@example.org\n")

    done = house("subscribers", "import", "readers.csv", "--dry-run")
    after = house("subscribers", "import", "readers.csv", "--json")

    assert (done.code, done.out) == (0, "Would be: 2 new.\n")
    assert after.rows() == {"new": 2, "changed": 0, "left_before": 0, "suppressed": 0, "refused": 0}


def test_a_list_without_readers_is_refused(house: Program):
    house.write("readers.csv", "email\n")

    done = house("subscribers", "import", "readers.csv")

    assert done.code == 1
    assert "readers.csv: holds no readers." in done.err


@pytest.mark.parametrize("arguments", [["subscribers", "import", "readers.csv", "--report"], ["subscribers", "export"]])
def test_a_file_that_cannot_be_written_is_said(house: Program, arguments: list[str]):
    house.write("readers.csv", "email\nalice@example.org\n")

    done = house(*arguments, "nowhere/refused.csv")

    assert done.code == 2
    assert "nowhere/refused.csv: cannot be written: No such file or directory" in done.err


def people(house: Program) -> None:
    """Readers of every kind there is, one of them with a name that CSV has to quote."""
    for address, name in (("alice@example.org", 'Alice "Al" Ozola, Dr.'), ("bob@example.org", "Боб 🦊")):
        assert house("subscribers", "add", address, "--name", name, "--zone", "Europe/Riga", "--hour", "21").code == 0
    house("subscribers", "follow", "alice@example.org", "rain", "--frequency", "weekly:friday")
    house("subscribers", "change", "bob@example.org", "--format", "text", "--language", "de")
    house("subscribers", "pause", "bob@example.org", "--until", "2030-08-01")
    for address in ("carol@example.org", "dave@example.org"):
        house("subscribers", "add", address, "--frequency", "instant", "--series", "songs")
    house("subscribers", "leave", "carol@example.org")
    house("subscribers", "leave", "dave@example.org", "--series", "songs")


def test_what_was_exported_is_read_back_to_the_same(house: Program, tmp_path: Path):
    people(house)
    there = Program(tmp_path / "there")
    there.folder.mkdir()
    there("init")
    for slug in ("rain", "songs"):
        there("series", "create", slug, "--title", slug.title())

    exported = house("subscribers", "export", str(tmp_path / "all.csv"))
    taken = there("subscribers", "import", str(tmp_path / "all.csv"))

    assert (exported.code, taken.code) == (0, 0)
    assert there("subscribers", "export").out == house("subscribers", "export").out
    assert there("subscribers", "export", "--json").rows() == house("subscribers", "export", "--json").rows()
    assert (tmp_path / "all.csv").read_text() == house("subscribers", "export").out
    assert (tmp_path / "all.csv").stat().st_mode & 0o077 == 0


def test_an_export_read_back_where_it_came_from_changes_nothing(house: Program, tmp_path: Path):
    people(house)
    before = house("subscribers", "export").out
    house("subscribers", "export", str(tmp_path / "all.csv"))

    taken = house("subscribers", "import", str(tmp_path / "all.csv"))

    assert taken.code == 0
    assert house("subscribers", "export").out == before


def test_an_export_names_each_reader_once_for_programs(house: Program):
    people(house)

    alice, bob, carol, dave = house("subscribers", "export", "--json").rows()

    assert alice["follows"] == [
        {"series": "rain", "frequency": "weekly:friday"},
        {"series": "songs", "frequency": "daily"},
    ]
    assert (bob["state"], bob["format"], bob["language"]) == ("paused", "text", "de")
    assert (carol["state"], dave["state"], dave["follows"]) == ("left", "active", [])
