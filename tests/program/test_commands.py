from pathlib import Path

from fascicle.sink import sink
from tests.program.running import Program

SEVEN = "2026-03-02T07:00:00Z"


def test_init_makes_configuration_secret_and_store_once(nowhere: Program):
    first, second = nowhere("init"), nowhere("init")

    made = {path.name for path in nowhere.folder.iterdir()}
    assert {"config.yaml", "secret.key", "fascicle.db"} <= made
    assert "nothing changed" in second.out
    assert (first.code, second.code) == (0, 0)


def test_a_series_is_created_and_listed(program: Program):
    made = program("series", "create", "rain", "--title", "Rain", "--every", "day", "--start", "2030-01-01")

    rows = program("series", "list", "--json").rows()
    assert made.code == 0
    assert [(row["slug"], row["title"], row["posts"]) for row in rows] == [("rain", "Rain", 0)]


def test_a_folder_is_taken_in_once(program: Program):
    program("series", "create", "rain", "--title", "Rain")
    program.write("chapters/one.md", "---\ntitle: One\ndate: 2030-01-01\n---\nIt rained.\n")

    first = program("import", "chapters", "--series", "rain")
    second = program("import", "chapters", "--series", "rain")

    assert "1 of 1 posts" in first.out
    assert "0 of 1 posts" in second.out


def test_a_listing_makes_its_series(program: Program):
    program.write("list.csv", "series,title,date\nrain,One,2030-01-01\nrain,Two,2030-01-02\n")

    done = program("import", "list.csv")

    rows = program("posts", "list", "rain", "--json").rows()
    assert done.code == 0
    assert [(row["slug"], row["state"]) for row in rows] == [("one", "planned"), ("two", "planned")]


def test_a_dry_run_writes_nothing(program: Program):
    program.write("list.csv", "series,title,date\nrain,One,2030-01-01\n")

    done = program("import", "list.csv", "--dry-run")

    assert "would be" in done.out
    assert program("series", "list", "--json").rows() == []


def test_what_is_due_is_released_and_its_feed_written(replay: Program):
    done = replay("release", "--now", SEVEN, "--json")

    assert done.code == 0
    assert [(row["post"], row["seq"]) for row in done.rows()] == [("one", 1)]
    assert "It rained" in (replay.folder / "public/rain/feed.atom").read_text()


def test_all_feeds_are_built_anew(replay: Program):
    replay("release", "--now", SEVEN)
    feed = replay.folder / "public/rain/feed.atom"
    before = feed.read_bytes()
    feed.unlink()

    done = replay("feeds", "build", "--all")

    assert (done.code, feed.read_bytes()) == (0, before)


def test_readers_are_added_imported_listed_and_leave(program: Program):
    program("series", "create", "rain", "--title", "Rain")
    program.write("readers.csv", "email,zone,hour,frequency\nbob@example.org,Asia/Tokyo,8,weekly:friday\n")

    added = program("subscribers", "add", "alice@example.org")
    imported = program("subscribers", "import", "readers.csv")
    left = program("subscribers", "leave", "alice@example.org")

    rows = {row["address"]: row for row in program("subscribers", "list", "--json").rows()}
    assert (added.code, imported.code, left.code) == (0, 0, 0)
    assert rows["alice@example.org"]["state"] == "left"
    assert rows["bob@example.org"]["follows"] == ["rain weekly:friday"]


def test_who_left_is_not_revived_by_an_import(program: Program):
    program("series", "create", "rain", "--title", "Rain")
    program("subscribers", "add", "alice@example.org")
    program("subscribers", "leave", "alice@example.org")

    again = program("subscribers", "add", "alice@example.org")

    assert "left before" in again.out
    assert program("subscribers", "list", "--json").rows()[0]["state"] == "left"


def test_a_digest_is_sent(replay: Program, tmp_path: Path):
    with sink(tmp_path / "outbox") as port:
        replay.relay_at(port)
        done = replay("editions", "send", "--now", SEVEN, "--json")

    assert (done.code, done.rows()["sent"]) == (0, 1)
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 1
    assert replay("editions", "list", "--json").rows()[0]["edition"] == "digest:UTC:07:2026-03-02"


def test_looking_ahead_changes_nothing(replay: Program):
    ahead = replay("simulate", "--until", "2026-03-03T00:00:00Z", "--json")

    assert [row["what"] for row in ahead.rows()] == ["release", "edition"]
    assert replay("posts", "list", "--json").rows()[0]["state"] == "planned"


def test_the_doctor_finds_a_relay_that_is_away(program: Program):
    done = program("doctor", "--json")

    wrong = [row["part"] for row in done.rows() if row["state"] == "wrong"]
    assert (done.code, wrong) == (1, ["relay"])


def test_the_doctor_is_content(program: Program, tmp_path: Path):
    with sink(tmp_path / "outbox") as port:
        program.relay_at(port)
        done = program("doctor", "--json")

    assert done.code == 0
    assert {row["state"] for row in done.rows()} == {"ok"}


def test_wrong_usage_ends_with_two(program: Program):
    unknown = program("posts", "list", "nowhere")
    missing = program("series", "create", "rain")

    assert (unknown.code, missing.code) == (2, 2)
    assert "no series 'nowhere'" in unknown.err
