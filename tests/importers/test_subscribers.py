from pathlib import Path

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importers.subscribers import normalized, read_subscribers
from importers.values import ImportRefused
from tests.importers.writing import a_file, problems

HEADER = "email,name,zone,hour,frequency,series,language"


def a_list(folder: Path, *rows: str) -> Path:
    return a_file(folder / "readers.csv", "\n".join([HEADER, *rows]) + "\n")


def test_a_row_with_every_column_is_read(tmp_path: Path) -> None:
    (alice,) = read_subscribers(
        a_list(tmp_path, "Alice@Example.ORG,Alice Ozola,Europe/Riga,07,weekly:friday,weather;songs,pt-BR")
    )

    assert (alice.email, alice.name, alice.zone, alice.hour) == ("Alice@example.org", "Alice Ozola", "Europe/Riga", 7)
    assert (alice.frequency, alice.series, alice.language) == ("weekly:friday", ("weather", "songs"), "pt-BR")
    assert str(alice.place) == "readers.csv, line 2"


def test_an_address_is_enough(tmp_path: Path) -> None:
    (bob,) = read_subscribers(a_file(tmp_path / "readers.csv", "email\nbob@example.org\n"))

    assert (bob.name, bob.zone, bob.hour, bob.frequency, bob.series, bob.language) == ("", None, None, None, (), None)


@pytest.mark.parametrize(
    ("text", "frequency"),
    [("instant", "instant"), ("daily", "daily"), ("weekly", "weekly:monday"), ("weekly:sunday", "weekly:sunday")],
)
def test_a_frequency_is_read(tmp_path: Path, text: str, frequency: str) -> None:
    (bob,) = read_subscribers(a_file(tmp_path / "readers.csv", f"email,frequency\nbob@example.org,{text}\n"))

    assert bob.frequency == frequency


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        (
            "zone",
            "Europe/Rigga",
            '`zone` "Europe/Rigga" is not a time zone, such as Europe/Riga. Did you mean `Europe/Riga`?',
        ),
        ("zone", "../../etc/passwd", "is not a time zone"),
        ("zone", "Europe", "is not a time zone"),
        ("zone", "localtime", "is not a time zone"),
        ("zone", "+02:00", "is not a time zone"),
        ("hour", "24", '`hour` "24": write a whole hour from 0 to 23.'),
        ("hour", "7:30", "whole hour"),
        ("hour", "-1", "whole hour"),
        ("hour", "７", "whole hour"),
        ("frequency", "dayly", "write instant, daily or weekly:monday. Did you mean `daily`?"),
        ("frequency", "weekly:someday", "write instant, daily"),
        ("series", "weather;Old Songs", '`series` "Old Songs" has a character'),
        ("language", "English (UK)", "write a language code"),
    ],
)
def test_a_bad_value_is_refused_by_line(tmp_path: Path, column: str, value: str, message: str) -> None:
    path = a_file(tmp_path / "readers.csv", f"email,{column}\nbob@example.org,{value}\n")

    (problem,) = problems(read_subscribers, path)

    assert problem.startswith(f"readers.csv, line 2: `{column}`")
    assert message in problem


@pytest.mark.parametrize("address", ["bob", "bob@", "bob@localhost", "Bob <bob@example.org>", "bob@exa mple.org"])
def test_what_is_not_an_address_is_refused(tmp_path: Path, address: str) -> None:
    path = a_file(tmp_path / "readers.csv", f"email\n{address}\n")

    assert problems(read_subscribers, path)[0].startswith(f'readers.csv, line 2: `email` "{address}": ')


def test_a_missing_address_is_refused(tmp_path: Path) -> None:
    assert problems(read_subscribers, a_list(tmp_path, ",Bob,,,,,")) == ["readers.csv, line 2: `email` is missing."]


def test_all_problems_of_all_rows_are_told_at_once(tmp_path: Path) -> None:
    found = problems(read_subscribers, a_list(tmp_path, "bob,Bob,Riga,99,often,,", "eve@example.org,Eve,,25,,,"))

    assert [problem.split(" ")[2].rstrip(":") for problem in found] == ["2", "2", "2", "2", "3"]


def test_an_unknown_column_is_refused_with_the_nearest_known_one(tmp_path: Path) -> None:
    path = a_file(tmp_path / "readers.csv", "e-mail,name,email\nx,Bob,bob@example.org\n")

    assert problems(read_subscribers, path) == [
        "readers.csv, line 1: `e-mail` is not a column we know. Did you mean `email`?"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "is empty"), ("bob@example.org\n", "line 1: no header"), ("email\n", "readers.csv: holds no readers.")],
)
def test_a_list_without_header_or_readers_is_refused(tmp_path: Path, text: str, message: str) -> None:
    assert message in problems(read_subscribers, a_file(tmp_path / "readers.csv", text))[0]


def test_a_missing_list_is_refused(tmp_path: Path) -> None:
    assert problems(read_subscribers, tmp_path / "readers.csv") == ["readers.csv: there is no such file."]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60))
def test_any_bytes_below_the_header_are_read_or_refused(tmp_path: Path, rows: bytes) -> None:
    path = a_file(tmp_path / "readers.csv", HEADER.encode() + b"\n" + rows)

    try:
        readers = read_subscribers(path)
    except ImportRefused:
        return
    assert all("@" in reader.email for reader in readers)


def test_two_spellings_of_one_address_are_read_as_they_are_written(tmp_path: Path) -> None:
    path = a_file(tmp_path / "readers.csv", "email\nbob@example.org\nBob@EXAMPLE.org\n")

    assert [bob.email for bob in read_subscribers(path)] == ["bob@example.org", "Bob@example.org"]


def by_the_library(address: str) -> str | None:
    try:
        return validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def by_us(address: str) -> str | None:
    try:
        return normalized(address)
    except EmailNotValidError:
        return None


@given(
    st.text(alphabet='ab1._%+-@Aé "', max_size=70),
    st.sampled_from(["", "@example.org", "@EXAMPLE.test", "@localhost", "@a.b-.org", "@" + "b." * 100 + "org"]),
)
def test_plain_addresses_are_read_as_the_library_reads_them(local: str, domain: str) -> None:
    assert by_us(local + domain) == by_the_library(local + domain)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("format", "pdf", '`format` "pdf": write html, text.'),
        ("state", "gone", '`state` "gone": write active, paused, left.'),
        ("paused_until", "tomorrow", "write an instant such as 2026-08-01T05:00:00Z"),
        ("paused_until", "2026-08-01T05:00:00", "write an instant such as"),
    ],
)
def test_what_an_export_would_not_write_is_refused(tmp_path: Path, column: str, value: str, message: str) -> None:
    path = a_file(tmp_path / "readers.csv", f"email,{column}\nbob@example.org,{value}\n")

    assert message in problems(read_subscribers, path)[0]
