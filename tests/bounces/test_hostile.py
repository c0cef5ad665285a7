"""Messages built to cost much: they are refused or cut, in little time and memory."""

import contextlib
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail.bounce import Bounce, read_bounce
from mail.failures import Says
from mail.mime import MOST_BYTES, MessageRefused, read_message, read_some
from mail.verdict import report_on
from tests.bounces.shapes import ALICE, PATH, SERVERS, absence, complaint, failed

MEGABYTE = 1 << 20
SECONDS = 3.0
"""A generous bound for a busy machine; each of these takes a few hundredths of a second on a quiet one."""


def nested(depth: int) -> bytes:
    opening = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (level, level) for level in range(depth)
    )
    return opening + b"\r\nWords."


def with_parts(count: int) -> bytes:
    return b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nx\r\n" * count + b"--b--\r\n"


BOMBS = {
    "a thousand multiparts within each other": nested(1_000),
    "ten deep": nested(10),
    "a hundred thousand parts": with_parts(100_000),
    "a head of a megabyte": b"X-Long: " + b"a" * MEGABYTE,
    "a head of many fields": b"X: y\r\n" * 200_000,
    "a head of blanks": b"X:" + b"\r\n " * 300_000,
}
HEAVY = {
    "one endless line": b"\r\n" + b"a" * MEGABYTE,
    "line feeds": b"\n" * MEGABYTE,
    "nearly delimiters": b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b " * (MEGABYTE // 4),
    "blanks behind a delimiter": b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b' + b" " * MEGABYTE,
    "quotes without end": b"Content-Type: multipart/mixed" + b';a="\\' * 10_000 + b"\r\n\r\nx",
    "parameters": b"Content-Type: text/plain" + b"; a=b" * 12_000 + b"\r\n\r\nx",
    "groups": failed("5.1.1").replace(b"Action", b"A: b\r\n\r\n" * 100_000 + b"Action"),
    "blank lines in a status": failed("5.1.1").replace(b"Action", b"\r\n \t" * 200_000 + b"\r\nAction"),
    "a wide diagnostic": failed("5.0.0", "550 " + "5.1." * 10_000),
    "comments in an address": failed("5.1.1", address="(" * 30_000 + ALICE),
    "a domain of many letters": failed("5.1.1", address="a@" + "ü" * 20_000),
    "qmail paragraphs": b"\r\nHi. This is the\n\n" + b"<a@b>:\nx\n\n" * 90_000,
    "exim addresses": b"X-Failed-Recipients: " + b"a@b, " * 12_000 + b"\r\n\r\nx",
    "blanks in a notice of exim's": b"X-Failed-Recipients: a@b\r\n\r\n" + b" \t" * (MEGABYTE // 2),
    "return paths": b"To: " + PATH.encode() * 900 + b"\r\n\r\nx",
    "base64": b"Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"QUFB" * 200_000,
    "soft line ends": b"Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    + b"=\n" * 500_000,
}


def cost(work: Callable[[], object]) -> tuple[float, int]:
    """Seconds and bytes at the peak that some work takes."""
    began = time.process_time()
    work()
    seconds = time.process_time() - began
    tracemalloc.start()
    try:
        work()
        return seconds, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_message_that_is_built_to_cost_much_is_refused_at_little_cost(bomb: bytes):
    def read() -> None:
        with pytest.raises(MessageRefused, match="not read"):
            read_bounce(bomb)

    seconds, memory = cost(read)

    assert seconds < SECONDS
    assert memory < 16 * MEGABYTE


@pytest.mark.parametrize("heavy", HEAVY.values(), ids=HEAVY)
def test_a_heavy_message_is_read_or_refused_at_little_cost(heavy: bytes):
    def read() -> None:
        with contextlib.suppress(MessageRefused):
            read_bounce(heavy)

    seconds, memory = cost(read)

    assert seconds < SECONDS
    assert memory < 32 * MEGABYTE


def test_of_fifty_megabytes_only_the_beginning_is_read(tmp_path: Path):
    path = tmp_path / "large.eml"
    path.write_bytes(failed("5.1.1") + b"a" * 50 * MEGABYTE)

    with path.open("rb") as file:
        data = read_some(file)
    seconds, memory = cost(lambda: read_bounce(data))

    assert len(data) == MOST_BYTES
    assert report_on(read_bounce(data).reports, ALICE).says is Says.hard  # type: ignore[union-attr]
    assert seconds < SECONDS
    assert memory < 16 * MEGABYTE


def test_fifty_megabytes_in_memory_are_cut_before_they_are_looked_at():
    data = failed("5.1.1") + b"a" * 50 * MEGABYTE

    seconds, memory = cost(lambda: read_message(data))

    assert seconds < SECONDS
    assert memory < 16 * MEGABYTE


# Pieces of true messages, put together in any way: more of the readers' ways are walked than by chance alone.
PIECES = sorted(
    {
        piece
        for message in [
            *(make() for make in SERVERS.values()),
            complaint(),
            absence(),
            *map(failed, ("4.2.2", "5.7.1")),
        ]
        for piece in message.splitlines(keepends=True)
    }
)
MESSAGES = st.one_of(
    st.binary(max_size=500), st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=20))).map(b"".join)
)


@settings(max_examples=500)
@given(MESSAGES, st.text(max_size=60))
def test_no_bytes_at_all_make_the_readers_raise_anything_but_their_own_refusal(data: bytes, recipient: str):
    try:
        bounce = read_bounce(data, recipient)
    except MessageRefused:
        return
    assert isinstance(bounce, Bounce)
    assert bounce.reports
    report_on(bounce.reports, ALICE)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A true message with some of its bytes cut out, doubled or replaced."""
    data = bytearray(draw(st.sampled_from([make() for make in SERVERS.values()] + [complaint()])))
    for _ in range(draw(st.integers(1, 6))):
        place, length = draw(st.integers(0, len(data))), draw(st.integers(0, 40))
        data[place : place + length] = draw(st.binary(max_size=30)) * draw(st.integers(0, 3))
    return bytes(data)


@settings(max_examples=500)
@given(damaged())
def test_a_damaged_report_raises_nothing_and_speaks_of_nobody_whom_it_does_not_name(data: bytes):
    try:
        bounce = read_bounce(data)
    except MessageRefused:
        return
    about_carol = report_on(bounce.reports, "carol@example.org")
    assert about_carol is None or about_carol.says in (Says.complaint, Says.auto_reply, Says.unknown)


def test_what_follows_the_line_before_a_copy_is_no_report_though_no_empty_line_is_before_it():
    data = (
        SERVERS["qmail"]().replace(b"\r\n\r\n--- Below", b"\r\n--- Below") + b"\r\n<bob@example.org>:\r\n(#5.1.1)\r\n"
    )

    bounce = read_bounce(data)

    assert report_on(bounce.reports, "bob@example.org") is None
    assert report_on(bounce.reports, ALICE) is not None
