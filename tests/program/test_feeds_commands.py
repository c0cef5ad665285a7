"""feeds build, check and preview, as an operator runs them."""

import json

import pytest

from tests.program.running import Program

FORMS = ("atom", "rss", "json")
SEVEN = "2026-03-02T07:00:00Z"


@pytest.fixture
def rain(replay: Program) -> Program:
    """One chapter is out, with its feeds; another is due at six the next day."""
    replay.write("chapters/two.md", "---\ntitle: Two & a half\ndate: 2026-03-03 06:00\n---\nIt rained *more*.\n")
    assert replay("import", "chapters", "--series", "rain").code == 0
    assert replay("release", "--now", SEVEN).code == 0
    return replay


def feed(program: Program, name: str = "rain/feed.atom") -> str:
    return (program.folder / "public" / name).read_text()


def spoil(program: Program, old: str, new: str, name: str = "rain/feed.atom") -> None:
    path = program.folder / "public" / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_what_is_published_as_it_should_be_is_said_to_be(rain: Program):
    checked = rain("feeds", "check")

    assert (checked.code, checked.out) == (0, "No findings in 8 documents.\n")


def test_a_fault_is_told_with_what_mends_it_and_that_does(rain: Program):
    spoil(rain, "<title>One</title>", "<title>Won</title>")

    checked = rain("feeds", "check")
    rain("feeds", "build", "--all")

    assert checked.code == 1
    assert "\n  error    “Won”: the title should be “One”  [title-differs]\n" in checked.out
    assert "`fascicle feeds build --all` mends it" in checked.out
    assert rain("feeds", "check").code == 0


def test_findings_are_json_for_programs(rain: Program):
    (rain.folder / "public/rain/feed.json").unlink()

    rows = rain("feeds", "check", "--json").rows()

    assert [(row["rule"], row["path"], row["severity"]) for row in rows] == [
        ("document-missing", "rain/feed.json", "error")
    ]


def test_only_the_documents_that_are_named_are_looked_at(rain: Program):
    spoil(rain, "<title>One</title>", "<title>Won</title>")

    assert rain("feeds", "check", "rain/feed.rss", "feeds.opml").code == 0
    assert rain("feeds", "check", "rain/feed.rss", "rain/feed.atom").code == 1
    assert "is no document of ours" in rain("feeds", "check", "rain/feed.xml").err


def test_what_waits_to_be_written_is_no_fault_by_itself(rain: Program):
    rain("series", "set", "rain", "--title", "Rain")
    rain("series", "create", "snow", "--title", "Snow")

    checked = rain("feeds", "check", "rain/feed.atom", "feeds/all.atom")

    assert checked.code == 0
    assert "it waits to be written  [behind]" in checked.out


def test_entries_that_were_kept_wrongly_are_encoded_anew_by_building_all(rain: Program):
    before = feed(rain)
    rain("series", "rename", "rain", "wet")
    rain("feeds", "build")

    rain("feeds", "build", "--all")

    assert before.replace("/rain/", "/wet/") == feed(rain, "wet/feed.atom")
    assert not (rain.folder / "public/rain/feed.atom").exists()
    assert rain("feeds", "check").code == 0


def test_a_preview_is_what_will_be_published(rain: Program):
    previews = {form: rain("feeds", "preview", "rain", "--at", "2026-03-03", "--form", form) for form in FORMS}
    unchanged = feed(rain)
    rain("release", "--now", "2026-03-03T06:00:00Z")

    assert "Two" not in unchanged
    assert {form: preview.out for form, preview in previews.items()} == {
        form: feed(rain, f"rain/feed.{form}") for form in FORMS
    }


def test_a_preview_of_today_is_what_is_published(rain: Program):
    assert rain("feeds", "preview", "rain").out == feed(rain)


def test_a_preview_keeps_nothing_of_what_is_not_out(rain: Program):
    before = (rain.folder / "fascicle.db").read_bytes()

    rain("feeds", "preview", "rain", "--at", "2026-03-03T06:00:00Z")

    assert (rain.folder / "fascicle.db").read_bytes() == before
    assert rain("feeds", "check").code == 0


def test_one_entry_is_shown_whether_it_is_out_or_to_come(rain: Program):
    out = rain("feeds", "preview", "rain", "--post", "one").out
    coming = json.loads(rain("feeds", "preview", "rain", "--post", "two-a-half", "--form", "json").out)

    assert out in feed(rain)
    assert (coming["title"], coming["date_published"]) == ("Two & a half", "2026-03-03T06:00:00Z")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("snow",), "no series 'snow'"),
        (("rain", "--post", "nine"), "no post 'nine'"),
        (("rain", "--post", "two-a-half", "--at", "2026-03-02"), "neither out nor planned"),
        (("rain", "--at", "tomorrow"), "'tomorrow' is not a date"),
        (("rain", "--form", "xml"), "xml"),
    ],
)
def test_a_mistake_is_wrong_usage_and_says_what(rain: Program, words: tuple[str, ...], why: str):
    ended = rain("feeds", "preview", *words)

    assert ended.code == 2
    assert why in ended.err
