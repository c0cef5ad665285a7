"""What was said is kept as JSON and said again later, in another language too."""

import json
from datetime import date, datetime

import pytest

from db.kept import again, kept, recalled
from db.said import say, say_and, say_count, say_in_a_row, worded
from templates.languages import words_of

MOMENT = datetime(2026, 3, 5, 7)
SENTENCES = [
    say("move %(post)s alone to %(wall)s", post="rain", wall=MOMENT),
    say("no blackout on %(day)s", day=MOMENT.date()),
    say_count("1 chapter moves", "%(count)s chapters move", 3),
    say_in_a_row([say("undone"), say("done again")]),
    say("its blackouts are %(ranges)s", ranges=[say("from %(first)s to %(last)s", first=date(2026, 3, 1), last="…")]),
    worded("Said in other words", say_and([say("days"), say("weeks")])),
]


@pytest.mark.parametrize("said", SENTENCES, ids=str)
def test_what_is_kept_is_said_again_in_english_and_in_german(said: str):
    found = again(json.loads(json.dumps(kept(said))))

    assert found == said
    assert found is not None
    assert found.in_language(words_of("de")) == said.in_language(words_of("de"))


def test_a_text_that_was_not_said_is_kept_as_nothing():
    assert kept("a fair in town") is None
    assert again(None) is None


def test_a_sentence_kept_in_english_is_recognised_by_the_text_that_it_was_made_from():
    texts = ("%(post)s was due %(due)s UTC and was not released in time",)

    told = recalled("rain was due 2026-03-05 07:00 UTC and was not released in time", texts)

    german = "rain war am 5. März 2026, 07:00 UTC fällig und ist nicht rechtzeitig erschienen"
    assert told.in_language(words_of("de")) == german
    assert recalled("a fair in town", texts) == "a fair in town"
