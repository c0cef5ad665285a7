"""One conversation with one relay."""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from typing import Final, Self

from db.errors import BadValue
from mail.envelope import envelope_of, needs_smtputf8, room_of, stuffed, too_big
from mail.headers import ascii_address, smtp_address
from mail.line import ClientLine, Line, NoReply, Reply, TooLate
from mail.opening import DEFAULT_TIMEOUTS, RelaySettings, Timeouts, connected
from mail.pipelining import PipelinedLine
from mail.replies import Outcome, OutcomeKind, Stage, classify

_CLOSING: Final = 421
_GO_ON: Final = 354
_BAD_SEQUENCE: Final = 503
"""To commands that we send in the right sequence: the relay did not hear, or forgot, what came before."""


async def _at_once() -> bool:
    await asyncio.sleep(0)
    return True


def _nobody() -> None:
    return None


class _Refused(Exception):
    """The relay answered, but not as hoped."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


class Connection:
    """An open conversation with a relay: one letter after the other, until it is no longer usable."""

    def __init__(
        self,
        line: Line,
        timeouts: Timeouts,
        *,
        relay: str,
        room: int | None = None,
        most: int | None = None,
        wide: bool = False,
    ) -> None:
        """`room`: the bytes of a letter that the relay takes at most. `most`: the letters that this line may carry.
        `wide`: whether it takes addresses beyond ASCII.
        """
        self.relay = relay
        self._line = line
        self._room = room
        self._most = most
        self._wide = wide
        self._timeouts = timeouts
        self._given_up = False
        self._dot_is_out = False
        self._abandoned = False
        self._letters = 0
        self._ahead: tuple[bytes, ...] = ()
        self.lost_step = False
        """Whether the relay answered groups of commands as if it did not know them: then better ask one at a time."""

    @classmethod
    async def open(
        cls,
        settings: RelaySettings,
        *,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        local_hostname: str | None = None,
        tls_context: ssl.SSLContext | None = None,
        pipelining: bool = True,
    ) -> Self:
        """Connected, encrypted as the settings say, signed in when they name a user. Raises RelayDown.

        Commands go in groups where the relay offers it, and `pipelining` allows it.
        """
        client = await connected(settings, timeouts=timeouts, local_hostname=local_hostname, tls_context=tls_context)
        in_groups = pipelining and client.supports_extension("pipelining")
        room = room_of(client)
        line = PipelinedLine.taken_over(client) if in_groups else ClientLine(client)
        wide = client.supports_extension("smtputf8")
        return cls(line, timeouts, relay=settings.name, room=room, most=settings.letters, wide=wide)

    @property
    def usable(self) -> bool:
        """Whether another letter can be sent; false for good after a 421, a lost line or an unreadable reply."""
        return self._listens and not self.spent

    @property
    def spent(self) -> bool:
        """Whether it has carried as many letters as it may."""
        return self._most is not None and self._letters >= self._most

    @property
    def _listens(self) -> bool:
        return not self._given_up and self._line.is_open and not self._line.spoke_twice

    @property
    def pipelining(self) -> bool:
        """Whether the next letter can be announced together with a dot."""
        return self._line.pipelining

    async def send(
        self,
        *,
        sender: str,
        recipient: str,
        before_data: Callable[[], Awaitable[bytes | None]],
        before_dot: Callable[[], Awaitable[bool]] = _at_once,
        ahead: Callable[[], tuple[str, str] | None] = _nobody,
    ) -> Outcome:
        """Hands one letter over and says what became of it; `sender` is the return path, "" for none.

        `before_data` is awaited once the recipient is accepted: it gives the message, or None to hold it back.
        `before_dot` is awaited once the message is on its way: only when it is true the dot follows, else the line is
        cut. It gives way to the loop, so that what the relay said or did meanwhile is heard. A letter held back is
        `not_begun`. After the dot silence means `in_doubt`, before it never. Raises BadValue when `sender` is no
        address. When it or one of the two is interrupted, the line is cut.

        `ahead` is asked while the dot waits: where the line allows it, return path and recipient of the next letter
        are announced in the packet of the dot. That letter must then be the next one sent here, or the line be
        abandoned. Asked any later, it would keep the dots of other lines waiting behind this one.

        Also `not_begun` is a letter that found the relay gone since the one before it, or out of step with groups of
        commands: by another line it can go at once.
        """
        self._dot_is_out = False
        self._letters += 1
        return_path = ascii_address(sender) if sender else ""
        try:
            to = smtp_address(recipient)
        except BadValue as error:
            return Outcome(OutcomeKind.hard, None, str(error), bad_address=True)
        if not self._reaches(to):
            return needs_smtputf8(to)
        try:
            return await self._converse(return_path, to, before_data, before_dot, ahead)
        except _Refused as refusal:
            outcome = await self._reset(refusal.outcome)
            return _held_back("aborted") if self._abandoned else outcome
        except BaseException:
            self._cut()
            raise

    def abandon(self) -> None:
        """Cuts the line unless a dot is out: a letter under way is then `not_begun`."""
        if not self._dot_is_out:
            self._abandoned = True
            self._cut()

    def drop(self) -> None:
        """Closes without a word, between two letters."""
        self._cut()

    async def close(self) -> None:
        """Says goodbye if the relay still listens; never fails."""
        if self._listens:
            await self._line.quit(self._timeouts.quit)
        else:
            self._cut()

    async def _converse(
        self,
        return_path: str,
        to: str,
        before_data: Callable[[], Awaitable[bytes | None]],
        before_dot: Callable[[], Awaitable[bool]],
        ahead: Callable[[], tuple[str, str] | None],
    ) -> Outcome:
        await self._send_envelope(return_path, to)
        message = await before_data()
        if message is None:
            raise _Refused(_held_back("held back before DATA"))
        if self._room and len(message) > self._room:
            raise _Refused(too_big(len(message), self._room))
        self._check_line("before DATA")
        await self._begin_data()
        await self._send_body(message)
        announced = self._announcing(ahead())
        if not await before_dot():
            self._cut()
            raise _Refused(_held_back("held back before the dot"))
        self._check_line("before the dot")
        self._send_dot(announced)
        return await self._read_reply()

    async def _send_envelope(self, return_path: str, to: str) -> None:
        envelope, announced = envelope_of(return_path, to), self._ahead
        self._ahead = ()
        if not announced:
            self._line.ask(*envelope)
        elif announced != envelope:
            raise ValueError(f"another letter than the one to {to} was announced to the relay")
        await self._accepted(Stage.mail, announced=bool(announced))
        await self._accepted(Stage.rcpt)

    def _announcing(self, letter: tuple[str, str] | None) -> tuple[bytes, ...]:
        """The commands for a next letter, none where they cannot go ahead."""
        if letter and self._line.pipelining and not self.spent:
            return_path, recipient = letter
            with contextlib.suppress(BadValue):
                to = smtp_address(recipient)
                if self._reaches(to):
                    return envelope_of(ascii_address(return_path) if return_path else "", to)
        return ()

    def _reaches(self, to: str) -> bool:
        return self._wide or to.isascii()

    def _check_line(self, when: str) -> None:
        if self._line.pipelining and self._line.spoke_twice:
            self._cut()
            raise _Refused(Outcome(OutcomeKind.soft, None, f"the relay spoke without being asked {when}"))
        if not self._line.is_open:
            raise _Refused(Outcome(OutcomeKind.soft, None, f"the relay closed the connection {when}"))

    async def _accepted(self, stage: Stage, *, announced: bool = False) -> None:
        answer = self._line.heard() or await self._answer(stage, self._timeouts.command, announced=announced)
        if (
            announced and answer.code == _CLOSING
        ):  # it may answer what came before, or the letter before (RFC 5321, 3.8)
            self._cut()
            raise _Refused(_held_back(f"the relay ended the conversation: {answer.code} {answer.words}"))
        if not 200 <= answer.code <= 299:
            raise _Refused(self._judge(answer, stage))
        self._check_step(stage)

    async def _begin_data(self) -> None:
        answer = self._line.heard() or await self._answer(Stage.data, self._timeouts.data)
        if answer.code != _GO_ON:
            if self._line.pipelining:
                self._check_step(Stage.data)
            raise _Refused(self._judge(answer, Stage.data))
        self._check_step(Stage.data)

    async def _answer(self, stage: Stage, timeout: float, *, announced: bool = False) -> Reply:
        try:
            return await self._line.answer(timeout)
        except NoReply as silence:
            self._cut()
            late = isinstance(silence, TooLate)
            in_group = self._line.pipelining and late and (announced or stage is not Stage.mail)
            self.lost_step = self.lost_step or in_group
            gone = stage is Stage.mail and self._letters > 1 and not late
            kind = OutcomeKind.not_begun if gone or in_group else OutcomeKind.soft
            raise _Refused(_unanswered(kind, stage, silence)) from silence

    def _check_step(self, stage: Stage) -> None:
        if self._line.spoke_twice:
            raise _Refused(self._out_of_step(stage))

    def _out_of_step(self, stage: Stage) -> Outcome:
        self._cut()
        self.lost_step = True
        return Outcome(OutcomeKind.soft, None, f"more than one reply to {stage}")

    async def _send_body(self, message: bytes) -> None:
        """All but the dot. Nothing of it may wait on our side: the dot shall leave at the moment it is allowed."""
        if not await self._line.write(stuffed(message), self._timeouts.block):
            self._cut()

    def _send_dot(self, ahead: tuple[bytes, ...]) -> None:
        """After this the relay may have the letter (RFC 1047)."""
        self._dot_is_out = True
        self._ahead = ahead
        self._line.dot(*ahead)

    async def _read_reply(self) -> Outcome:
        try:
            answer = await self._line.answer(self._timeouts.dot)
        except NoReply as silence:
            self._cut()
            return _unanswered(OutcomeKind.in_doubt, Stage.dot, silence)
        if 200 <= answer.code <= 299:
            if self._line.spoke_twice:
                self._cut()
            return Outcome(OutcomeKind.sent, answer.code, answer.words)
        return self._judge(answer, Stage.dot)

    def _judge(self, answer: Reply, stage: Stage) -> Outcome:
        if answer.code == _BAD_SEQUENCE and self._line.pipelining and stage is not Stage.dot:
            self._cut()
            self.lost_step = True
            return _held_back(f"{stage} was out of step: {answer.code} {answer.words}")
        refuses = 400 <= answer.code <= 599
        if self._line.pipelining and stage is not Stage.dot and not refuses:
            self.lost_step = True
        if answer.code == _CLOSING or not refuses or self._line.spoke_twice:
            self._cut()
        return classify(answer.code, answer.words, stage)

    async def _reset(self, refused: Outcome) -> Outcome:
        """Ends the transaction, so that the next MAIL is not "nested"; only an agreed end leaves the line usable.

        Gives what the letter's outcome is after all: a refusal counts only where it surely was the letter's.
        """
        if not self._listens:
            return refused
        try:
            agreed = await self._line.withdraw(self._timeouts.command)
            if self._line.pipelining and self._line.spoke_twice:
                return self._out_of_step(Stage.data)
            agreed = agreed and await self._agree(b"RSET")
        except NoReply:
            agreed = False
        if not agreed or self._line.spoke_twice:
            self._cut()
        return refused

    async def _agree(self, command: bytes) -> bool:
        self._line.ask(command)
        answer = await self._line.answer(self._timeouts.command)
        return 200 <= answer.code <= 299

    def _cut(self) -> None:
        """Closes at once: what is still in our buffer, perhaps the dot, must not be sent any more."""
        self._given_up = True
        self._line.cut()


def _unanswered(kind: OutcomeKind, stage: Stage, silence: NoReply) -> Outcome:
    return Outcome(kind, None, f"no reply to {stage}: {silence}")


def _held_back(why: str) -> Outcome:
    return Outcome(OutcomeKind.not_begun, None, why)
