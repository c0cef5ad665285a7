"""A cadence in words: as it says itself, and as people write it."""

import re
from datetime import date, datetime, time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings

from db.errors import BadValue
from scheduler.cadence import Blackout, Cadence, Rhythm, Unit, in_words, parse_words
from tests.scheduler.cadences import any_cadence

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "cadence.md").read_text(encoding="utf-8")
FENCED = re.findall(r"^```\w+\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
ROWS = re.findall(r"^\| `([^`]+)` \| (every [^|]+?) \|", PAGE, re.MULTILINE)
IN_FULL = (
    "every weekday at 07:00 from 3 March 2026, not on holidays of DE-BE, not on 17 March 2026, "
    "not on 18 March 2026 at 07:00, also on 21 March 2026 at 18:00, closed from 1 to 31 July 2026 (summer break)"
)
MONDAY_TO_FRIDAY = Rhythm(Unit.week, weekdays=(0, 1, 2, 3, 4))
MONDAY_AND_THURSDAY = Rhythm(Unit.week, weekdays=(0, 3))
LAST_FRIDAY = Rhythm(Unit.month, weekdays=(4,), nth=-1)


def test_a_cadence_in_full_says_itself():
    cadence = Cadence(
        MONDAY_TO_FRIDAY,
        (time(7),),
        date(2026, 3, 3),
        frozenset({date(2026, 3, 17)}),
        frozenset({datetime(2026, 3, 18, 7)}),
        (datetime(2026, 3, 21, 18),),
        ("DE-BE",),
        (Blackout(date(2026, 7, 1), date(2026, 7, 31), "summer break"),),
    )

    assert (in_words(cadence), parse_words(IN_FULL)) == (IN_FULL, cadence)


def test_without_a_rhythm_it_has_dates_of_its_own():
    assert in_words(Cadence()) == "dates of its own"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        # how often
        ("daily at 7 from 2026-03-03", "every day at 07:00 from 3 March 2026"),
        ("every other day at 7 from 2026-03-03", "every 2 days at 07:00 from 3 March 2026"),
        ("Weekly at 7 from 2026-03-03", "every Tuesday at 07:00 from 3 March 2026"),
        ("tuesdays at 7 from 2026-03-03", "every Tuesday at 07:00 from 3 March 2026"),
        ("every week on Tuesday at 7 from 2026-03-03", "every week on Tuesday at 07:00 from 3 March 2026"),
        ("every Friday at 7 from 2026-03-03", "every Friday at 07:00 from 3 March 2026"),
        ("weekends at 7 from 2026-03-03", "every Saturday and Sunday at 07:00 from 3 March 2026"),
        ("fortnightly at 7 from 2026-03-03", "every 2 weeks at 07:00 from 3 March 2026"),
        ("every third week at 7 from 2026-03-03", "every 3 weeks at 07:00 from 3 March 2026"),
        ("every other Tuesday at 7 from 2026-03-03", "every 2 weeks on Tuesday at 07:00 from 3 March 2026"),
        ("monthly at 7 from 2026-03-03", "every month at 07:00 from 3 March 2026"),
        ("monthly on the 15th at 7 from 2026-03-03", "every month on day 15 at 07:00 from 3 March 2026"),
        ("on the 1st of each month at 7 from 2026-03-03", "every month on day 1 at 07:00 from 3 March 2026"),
        ("last day of the month at 7 from 2026-03-03", "every month on the last day at 07:00 from 3 March 2026"),
        (
            "the second Tuesday of every other month at 7 from 2026-03-03",
            "every 2 months on the 2nd Tuesday at 07:00 from 3 March 2026",
        ),
        # times and dates
        ("daily at 7, 18:30 and 9 pm from 2026-03-03", "every day at 07:00, 18:30 and 21:00 from 3 March 2026"),
        ("daily at noon and 12 am from 2026-03-03", "every day at 00:00 and 12:00 from 3 March 2026"),
        ("At 7.30 a.m. daily, starting on March 3rd, 2026.", "every day at 07:30 from 3 March 2026"),
        ("every day since 3rd of Sept. 2026", "every day at 07:00 from 3 September 2026"),
        # exceptions
        (
            "daily from 2026-03-03 but not on 17 March 2026 at 7 and 18:00",
            "every day at 07:00 from 3 March 2026, not on 17 March 2026 at 07:00, not on 17 March 2026 at 18:00",
        ),
        (
            "daily from 2026-03-03 except 18 March 2026, 17 March 2026",
            "every day at 07:00 from 3 March 2026, not on 17 March 2026, not on 18 March 2026",
        ),
        (
            "daily from 2026-03-03 without public holidays in de-be, no and at, not on 5 May 2026",
            "every day at 07:00 from 3 March 2026, not on holidays of AT, DE-BE and NO, not on 5 May 2026",
        ),
        (
            "daily at 7 from 2026-03-03; plus 21 March 2026 at 18:00, 22 March 2026",
            "every day at 07:00 from 3 March 2026, also on 21 March 2026 at 18:00, also on 22 March 2026 at 07:00",
        ),
        (
            "dates of its own at 9, also on 21 March 2026",
            "dates of its own at 09:00, also on 21 March 2026 at 09:00",
        ),
        # blackouts
        (
            "dates of its own, closed 2026-07-01 - 2026-07-31",
            "dates of its own, closed from 1 to 31 July 2026",
        ),
        (
            "dates of its own, closed from 28 June until 3 July 2026 (sea (north))",
            "dates of its own, closed from 28 June to 3 July 2026 (sea (north))",
        ),
        (
            "dates of its own and closed from 20 December 2026 to 3 January 2027",
            "dates of its own, closed from 20 December 2026 to 3 January 2027",
        ),
        ("dates of its own, closed 1 July 2026 (fair)", "dates of its own, closed on 1 July 2026 (fair)"),
        ("dates of its own, paused since 1 July 2026 (ill)", "dates of its own, closed from 1 July 2026 (ill)"),
        ("dates of its own, closed on 1 July 2026 (:\\))", "dates of its own, closed on 1 July 2026 (:\\))"),
    ],
)
def test_what_people_write_is_understood(written: str, said: str):
    assert in_words(parse_words(written)) == said


