"""The rules of asking with conditions, as rules of values."""

from datetime import UTC, datetime

import pytest
from starlette.datastructures import Headers

from web.accepting import Coding, accepted
from web.preconditions import Validators, judge

PLAIN, GZIP = Coding.plain, Coding.gzip
CHANGED = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
KNOWN = Validators("abc", "-gzip", CHANGED)


def headers(**named: str) -> Headers:
    return Headers({name.replace("_", "-"): value for name, value in named.items()})


@pytest.mark.parametrize(
    ("said", "codings"),
    [
        ("", (PLAIN,)),
        ("gzip", (GZIP, PLAIN)),
        ("GZip", (GZIP, PLAIN)),
        ("x-gzip", (GZIP, PLAIN)),
        ("gzip, deflate, br, zstd", (GZIP, PLAIN)),
        ("*", (GZIP, PLAIN)),
        ("br", (PLAIN,)),
        ("gzip;q=0", (PLAIN,)),
        ("gzip; q=0.000, *", (PLAIN,)),
        ("gzip;q=0.001", (GZIP, PLAIN)),
        ("gzip;q=0.5, identity", (PLAIN, GZIP)),
        ("gzip ; Q=0.8 , identity;q=0.8", (GZIP, PLAIN)),
        ("identity;q=0", ()),
        ("identity;q=0, gzip", (GZIP,)),
        ("*;q=0", ()),
        ("*;q=0, identity", (PLAIN,)),
        ("gzip, *;q=0", (GZIP,)),
        ("gzip;q=much", (PLAIN,)),
        ("gzip;q=nan", (PLAIN,)),
        (",,gzip,", (GZIP, PLAIN)),
    ],
)
def test_codings_are_taken_as_they_are_liked(said: str, codings: tuple[Coding, ...]):
    assert accepted(headers(accept_encoding=said)) == codings


def test_who_says_nothing_of_codings_gets_plain_bytes():
    assert accepted(headers()) == (PLAIN,)


def test_several_lines_are_one_list():
    lines = Headers(raw=[(b"accept-encoding", b"br"), (b"accept-encoding", b"gzip")])

    assert accepted(lines) == (GZIP, PLAIN)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ('"abc-gzip"', 304),
        ('W/"abc-gzip"', 304),
        ('"x", W/"abc-gzip", "y"', 304),
        ('"abc"', 304),
        ("*", 304),
        (" * ", 304),
        ('"abcd"', 200),
        ("abc-gzip", 200),
        ('"*"', 200),
        ("", 200),
        ('"ABC-gzip"', 200),
    ],
)
def test_who_names_the_tag_has_the_document(said: str, status: int):
    assert judge(headers(if_none_match=said), KNOWN).status == status


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 304),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 304),
        ("Sun Nov  6 08:49:37 1994", 304),
        ("Sun, 06 Nov 1994 08:49:38 GMT", 304),
        ("Sun, 06 Nov 1994 08:49:36 GMT", 200),
        ("yesterday", 200),
        ("", 200),
        ("Sun, 99 Nov 1994 08:49:37 GMT", 200),
    ],
)
def test_each_way_to_write_a_date_is_read_and_what_is_none_is_ignored(said: str, status: int):
    assert judge(headers(if_modified_since=said), KNOWN).status == status


def test_the_tag_decides_where_tag_and_date_are_given():
    fresh, old = "Sun, 06 Nov 1994 08:49:37 GMT", "Sat, 05 Nov 1994 08:49:37 GMT"

    assert judge(headers(if_none_match='"other"', if_modified_since=fresh), KNOWN).status == 200
    assert judge(headers(if_none_match='"abc-gzip"', if_modified_since=old), KNOWN).status == 304


@pytest.mark.parametrize(
    ("named", "status"),
    [
        ({"if_match": '"abc-gzip"'}, 200),
        ({"if_match": "*"}, 200),
        ({"if_match": '"abc"'}, 412),
        ({"if_match": 'W/"abc-gzip"'}, 412),
        ({"if_match": '"abc-gzip"', "if_none_match": '"abc-gzip"'}, 304),
        ({"if_unmodified_since": "Sun, 06 Nov 1994 08:49:37 GMT"}, 200),
        ({"if_unmodified_since": "Sun, 06 Nov 1994 08:49:36 GMT"}, 412),
        ({"if_match": "*", "if_unmodified_since": "Sun, 06 Nov 1994 08:49:36 GMT"}, 200),
    ],
)
def test_who_wants_one_version_and_no_other_gets_that_or_none(named: dict[str, str], status: int):
    assert judge(headers(**named), KNOWN).status == status


def test_what_has_no_date_is_never_judged_by_one():
    undated = Validators("abc")

    assert judge(headers(if_modified_since="Sun, 06 Nov 2094 08:49:37 GMT"), undated).status == 200
    assert judge(headers(if_unmodified_since="Sun, 06 Nov 1994 08:49:37 GMT"), undated).status == 200
