"""What may happen, as hypothesis draws it: how time passes, how the relay answers, and who does something meanwhile."""

from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import strategies as st

from tests.sending.year.relay import DROP, TAKE, Answer

READERS = ("alice@example.org", "bob@example.org", "carol@example.org", "dan@example.org", "erin@example.org")
SERIES = ("primer", "novel", "notes")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia")
"""Berlin and New York change their clocks; Apia had no 30 December 2011."""
HOURS = (2, 7, 20)
FREQUENCIES = ("daily", "instant", "weekly:thursday", "weekly:sunday")

ANSWERS = (
    Answer("RCPT", "450 4.2.1 later"),
    Answer("RCPT", "550 5.7.1 not from you"),
    Answer("RCPT", "421 4.3.2 going away"),
    Answer("RCPT", DROP),
    Answer("DATA", "451 4.3.0 later"),
    Answer("DATA", "554 5.7.1 no"),
    Answer("DATA", DROP),
    Answer("body", DROP),
    Answer("dot", "450 4.2.0 later"),
    Answer("dot", "421 4.3.2 going away"),
    Answer("dot", "550 5.7.1 no"),
    Answer("dot", "554 5.3.4 too big"),
    Answer("dot", DROP),
    Answer("dot", TAKE),
    Answer("dot", TAKE),
)
RARE = Answer("RCPT", "550 5.1.1 nobody here")

readers = st.sampled_from(READERS)
series = st.sampled_from(SERIES)
picks = st.integers(0, 9)
"""Which of those there are."""


@dataclass(frozen=True)
class Interruption:
    """Somebody does something while the relay has a letter to `address` before it."""

    address: str
    stage: str
    deed: str


@dataclass(frozen=True)
class While:
    """How time passes before something is done.

    `running` wakes at each due moment, `dozing` only when a post is due, and `down` not at all.
    """

    how: str
    hours: int
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    relay_down: bool = False
    interruption: Interruption | None = None
    kill: int | None = None
    """After how many commits, twice counted, the process dies."""
    elsewhere: bool = False

    @property
    def long(self) -> timedelta:
        return timedelta(hours=self.hours)


_weeks = st.integers(3, 12).flatmap(lambda weeks: st.integers(0, 6).map(lambda days: 24 * (7 * weeks + days)))
_lasting = st.one_of(
    st.tuples(st.just("running"), st.integers(1, 24)),
    st.tuples(st.just("running"), st.integers(6, 40)),
    st.tuples(st.just("dozing"), _weeks),
    st.tuples(st.just("dozing"), _weeks),
    st.tuples(st.just("down"), st.integers(1, 60)),
)
_answers = st.dictionaries(
    readers, st.lists(st.sampled_from((*ANSWERS, *ANSWERS, RARE)), min_size=1, max_size=4), min_size=1, max_size=4
)
_interruptions = st.builds(
    Interruption,
    readers,
    st.sampled_from(["RCPT", "DATA", "dot"]),
    st.sampled_from(["leave", "leave series", "pause", "suppress", "pause edition", "cancel edition", "stop"]),
)


def _rarely(strategy: st.SearchStrategy, times: int) -> st.SearchStrategy:
    """None mostly, and else what the strategy gives, one time in so many."""
    return st.one_of(*[st.none()] * (times - 1), strategy)


whiles = st.builds(
    lambda lasting, answers, down, interruption, kill, elsewhere: While(
        *lasting, answers or {}, down == 0, interruption, kill, elsewhere
    ),
    _lasting,
    _rarely(_answers, 2),
    st.integers(0, 9),
    _rarely(_interruptions, 6),
    _rarely(st.integers(0, 40), 5),
    st.booleans(),
)
