"""The plan on the command line, as an operator edits it before the series of 2030 begins."""

import json

import pytest

from tests.program.running import Ended, Program

CHAPTERS = ("One", "Two", "Three", "Four", "Five")


@pytest.fixture
def rain(program: Program) -> Program:
    """A daily series in UTC with five chapters, from Tuesday, 1 January 2030, at 07:00."""
    made = program(
        "series", "create", "rain", "--title", "Rain", "--zone", "UTC", "--every", "day", "--start", "2030-01-01"
    )
    for number, title in enumerate(CHAPTERS, 1):
        program.write(
            f"chapters/{number}.md", f"---\ntitle: {title}\nnumber: {number}\nsummary: It rains.\n---\nWet.\n"
        )
    taken = program("import", "chapters", "--series", "rain")
    assert (made.code, taken.code) == (0, 0)
    return program


def days(program: Program, *more: str) -> dict[str, str]:
    """Slug → day and hour, in the order of the plan."""
    rows = program("plan", "show", "rain", "--json", *more).rows()
    return {row["slug"]: row["when"][8:13].replace("T", " ") if row["when"] else "–" for row in rows}


def told(ended: Ended) -> str:
    return ended.out + ended.err


def test_the_plan_is_shown_with_its_cadence(rain: Program):
    shown = rain("plan", "show", "rain")

    assert "Tue 2030-01-01 07:00" in shown.out
    assert "every day at 07:00 from 1 January 2030, times of UTC" in shown.out


def test_a_dry_run_shows_the_difference_and_writes_nothing(rain: Program):
    before = days(rain)

    shown = rain("plan", "remove", "rain", "two", "--dry-run")

    assert shown.code == 0
    assert "Thu 2030-01-03 07:00" in shown.out
    assert "4 posts move." in shown.out
    assert "Nothing was written." in shown.out
    assert days(rain) == before


def test_where_nobody_can_be_asked_nothing_is_done_without_yes(rain: Program):
    before = days(rain)

    asked = rain("plan", "remove", "rain", "two")

    assert asked.code == 1
    assert "--yes does it" in asked.err
    assert days(rain) == before


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("remove", "rain", "two"), {"one": "01 07", "three": "02 07", "four": "03 07", "five": "04 07", "two": "–"}),
        (
            ("swap", "rain", "1", "5"),
            {"five": "01 07", "two": "02 07", "three": "03 07", "four": "04 07", "one": "05 07"},
        ),
        (("move", "rain", "five", "--before", "one"), {"five": "01 07", "one": "02 07", "two": "03 07"}),
        (("move", "rain", "two", "--to", "2030-01-09 18:00"), {"one": "01 07", "three": "03 07", "four": "04 07"}),
        (
            ("move", "rain", "two", "--to", "2030-01-09", "--with-rest"),
            {"one": "01 07", "two": "09 07", "three": "10 07"},
        ),
        (("shift", "rain", "--after", "one", "--slots", "2"), {"one": "01 07", "two": "04 07", "three": "05 07"}),
        (("shift", "rain", "--after", "one", "--days", "7"), {"one": "01 07", "two": "09 07", "three": "10 07"}),
        (("pin", "rain", "three", "2030-01-20"), {"one": "01 07", "two": "02 07", "three": "20 07", "four": "21 07"}),
        (("blackout", "rain", "2030-01-02", "2030-01-03"), {"one": "01 07", "two": "04 07", "three": "05 07"}),
        (("pause", "rain", "--from", "2030-01-02"), {"one": "01 07", "two": "–", "three": "–"}),
        (
            ("cadence", "rain", "weekdays at 18:00 from 1 January 2030"),
            {"one": "01 18", "four": "04 18", "five": "07 18"},
        ),
        (("zone", "rain", "Europe/Riga"), {"one": "01 07", "two": "02 07"}),
        (("zone", "rain", "Europe/Riga", "--keep", "instant"), {"one": "01 09", "two": "02 09"}),
    ],
)
def test_an_edit_is_done_when_it_is_agreed_to(rain: Program, words: tuple[str, ...], expected: dict[str, str]):
    done = rain("plan", *words, "--yes")

    assert done.code == 0, told(done)
    assert "fascicle plan undo rain" in done.out
    assert expected.items() <= days(rain).items()


def test_posts_are_relabelled_onwards(rain: Program):
    rain("plan", "relabel", "rain", "three", "7", "--onwards", "--yes")

    rows = rain("plan", "show", "rain", "--json").rows()
    assert [row["number"] for row in rows] == ["1", "2", "7", "8", "9"]


def test_a_pause_is_resumed_and_a_pin_taken_off(rain: Program):
    before = days(rain)
    for words in (("pause", "rain", "--from", "2030-01-02"), ("pin", "rain", "five", "2030-02-01")):
        assert rain("plan", *words, "--yes").code == 0
    rain("plan", "unpin", "rain", "five", "--yes")
    rain("plan", "resume", "rain", "--on", "2030-01-02", "--yes")

    assert days(rain) == before


def test_edits_are_undone_and_done_again_and_on_record(rain: Program):
    before = days(rain)
    rain("plan", "swap", "rain", "one", "two", "--yes")
    rain("plan", "remove", "rain", "five", "--yes")
    edited = days(rain)

    rain("plan", "undo", "rain", "--steps", "2", "--yes")
    undone = days(rain)
    rain("plan", "redo", "rain", "--steps", "2", "--yes")

    log = rain("plan", "log", "rain", "--json").rows()
    assert (undone, days(rain)) == (before, edited)
    assert [row["what"] for row in log] == [
        "redo: swap one and two; remove five",
        "undo: remove five; swap one and two",
        "remove five",
        "swap one and two",
        "import of 5 posts",
        "cadence: every day at 07:00 from 1 January 2030",
    ]
    assert [row["can"] for row in log] == ["", "", "undo", "undo", "", ""]


