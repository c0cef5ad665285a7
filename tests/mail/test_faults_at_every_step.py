import pytest

from tests.mail.faults import HANGS_UP, SILENT, Answer, Fault, Reading, Then, says
from tests.mail.faulty import FaultyRelay
from tests.mail.handing import ALICE, BOB, CAROL, Manner, down, hand_one, hand_over

pytestmark = pytest.mark.usefixtures("manner")

RESETS = Answer(then=Then.resets)
LETTER = ["MAIL", "RCPT", "DATA", "dot"]
LATER, NEVER = says("451 4.3.0 later"), says("554 5.7.1 never")
CLOSING = says("421 4.3.2 going down", then=Then.hangs_up)


@pytest.mark.parametrize(
    ("answer", "code"), [(LATER, 451), (NEVER, 554), (CLOSING, 421), (HANGS_UP, None), (RESETS, None)]
)
def test_no_line_is_had_of_a_relay_that_greets_badly(answer: Answer, code: int | None):
    error, seconds = down(relay := FaultyRelay([Fault("greeting", answer)]))

    assert (error.code, seconds) == (code, 0)
    assert relay.commands == []


@pytest.mark.parametrize(("answer", "code"), [(LATER, 451), (NEVER, 554), (HANGS_UP, None), (RESETS, None)])
def test_no_line_is_had_of_a_relay_that_takes_neither_ehlo_nor_helo(answer: Answer, code: int | None):
    error, seconds = down(relay := FaultyRelay([Fault("EHLO", answer), Fault("HELO", answer)]))

    assert (error.code, seconds) == (code, 0)
    assert all(command.endswith(" sender.example") for command in relay.commands)


@pytest.mark.parametrize("answer", [LATER, NEVER])
def test_a_relay_that_knows_no_ehlo_is_greeted_with_helo(answer: Answer):
    handed = hand_one(relay := FaultyRelay([Fault("EHLO", answer)]))

    assert handed.kind == "sent"
    assert relay.commands[:2] == ["EHLO sender.example", "HELO sender.example"]


def test_a_421_to_ehlo_is_a_relay_that_is_down():
    error, _ = down(relay := FaultyRelay([Fault("EHLO", CLOSING)]))

    assert error.code == 421
    assert relay.commands == ["EHLO sender.example"]


@pytest.mark.parametrize("step", LETTER)
@pytest.mark.parametrize(("answer", "kind"), [(LATER, "soft"), (NEVER, "hard")])
def test_a_refusal_is_of_one_letter_and_the_conversation_goes_on(step: str, answer: Answer, kind: str):
    handed = hand_over(relay := FaultyRelay([Fault(step, answer, letter=2)]), ALICE, BOB, CAROL)

    assert [one.kind for one in handed] == ["sent", kind, "sent"]
    assert relay.connections == 1
    assert [one.recipient for one in relay.accepted] == [ALICE, CAROL]


@pytest.mark.parametrize("step", LETTER)
@pytest.mark.parametrize("then", [Then.hangs_up, Then.listens])
def test_a_421_puts_one_letter_off_and_the_next_goes_by_another_line(step: str, then: Then, manner: Manner):
    closing = says("421 4.3.2 going down", then=then)

    handed = hand_over(relay := FaultyRelay([Fault(step, closing, letter=2)]), ALICE, BOB, CAROL)

    # One that was announced with the dot before it may have met a relay that was just going: it goes at once.
    second = ("sent", 250) if (manner, step) == (Manner.ahead, "MAIL") else ("soft", 421)
    assert [(one.kind, one.outcome.code) for one in handed] == [("sent", 250), second, ("sent", 250)]
    assert relay.connections == 2
    assert [one.recipient for one in relay.accepted] == [
        to for to in (ALICE, BOB, CAROL) if (to, "soft") != (BOB, second[0])
    ]


@pytest.mark.parametrize("answer", [HANGS_UP, RESETS])
@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
def test_a_line_lost_before_data_puts_the_letter_off(step: str, answer: Answer):
    handed = hand_over(relay := FaultyRelay([Fault(step, answer, letter=1)]), ALICE, BOB)

    assert [(one.kind, one.usable) for one in handed] == [("soft", False), ("sent", True)]
    assert [one.recipient for one in relay.accepted] == [BOB]


