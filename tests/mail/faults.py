"""What a relay is to do wrong, told as data: the same story can be written into a test or drawn at random."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

Step = str
"""`greeting`, a command's verb, `body` while the message is read, or `dot` once the whole of it is there."""


class Packets(StrEnum):
    """Where an answer is cut into packets."""

    whole = "nowhere"
    lines = "after each line"
    ends = "before CR, between CR and LF, and after LF"
    bytes = "after each byte"


class Then(StrEnum):
    """What the relay does once it has answered; a reset may overtake the answer."""

    listens = "listens"
    hangs_up = "hangs up"
    resets = "resets the connection"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Bytes as they go over the line, none for silence; `after` and `pause`, between packets, in seconds."""

    line: bytes = b""
    after: float = 0
    packets: Packets = Packets.whole
    pause: float = 0
    then: Then = Then.listens
    forgets: bool = False
    """Whether it throws away what came before it answered: no relay that offers PIPELINING may (RFC 2920, 3.2)."""

    @property
    def takes_the_message(self) -> bool:
        """Whether a relay that answers a dot so has taken the message: always, unless it says no (4xx or 5xx)."""
        code = _decisive(self.line)[:3]
        return not (code.isdigit() and code[:1] in (b"4", b"5") and len(code) == 3)

    def cut(self) -> list[bytes]:
        """The packets of this answer."""
        if self.packets is Packets.bytes:
            return [bytes([byte]) for byte in self.line]
        lines = self.line.splitlines(keepends=True)
        if self.packets is Packets.lines:
            return lines
        if self.packets is Packets.ends:
            return [part for line in lines for part in (line.rstrip(b"\r\n"), *_each(line)) if part]
        return [self.line] if self.line else []


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How the relay reads a message: so many bytes at once, every so many seconds, and up to where it does."""

    bytes_at_once: int = 65_536
    every: float = 0
    hangs_up_after: int | None = None


@dataclass(frozen=True)
class Fault:
    """What the relay does instead of the usual at a step, where every condition that is given holds."""

    step: Step
    does: Answer | Reading
    recipient: str | None = None
    """From this letter's RCPT on."""
    letter: int | None = None
    """At the nth letter that the relay hears of, counted by MAIL over all connections from 1; from that MAIL on."""
    connection: int | None = None
    """On the nth connection, from 1."""
    times: int | None = None
    """Only so often; without it, always."""


Script = Mapping[Step, str | list[str]] | Sequence[Fault]
"""Faults: the first that fits is done. Or short: an answer per step, or several, one a time, the last stays."""

DROP: Final = "drop"
SILENCE: Final = "silence"
HANGS_UP: Final = Answer(then=Then.hangs_up)
SILENT: Final = Answer()


def says(text: str, *, after: float = 0, then: Then = Then.listens) -> Answer:
    """An answer of whole lines."""
    return Answer(line=text.encode("utf-8") + b"\r\n", after=after, then=then)


def told(script: Script) -> list[Fault]:
    """The script as faults."""
    if not isinstance(script, Mapping):
        return list(script)
    return [fault for step, answers in script.items() for fault in _one_a_time(step, answers)]


def _one_a_time(step: Step, answers: str | list[str]) -> list[Fault]:
    *first, last = [answers] if isinstance(answers, str) else answers
    return [*(Fault(step, _short(step, text), times=1) for text in first), Fault(step, _short(step, last))]


def _short(step: Step, text: str) -> Answer | Reading:
    if step == "body":
        assert text == DROP, "a body is read or not"
        return Reading(hangs_up_after=0)
    return {DROP: HANGS_UP, SILENCE: SILENT}.get(text) or says(text)


def _decisive(line: bytes) -> bytes:
    """The last line of the first reply: a hyphen after the code says that more follows (RFC 5321, 4.2.1)."""
    lines = line.splitlines() or [b""]
    return next((one for one in lines if one[3:4] != b"-"), lines[-1])


def _each(line: bytes) -> list[bytes]:
    end = line[len(line.rstrip(b"\r\n")) :]
    return [end[place : place + 1] for place in range(len(end))]
