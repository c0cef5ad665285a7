import pytest

from mail.breaker import RUN, SIGN_INS, Breaker
from mail.opening import RelayDown
from mail.replies import Outcome, OutcomeKind
from tests.mail.handing import settings

POLICY = Outcome(OutcomeKind.hard, 554, "5.7.1 your domain is on a list")
TAKEN = Outcome(OutcomeKind.sent, 250, "2.0.0 queued")


def after(*outcomes: Outcome) -> Breaker:
    breaker = Breaker()
    for outcome in outcomes:
        breaker.heard(outcome)
    return breaker


def shut_out(code: int | None, words: str, times: int) -> Breaker:
    breaker = Breaker()
    for _ in range(times):
        breaker.shut_out(RelayDown(settings(25), words if code is None else f"it answered {code} {words}", code))
    return breaker


def test_a_run_of_refusals_by_policy_trips_it_with_the_relays_words():
    assert after(*[POLICY] * (RUN - 1)).tripped is None
    assert after(*[POLICY] * RUN).tripped == (
        "10 letters in a row were refused by policy, the last with: 554 5.7.1 your domain is on a list"
    )


def test_a_letter_that_is_taken_ends_the_run():
    assert after(*[POLICY] * (RUN - 1), TAKEN, *[POLICY] * (RUN - 1)).tripped is None


@pytest.mark.parametrize("code", [530, 535])
def test_letters_refused_for_want_of_a_sign_in_count_as_well(code: int):
    assert after(*[Outcome(OutcomeKind.hard, code, "sign in first")] * RUN).tripped


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(OutcomeKind.hard, 550, "5.1.1 no such user", bad_address=True),
        Outcome(OutcomeKind.hard, 552, "5.3.4 too big"),
        Outcome(OutcomeKind.soft, 451, "4.7.1 greylisted"),
        Outcome(OutcomeKind.in_doubt, None, "5.7.1 is no reply"),
    ],
)
def test_refusals_of_single_letters_neither_trip_it_nor_end_a_run(outcome: Outcome):
    assert after(*[outcome] * 50).tripped is None
    assert after(*[POLICY] * (RUN - 1), outcome, POLICY).tripped


@pytest.mark.parametrize(("code", "words"), [(535, "5.7.8 wrong password"), (554, "5.7.1 go away"), (530, "sign in")])
def test_relays_that_let_us_in_no_more_trip_it_after_a_few_tries(code: int, words: str):
    assert shut_out(code, words, SIGN_INS - 1).tripped is None
    assert words in (shut_out(code, words, SIGN_INS).tripped or "")


@pytest.mark.parametrize(("code", "words"), [(421, "4.3.2 not now"), (None, "connection refused"), (554, "no service")])
def test_relays_that_are_merely_down_never_trip_it(code: int | None, words: str):
    assert shut_out(code, words, 50).tripped is None
