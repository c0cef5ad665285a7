"""Folders and archives that somebody sent: laid out as they are, or refused with what is wrong, by file."""

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from importers.findings import Findings
from importers.sent import Limits, SentFile, lay_out, unpack

SMALL = Limits(files=3, bytes=1_000)


def a_zip(**files: bytes) -> io.BytesIO:
    return packed([(name.replace("__", "/"), body) for name, body in files.items()])


def packed(files: list[tuple[str | zipfile.ZipInfo, bytes]]) -> io.BytesIO:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return body


def unpacked(archive: io.BytesIO, folder: Path, limits: Limits = SMALL) -> list[str]:
    findings = Findings()
    unpack(archive, "book.zip", folder, limits=limits, findings=findings)
    return [str(problem) for problem in findings.problems]


def laid_out(names: dict[str, bytes], folder: Path, limits: Limits = SMALL) -> list[str]:
    findings = Findings()
    files = [SentFile(name, io.BytesIO(body)) for name, body in names.items()]
    lay_out(files, folder, limits=limits, findings=findings)
    return [str(problem) for problem in findings.problems]


def there(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_lies_where_its_names_say_below_the_one_that_was_chosen(tmp_path: Path):
    assert laid_out({"book/1.md": b"one", "book/pictures/sea.png": b"sea"}, tmp_path) == []

    assert there(tmp_path) == {"1.md": b"one", "pictures/sea.png": b"sea"}


def test_a_zip_lies_there_as_a_folder_does(tmp_path: Path):
    assert unpacked(packed([("book/1.md", b"one"), ("book/pictures/sea.png", b"sea")]), tmp_path) == []

    assert there(tmp_path) == {"1.md": b"one", "pictures/sea.png": b"sea"}


def test_hidden_files_and_the_leavings_of_a_mac_are_left_alone(tmp_path: Path):
    names = [("1.md", b"one"), (".DS_Store", b"x"), ("__MACOSX/._1.md", b"x"), (".git/config", b"x")]

    assert unpacked(packed(names), tmp_path, Limits()) == []  # type: ignore[arg-type]

    assert there(tmp_path) == {"1.md": b"one"}


@pytest.mark.parametrize(
    "name", ["../out.md", "a/../../out.md", "/etc/out.md", "C:\\out.md", "..\\out.md", "\\\\host\\out.md", "a\nb.md"]
)
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str):
    inside = tmp_path / "inside"
    inside.mkdir()

    by_folder = laid_out({name: b"x"}, inside)
    by_zip = unpacked(packed([(name, b"x")]), inside)

    assert all("leads out of its folder" in said for said in (by_folder[0], by_zip[0]))
    assert there(tmp_path) == {}


def test_a_link_in_a_zip_is_refused_by_its_name(tmp_path: Path):
    link = zipfile.ZipInfo("secret.md")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16

    said = unpacked(packed([(link, b"/etc/passwd")]), tmp_path)

    assert said == ['"secret.md": is a link, or no plain file; put the file itself into the archive.']
    assert there(tmp_path) == {}


def test_a_zip_that_unpacks_to_too_much_is_refused_by_what_it_says_of_itself(tmp_path: Path):
    said = unpacked(a_zip(a=b"0" * 600, b=b"0" * 600), tmp_path)

    assert "more than 0 MB unpacked" in said[0]
    assert there(tmp_path) == {}


def test_a_zip_that_lies_about_its_size_is_stopped_as_it_comes(tmp_path: Path):
    archive = a_zip(bomb=b"0" * 100_000).getvalue()
    lying = archive.replace(struct.pack("<I", 100_000), struct.pack("<I", 10))

    said = unpacked(io.BytesIO(lying), tmp_path)

    assert len(said) == 1
    assert sum(map(len, there(tmp_path).values())) <= SMALL.bytes


def test_too_many_files_are_refused(tmp_path: Path):
    names = {f"{number}.md": b"x" for number in range(4)}

    assert "has 4 files; 3 may come at once" in laid_out(names, tmp_path)[0]
    assert "has 4 files; 3 may come at once" in unpacked(packed(list(names.items())), tmp_path)[0]  # type: ignore[arg-type]
    assert there(tmp_path) == {}


def test_too_many_bytes_of_a_folder_are_refused(tmp_path: Path):
    assert "more than 0 MB" in laid_out({"1.md": b"0" * 600, "2.md": b"0" * 600}, tmp_path)[0]


def test_a_table_of_contents_of_millions_is_not_even_read(tmp_path: Path):
    archive = bytearray(a_zip(a=b"x").getvalue())
    at = archive.rfind(b"PK\x05\x06")
    archive[at + 12 : at + 16] = struct.pack("<I", 100_000_000)

    assert "has far too many files" in unpacked(io.BytesIO(archive), tmp_path)[0]


def test_what_is_no_zip_is_said_to_be_none(tmp_path: Path):
    assert unpacked(io.BytesIO(b"a picture"), tmp_path) == ["book.zip: is no ZIP, or is cut off."]
    assert "cannot be unpacked" in unpacked(io.BytesIO(a_zip(a=b"x").getvalue()[20:]), tmp_path)[0]


def test_a_zip_with_a_password_is_refused_by_the_name_of_the_file(tmp_path: Path):
    archive = bytearray(a_zip(a=b"x").getvalue())
    at = archive.find(b"PK\x01\x02")
    archive[at + 8] |= 1

    assert unpacked(io.BytesIO(archive), tmp_path) == ['"a": has a password; pack it without one.']


def test_two_files_of_one_name_are_refused(tmp_path: Path):
    assert "is there twice" in laid_out({"b/rain.md": b"1", "b/Rain.md": b"2"}, tmp_path)[0]


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path):
    assert "name of another file" in laid_out({"rain": b"1", "rain/sea.md": b"2"}, tmp_path)[0]
