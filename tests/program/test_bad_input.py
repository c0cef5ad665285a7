import shutil
import socket
import sqlite3
from pathlib import Path

import pytest

from tests.mail.faulty import FaultyRelay
from tests.program.running import Program
from tests.sending.office import running

SEVEN = "2026-03-02T07:00:00Z"


@pytest.fixture
def rain(program: Program) -> Program:
    """A live store with one series."""
    assert program("series", "create", "rain", "--title", "Rain").code == 0
    return program


def test_a_broken_configuration_is_named_with_its_line(program: Program):
    program.write("config.yaml", "site:\n  title: [unclosed\n")

    done = program("series", "list")

    assert done.code == 2
    assert "config.yaml, line " in done.err


def test_an_unknown_setting_is_named_by_its_path(program: Program):
    program.configure("  zone: Europe/Riga", "  zoen: Europe/Riga")

    done = program("series", "list")

    assert done.code == 2
    assert "config.yaml: site.zoen: not a setting we know. Did you mean `zone`?" in done.err


def test_an_unknown_zone_is_refused(program: Program):
    program.configure("zone: Europe/Riga", "zone: Europe/Rgia")

    done = program("series", "list")

    assert done.code == 2
    assert "site.zone: 'Europe/Rgia' is not an IANA zone" in done.err


def test_without_a_configuration_the_way_to_one_is_said(nowhere: Program):
    done = nowhere("series", "list")

    assert done.code == 2
    assert "config.yaml: no such file; `fascicle init` writes one" in done.err


def test_without_its_secret_nothing_works(program: Program):
    (program.folder / "secret.key").unlink()

    done = program("series", "list")

    assert done.code == 1
    assert "secret.key: no secret there" in done.err


@pytest.mark.parametrize(
    ("matter", "words"),
    [
        ("title: One\ntilte: Two", "`tilte` is not a key we know"),
        ("title: One\ndate: 2030-02-30", "there is no such day in the calendar"),
        ("title: One\ndate: 2030-02-20T07:00Z", "leave out the offset"),
    ],
)
def test_bad_front_matter_is_named_and_nothing_is_taken_in(rain: Program, matter: str, words: str):
    rain.write("chapters/good.md", "---\ntitle: Good\n---\nFine.\n")
    rain.write("chapters/one.md", f"---\n{matter}\n---\nIt rained.\n")

    done = rain("import", "chapters", "--series", "rain")

    assert done.code == 1
    assert "one.md" in done.err
    assert words in done.err
    assert rain("posts", "list", "--json").rows() == []


def test_two_files_with_one_slug_are_refused(rain: Program):
    for name in ("a.md", "b.md"):
        rain.write(f"chapters/{name}", "---\ntitle: One\n---\nIt rained.\n")

    done = rain("import", "chapters", "--series", "rain")

    assert done.code == 1
    assert "`one`" in done.err
    assert "a.md" in done.err
    assert rain("posts", "list", "--json").rows() == []


def test_a_reserved_slug_is_refused(program: Program):
    done = program("series", "create", "operator", "--title", "Operator")

    assert done.code == 2
    assert "operator" in done.err
    assert program("series", "list", "--json").rows() == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["nobody"], '`email` "nobody"'), (["a@example.org", "--zone", "Mars/Olympus"], "is not a time zone")],
)
def test_a_bad_reader_is_refused(rain: Program, arguments: list[str], words: str):
    done = rain("subscribers", "add", *arguments)

    assert done.code in (1, 2)
    assert words in done.err
    assert rain("subscribers", "list", "--json").rows() == []


def test_one_bad_row_of_a_spreadsheet_keeps_all_out(rain: Program):
    rain.write("readers.csv", "\ufeffemail,hour\r\nalice@example.org,7\r\nbob@example.org,25\r\n")

    done = rain("subscribers", "import", "readers.csv")

    assert done.code == 1
    assert "readers.csv" in done.err
    assert '3: `hour` "25"' in done.err
    assert rain("subscribers", "list", "--json").rows() == []


def test_a_relay_that_is_down_keeps_the_letters(replay: Program):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        replay.relay_at(taken.getsockname()[1])
        done = replay("editions", "send", "--now", SEVEN, "--json")

    assert (done.code, done.rows()["pending"]) == (1, 1)
    assert "127.0.0.1" in done.err


@pytest.mark.parametrize(("answer", "state"), [("450 4.2.1 later", "soft"), ("550 5.7.1 no", "hard")])
def test_a_relay_that_refuses_leaves_its_words_in_the_ledger(replay: Program, answer: str, state: str):
    with running(FaultyRelay({"dot": answer})) as port:
        replay.relay_at(port)
        done = replay("editions", "send", "--now", SEVEN)

    [row] = replay("deliveries", "list", "--json").rows()
    assert (done.code, row["state"]) == (1, state)
    assert row["reply"] == answer[4:]


def test_a_feeds_folder_that_cannot_be_written_stops_no_release(replay: Program):
    (replay.folder / "public").write_text("a file where a folder should be")

    done = replay("release", "--now", SEVEN)

    assert replay("posts", "list", "--json").rows()[0]["state"] == "released"
    assert "feeds.storage" in done.err
    assert done.code == 1


def test_feeds_that_are_behind_are_counted_truly(replay: Program):
    (replay.folder / "public").write_text("a file where a folder should be")
    replay("release", "--now", SEVEN)

    done = replay("feeds", "build")

    assert done.code == 1
    assert "feeds.storage" in done.err
    assert "-" not in done.out.split()[0]


def test_a_database_newer_than_the_program_is_left_alone(program: Program):
    with sqlite3.connect(program.folder / "fascicle.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()

    done = program("series", "list")

    assert done.code == 1
    assert "9999" in done.err
    assert "newer" in done.err


def test_the_future_is_refused_on_a_live_store(program: Program):
    done = program("release", "--now", "2999-01-01T00:00:00Z")

    assert done.code == 2
    assert "lies in the future" in done.err


def test_a_moment_without_an_offset_is_refused(program: Program):
    done = program("release", "--now", "2026-03-02 07:00")

    assert done.code == 2
    assert "is not an instant" in done.err


@pytest.fixture
def clone(program: Program, tmp_path: Path) -> Program:
    """The whole folder copied, as a backup that was restored beside the original."""
    shutil.copytree(program.folder, tmp_path / "clone")
    return Program(tmp_path / "clone")


def test_a_cloned_store_releases_nothing(clone: Program):
    done = clone("release")

    assert done.code == 1
    assert "fascicle db adopt" in done.err


def test_a_cloned_store_goes_on_once_it_is_adopted(clone: Program):
    adopted = clone("db", "adopt")

    assert adopted.code == 0
    assert clone("release").code == 0


def test_a_calendar_is_begun_only_for_a_replay(nowhere: Program):
    ended = nowhere("init", "--now", "2026-03-01T12:00:00Z")

    assert ended.code == 2
    assert "--replay" in ended.err


def test_a_zone_that_cannot_be_changed_is_not_passed_over(program: Program):
    program("series", "create", "rain", "--title", "Rain", "--zone", "UTC")
    program.write("series.yaml", "- slug: rain\n  zone: Europe/Riga\n")

    ended = program("series", "load", "series.yaml")

    assert ended.code == 2
    assert "its zone is UTC" in ended.err


def test_a_second_try_during_the_pause_says_why_letters_wait(replay: Program):
    replay("editions", "send", "--now", "2026-03-02T07:00:00Z")

    again = replay("editions", "send", "--now", "2026-03-02T07:00:00Z")

    assert again.code == 1
    assert "next try" in again.err
