"""Whatever a relay does, a letter has one outcome, and the outcome is true."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, event, example, given, settings

from mail.opening import RelayDown
from mail.replies import Outcome, OutcomeKind
from tests.mail.drawing import faults
from tests.mail.faults import Fault, says
from tests.mail.faulty import FaultyRelay
from tests.mail.handing import ALICE, BOB, CAROL, MESSAGE, Handed, hand_as_far_as_possible

pytestmark = pytest.mark.usefixtures("manner")

RECIPIENTS = (ALICE, BOB, CAROL, "dave@example.org")
ON_THE_LINE = b"Subject: One\r\n\r\n..first\r\n...second\r\n.\r\n"
AT_MOST = 2 * (300 + 300 + 120 + 180 + 600 + 300)
"""Seconds for MAIL, RCPT, DATA, the message, the dot and RSET (RFC 5321, 4.5.3.2): in a group, and then singly."""
unhurried = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.mark.slow
@settings(unhurried, max_examples=150)
@given(script=faults(recipients=RECIPIENTS))
@example(script=[Fault("DATA", says("354 go on\r\n250 queued")), Fault("dot", says("550 5.7.1 no"))])
def test_each_letter_has_one_outcome_and_it_is_true(script: list[Fault]):
    relay = FaultyRelay(script)

    handed = hand_as_far_as_possible(relay, *RECIPIENTS, message=MESSAGE)

    accepted = Counter(one.recipient for one in relay.accepted)
    for recipient, letter in zip(RECIPIENTS, handed, strict=True):
        check(letter, taken=accepted.pop(recipient, 0))
    assert not accepted
    assert {one.message for one in relay.accepted} <= {ON_THE_LINE}


def check(letter: Handed | RelayDown, *, taken: int) -> None:
    if isinstance(letter, RelayDown):
        assert taken == 0
        return
    outcome = letter.outcome
    event(f"{outcome.kind}, taken {taken}")
    assert isinstance(outcome, Outcome)
    assert taken in {"sent": (1,), "in_doubt": (0, 1), "soft": (0,), "hard": (0,)}[outcome.kind]
    assert outcome.kind is not OutcomeKind.sent or 200 <= (outcome.code or 0) <= 299
    assert not (outcome.kind is OutcomeKind.in_doubt and letter.usable)
    assert outcome.reply.isprintable()
    assert len(outcome.reply) <= 1_000
    assert letter.seconds <= AT_MOST