@pytest.mark.parametrize(
    ("every", "rhythm"),
    [
        ("weekdays", MONDAY_TO_FRIDAY),
        ("every weekday", MONDAY_TO_FRIDAY),
        ("each working day", MONDAY_TO_FRIDAY),
        ("business days", MONDAY_TO_FRIDAY),
        ("Monday to Friday", MONDAY_TO_FRIDAY),
        ("mon-fri", MONDAY_TO_FRIDAY),
        ("Saturday through Monday", Rhythm(Unit.week, weekdays=(5, 6, 0))),
        ("Mondays and Thursdays", MONDAY_AND_THURSDAY),
        ("every Monday & Thursday", MONDAY_AND_THURSDAY),
        ("on mon, thurs", MONDAY_AND_THURSDAY),
        ("weekly on Monday and on Thursday", MONDAY_AND_THURSDAY),
        ("EVERY OTHER WEEK ON MONDAY", Rhythm(Unit.week, 2, (0,))),
        ("quarterly on the last day", Rhythm(Unit.month, 3, month_day=-1)),
        ("yearly", Rhythm(Unit.month, 12)),
        ("the last Friday of every month", LAST_FRIDAY),
        ("last friday of the month", LAST_FRIDAY),
        ("every last Friday in the month", LAST_FRIDAY),
        ("monthly on the last Friday", LAST_FRIDAY),
        ("monthly on the 1st Friday", Rhythm(Unit.month, weekdays=(4,), nth=1)),
        ("every ten days", Rhythm(Unit.day, 10)),
    ],
)
def test_a_rhythm_has_many_names(every: str, rhythm: Rhythm):
    assert parse_words(f"{every} from 4 March 2026").rhythm == rhythm


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "'' does not say how often. Write such as every day; every weekday;"),
        ("at 7 from 3 March 2026", "'at 7 from 3 March 2026' does not say how often"),
        ("wekdays at 7 from 3 March 2026", "'wekdays' does not say how often. Did you mean `weekday`?"),
        ("every 2nd Tuesday from 3 March 2026", "'every 2nd Tuesday' does not say how often."),
        ("daily at 7", "from which day on? Write such as from 3 March 2026"),
        ("daily, weekly from 3 March 2026", "how often is said twice: 'weekly' comes after 'daily'"),
        ("daily, dates of its own", "how often is said twice: 'dates of its own' comes after 'daily'"),
        ("daily from 3 March 2026, from 4 March 2026", "the first day is said twice"),
        ("daily from 31 February 2026", "'31 February 2026' is not in the calendar"),
        ("daily from 03/04/2026", "'from 03/04/2026' cannot be read. Write such as every weekday at 07:00 from"),
        ("daily at 25 from 3 March 2026", "'25' is not a time of day; write it as 07:00"),
        ("daily at 13 pm from 3 March 2026", "'13 pm' is not a time of day"),
        ("daily at 07:00:30 from 3 March 2026", "'at 07:00:30' cannot be read."),
        ("daily at dawn from 3 March 2026", "'at dawn' cannot be read."),
        ("daily from 3 March 2026 until May", "'until May' cannot be read."),
        ("daily from 3 March 2026, not on Mondays, ever", "'not on Mondays' cannot be read."),
        ("daily from 3 March 2026, also in May", "'also in May' cannot be read."),
        ("daily from 3 March 2026, closed in May", "'closed in May' cannot be read."),
        ("daily from 3 March 2026, not on holidays of GX", "'GX' is not a country whose holidays we know"),
        ("daily from 3 March 2026, closed on 1 May 2026 (fair", "'(fair' has no closing parenthesis"),
        ("dates of its own, closed from 31 to 1 May 2026", "a blackout cannot end on 2026-05-01, before"),
        ("monthly on the 32nd from 3 March 2026", "32 is not a day of the month"),
    ],
)
def test_what_cannot_be_read_is_quoted(text: str, said: str):
    with pytest.raises(BadValue) as refused:
        parse_words(text)

    assert said in str(refused.value)


@pytest.mark.parametrize(("every", "said"), ROWS)
def test_each_rhythm_in_the_reference_says_what_is_written_there(every: str, said: str):
    cadence = Cadence.from_json({"every": every, "start": "2026-03-03"})

    assert in_words(cadence) == f"{said} at 07:00 from 3 March 2026"


def test_the_two_forms_in_the_reference_say_the_same():
    keys, words = FENCED[:2]

    assert Cadence.from_json(yaml.load(keys, Loader=yaml.BaseLoader)["cadence"]) == parse_words(words)


@settings(deadline=None, max_examples=300)
@given(cadence=any_cadence())
def test_what_a_cadence_says_is_read_back_as_the_same(cadence: Cadence):
    assert parse_words(in_words(cadence)) == cadence
