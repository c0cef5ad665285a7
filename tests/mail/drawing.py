"""Faults of a relay drawn at random, for tests of what holds whatever it does."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from hypothesis import strategies as st

from tests.mail.faults import Answer, Fault, Packets, Reading, Step, Then

GREETING: Final = ("greeting", "EHLO", "HELO")
LETTER: Final = ("MAIL", "RCPT", "DATA", "body", "dot", "RSET")
STEPS: Final = (*LETTER, *GREETING, "QUIT", "dot", "DATA")
"""Where all is at stake, twice."""
_USUAL: Final = {"greeting": b"220", "DATA": b"354", "QUIT": b"221"}
_REFUSALS: Final = (
    b"421 4.3.2 going down\r\n",
    b"450 4.2.1 later\r\n",
    b"451-4.7.1 greylisted\r\n451 4.7.1 later\r\n",
    b"452\r\n",
    b"550 5.1.1 no such user\r\n",
    b"552 5.2.2 mailbox full\r\n",
    b"552-too\r\n552-big\r\n552 5.3.4 by far\r\n",
    b"554 5.7.1 never\r\n",
)
_GARBAGE: Final = (
    b"\r\n",
    b"what?\r\n",
    b"25\r\n",
    b"199 odd\r\n",
    b"333 odd\r\n",
    b"\xff\xfe\x00\r\n",
    b"250 " + b"x" * 9_000 + b"\r\n",
    b"550 " + b"x" * 9_000 + b"\r\n",
)
_WAITS: Final = (0, 0, 0, 1, 59, 119, 121, 299, 301, 599, 601)
"""Seconds on both sides of each wait that RFC 5321, 4.5.3.2 names."""


def faults(
    steps: Sequence[Step] = STEPS, *, recipients: Sequence[str] = (), slow: bool = True, most: int = 6
) -> st.SearchStrategy[list[Fault]]:
    """Scripts for a FaultyRelay: one to `most` faults at these steps, some of them for one of the recipients only.

    Without `slow` no time passes, and no answer is left out: for relays whose seconds are real.
    """
    drawn = st.sampled_from(steps).flatmap(lambda step: _fault(step, recipients, slow))
    return st.lists(drawn, min_size=1, max_size=most)


def answers(step: Step, *, slow: bool = True) -> st.SearchStrategy[Answer]:
    """Anything a relay might say to a step: what it should, a refusal, garbage, half of it, nothing, all of it twice.

    Two replies always come in one packet: whoever gets the second later must take it for the next one's.
    """
    lines = st.sampled_from(_lines(step))
    then = st.sampled_from([Then.listens, Then.listens, Then.hangs_up, Then.resets])
    drawn = st.builds(
        Answer, line=lines, packets=st.sampled_from(Packets), then=then, after=_wait(slow), pause=_wait(slow)
    )
    cut_short = st.tuples(drawn, st.integers(0, 40)).map(lambda pair: replace(pair[0], line=pair[0].line[: pair[1]]))
    two_lines = st.tuples(st.just(_good(step)), lines).map(b"".join)
    twice = st.builds(Answer, line=two_lines, then=then, after=_wait(slow))
    either = st.one_of(drawn, drawn, cut_short, twice)
    return either if slow else either.map(_not_silent)


def _fault(step: Step, recipients: Sequence[str], slow: bool) -> st.SearchStrategy[Fault]:
    in_letter = step in LETTER
    return st.builds(
        Fault,
        st.just(step),
        _readings(slow) if step == "body" else answers(step, slow=slow),
        recipient=st.none() | st.sampled_from([None, *recipients]) if in_letter and step != "MAIL" else st.none(),
        letter=st.sampled_from([None, None, None, 1, 2]) if in_letter else st.none(),
        connection=st.sampled_from([None, None, None, 1]),
        times=st.sampled_from([None, 1, 1, 2]),
    )


def _readings(slow: bool) -> st.SearchStrategy[Reading]:
    return st.builds(
        Reading,
        bytes_at_once=st.sampled_from([1, 7, 65_536]),
        every=st.sampled_from([0, 1, 60]) if slow else st.just(0),
        hangs_up_after=st.sampled_from([None, None, 0, 1, 20, 40]),
    )


def _lines(step: Step) -> list[bytes]:
    code = _USUAL.get(step, b"250")
    return [_good(step), code + b"-fine\r\n" + code + b" go on\r\n", code + b"\r\n", *_REFUSALS, *_GARBAGE]


def _good(step: Step) -> bytes:
    return _USUAL.get(step, b"250") + b" fine\r\n"


def _wait(slow: bool) -> st.SearchStrategy[float]:
    return st.sampled_from(_WAITS) if slow else st.just(0)


def _not_silent(answer: Answer) -> Answer:
    """A line that ends, or else a line that is lost."""
    whole = answer.line.endswith(b"\n")
    return answer if whole or answer.then is not Then.listens else replace(answer, then=Then.hangs_up)