@pytest.mark.parametrize("then", [Then.hangs_up, Then.resets])
@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
def test_a_line_lost_after_a_good_answer_before_data_puts_the_letter_off(step: str, then: Then):
    handed = hand_over(relay := FaultyRelay([Fault(step, says("250 fine", then=then), letter=1)]), ALICE, BOB)

    assert [(one.kind, one.usable) for one in handed] == [("soft", False), ("sent", True)]
    assert [one.recipient for one in relay.accepted] == [BOB]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("DATA", HANGS_UP, letter=1),
        Fault("DATA", RESETS, letter=1),
        Fault("DATA", says("354 go on", then=Then.hangs_up), letter=1),
        Fault("DATA", says("354 go on", then=Then.resets), letter=1),
    ],
)
def test_a_line_lost_at_data_puts_the_letter_off_as_no_dot_went_out(fault: Fault):
    handed = hand_over(relay := FaultyRelay([fault]), ALICE, BOB)

    assert [(one.kind, one.usable) for one in handed] == [("soft", False), ("sent", True)]
    assert [one.recipient for one in relay.accepted] == [BOB]


@pytest.mark.parametrize("heard", [0, 1, 20])
def test_a_line_lost_in_the_middle_of_a_message_leaves_a_doubt_only_if_the_dot_went_out_before_we_knew(heard: int):
    fault = Fault("body", Reading(hangs_up_after=heard), letter=1)

    [lost, sent] = hand_over(relay := FaultyRelay([fault]), ALICE, BOB)

    assert (lost.kind in ("soft", "in_doubt"), lost.usable, sent.kind) == (True, False, "sent")
    assert [one.recipient for one in relay.accepted] == [BOB]


@pytest.mark.parametrize(
    "answer", [HANGS_UP, RESETS, Answer(line=b"250 2.0.0 que", then=Then.hangs_up), Answer(line=b"2", then=Then.resets)]
)
def test_a_line_lost_between_the_dot_and_its_answer_leaves_a_doubt_about_a_letter_that_was_taken(answer: Answer):
    handed = hand_over(relay := FaultyRelay([Fault("dot", answer, letter=1)]), ALICE, BOB)

    assert [(one.kind, one.usable) for one in handed] == [("in_doubt", False), ("sent", True)]
    assert [one.recipient for one in relay.accepted] == [ALICE, BOB]


def test_a_line_lost_after_the_dots_answer_leaves_the_letter_sent():
    handed = hand_over(relay := FaultyRelay([Fault("dot", says("250 ok", then=Then.hangs_up), letter=1)]), ALICE, BOB)

    assert [one.kind for one in handed] == ["sent", "sent"]
    assert (relay.connections, len(relay.accepted)) == (2, 2)


@pytest.mark.parametrize("answer", [LATER, NEVER, CLOSING, HANGS_UP, RESETS, SILENT])
def test_a_reset_that_is_not_agreed_costs_the_line_but_changes_no_outcome(answer: Answer):
    relay = FaultyRelay([Fault("RCPT", says("550 5.1.1 no such user"), recipient=ALICE), Fault("RSET", answer)])

    [first, second] = hand_over(relay, ALICE, BOB)

    assert (first.kind, first.usable, second.kind, relay.connections) == ("hard", False, "sent", 2)


@pytest.mark.parametrize("answer", [LATER, NEVER, CLOSING, HANGS_UP, RESETS, SILENT, Answer(line=b"\xff\r\n")])
def test_a_good_bye_that_goes_wrong_changes_no_outcome(answer: Answer):
    handed = hand_one(relay := FaultyRelay([Fault("QUIT", answer)]))

    assert (handed.kind, handed.usable) == ("sent", True)
    assert relay.commands[-1] == "QUIT"


def test_one_bad_recipient_among_good_ones_is_refused_alone():
    relay = FaultyRelay([Fault("RCPT", says("550 5.1.1 no such user"), recipient=BOB)])

    handed = hand_over(relay, ALICE, BOB, CAROL)

    assert [(one.kind, one.outcome.bad_address) for one in handed] == [("sent", False), ("hard", True), ("sent", False)]
    assert [one.recipient for one in relay.accepted] == [ALICE, CAROL]
    assert relay.connections == 1


def test_one_letter_refused_at_its_dot_is_refused_alone():
    relay = FaultyRelay([Fault("dot", says("550 5.7.1 looks like spam"), recipient=BOB)])

    handed = hand_over(relay, ALICE, BOB, CAROL)

    assert [one.kind for one in handed] == ["sent", "hard", "sent"]
    assert relay.connections == 1


def test_greylisting_refuses_for_now_and_takes_the_same_bytes_later():
    greylisting = [Fault("RCPT", says("450 4.7.1 greylisted"), recipient=to, times=1) for to in (ALICE, BOB)]

    handed = hand_over(relay := FaultyRelay(greylisting), ALICE, BOB, ALICE, BOB)

    assert [one.kind for one in handed] == ["soft", "soft", "sent", "sent"]
    assert [one.recipient for one in relay.accepted] == [ALICE, BOB]
    assert relay.connections == 1