def test_a_draft_is_inserted(rain: Program):
    rain.write("chapters/extra.md", "---\ntitle: Extra\nsummary: More.\ndraft: true\n---\nMore rain.\n")
    rain("import", "chapters", "--series", "rain")

    done = rain("plan", "insert", "rain", "extra", "--after", "one", "--yes")

    assert done.code == 0
    assert list(days(rain))[:3] == ["one", "extra", "two"]


def test_what_was_imported_keeps_an_operators_order_when_it_is_imported_again(rain: Program):
    rain("plan", "swap", "rain", "one", "two", "--yes")
    rain.write("chapters/3.md", "---\ntitle: Three\nnumber: 3\nsummary: It rains.\n---\nWetter.\n")

    rain("import", "chapters", "--series", "rain")

    assert list(days(rain)) == ["two", "one", "three", "four", "five"]


def test_the_difference_is_json_for_programs(rain: Program):
    shown = rain("plan", "swap", "rain", "one", "two", "--dry-run", "--json").rows()
    done = rain("plan", "swap", "rain", "one", "two", "--yes", "--json").rows()

    assert (shown["applied"], done["applied"]) == (False, True)
    assert shown["hash"] == done["hash"]
    assert [change["slug"] for change in shown["changes"]] == ["two", "one"]
    assert shown["changes"][0]["after"]["due_at"] == "2030-01-01T07:00:00Z"


def test_a_future_day_is_shown_as_it_will_be(rain: Program):
    rows = rain("plan", "show", "rain", "--at", "2030-01-02", "--json").rows()

    assert [row["state"] for row in rows] == ["released", "released", "planned", "planned", "planned"]


def test_the_plan_is_a_calendar_for_operators_and_less_for_readers(rain: Program):
    rain("series", "set", "rain", "--announced-count", "5")

    operators, readers = rain("plan", "ics", "rain"), rain("plan", "ics", "--readers")

    assert operators.out.count("BEGIN:VEVENT") == readers.out.count("BEGIN:VEVENT") == 5
    assert "Three" in operators.out
    assert "Three" not in readers.out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("show", "snow"), "no series 'snow'"),
        (("remove", "rain", "nine"), "no post 'nine' in this series"),
        (("move", "rain", "one"), "say where to"),
        (("move", "rain", "one", "--to", "2030-01-05", "--after", "two"), "say where to"),
        (("move", "rain", "one", "--after", "two", "--before", "three"), "say either after which post"),
        (("shift", "rain", "--after", "one"), "say by how much"),
        (("pin", "rain", "one", "tomorrow"), "'tomorrow' is not a date"),
        (("pin", "rain", "one", "2030-01-05 25:00"), "is not a moment"),
        (("pin", "rain", "one", "2020-01-05"), "is past"),
        (("cadence", "rain", "now and then"), "now and then"),
        (("zone", "rain", "Europe/Atlantis"), "is not an IANA zone"),
        (("relabel", "rain", "one", "x", "--onwards"), "counts on from a whole number"),
        (("undo", "rain", "--steps", "3"), "no edit can be undone"),
        (("reflow", "rain"), "nothing is overdue"),
    ],
)
def test_a_mistake_is_wrong_usage_and_says_what(rain: Program, words: tuple[str, ...], why: str):
    ended = rain("plan", *words)

    assert ended.code == 2
    assert why in ended.err


def test_rules_of_lint_are_set_per_series(rain: Program):
    rain.write("chapters/7.md", "---\ntitle: Seven\nnumber: 7\nsummary: It rains.\n---\nWet.\n")
    rain("import", "chapters", "--series", "rain")
    found = rain("lint", "rain", "--json")

    rain("series", "set", "rain", "--lint-off", "number-missing")

    assert [row["rule"] for row in json.loads(found.out)] == ["number-missing"]
    assert (found.code, rain("lint").code) == (1, 0)
    assert rain("series", "set", "rain", "--lint-off", "number-missin").code == 2


def test_a_series_file_says_its_cadence_in_words_and_its_rules_of_lint(program: Program):
    program.write(
        "series.yaml",
        "- slug: rain\n  title: Rain\n  cadence: weekdays at 07:00 from 1 January 2030, not on holidays of LV\n"
        "  lint: {off: [gap], buffer: 4}\n",
    )

    assert program("series", "load", "series.yaml").code == 0
    rows = program("series", "list", "--json").rows()
    assert rows[0]["cadence"] == "every weekday at 07:00 from 1 January 2030, not on holidays of LV"


def test_everything_begins_on_another_day(rain: Program):
    started = rain("plan", "start", "rain", "2030-01-07", "--yes")

    assert started.code == 0
    assert list(days(rain).values()) == ["07 07", "08 07", "09 07", "10 07", "11 07"]


def test_a_series_is_held_with_a_reason_and_let_go_on(rain: Program):
    held = rain("plan", "hold", "rain", "a court order", "--yes")

    assert held.code == 0
    assert "a court order" in rain("series", "list").out
    assert "goes on" in rain("series", "unhold", "rain").out
