"""The whole job once, by the built wheel: from example files to released posts, readable feeds, received letters.

The wheel, not only the checkout, is the program: it is installed elsewhere and run from another directory.
"""

import csv
import email.policy
import zipfile
from collections import Counter
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from zoneinfo import ZoneInfo

import feedparser
import pytest

from tests.program.wheel import built, installed

EXAMPLES = Path(__file__).parents[2] / "examples" / "llm-primer"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def demo(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = installed(wheel, tmp_path_factory.mktemp("installed"))
    folder = tmp_path_factory.mktemp("demo")
    run = program.run("demo", "--until-done", "--dir", str(folder))
    assert run.returncode == 0, run.stderr + run.stdout
    assert str(program.site / "fascicle" / "_root" / "db") in run.stdout
    assert "exactly one letter" in run.stdout
    return folder


@pytest.fixture(scope="module")
def letters(demo: Path) -> list[EmailMessage]:
    parser = BytesParser(policy=email.policy.default)
    parsed = [parser.parsebytes(path.read_bytes()) for path in sorted((demo / "outbox").glob("*.eml"))]
    return [message for message in parsed if isinstance(message, EmailMessage)]


def rows() -> list[dict[str, str]]:
    with (EXAMPLES / "subscribers.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def links_of(folder: Path, slug: str) -> dict[str, datetime]:
    parsed = feedparser.parse(str(folder / "public" / slug / "feed.atom"))
    assert not parsed.bozo
    return {entry.link: datetime.fromisoformat(entry.published) for entry in parsed.entries}


def test_a_wheel_puts_one_name_into_site_packages(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"fascicle"}


def test_every_post_is_in_its_feed_with_the_day_it_was_planned_for(demo: Path):
    first, second = links_of(demo, "llm-primer-1"), links_of(demo, "llm-primer-2")

    riga = ZoneInfo("Europe/Riga")
    days = [at.astimezone(riga) for at in (*first.values(), *second.values())]
    assert sorted(day.strftime("%m-%d") for day in days) == [
        *("02-17", "02-19", "02-20", "02-21", "02-22", "02-24", "02-25", "02-26", "02-28"),
        *("03-02", "03-03", "03-05", "03-07", "03-08", "03-09", "03-10", "03-11", "03-12", "03-13", "03-15", "03-16"),
    ]
    assert {(day.hour, day.minute) for day in days} == {(7, 0)}


def test_the_feed_of_all_holds_both_series_newest_first(demo: Path):
    parsed = feedparser.parse(str(demo / "public" / "feeds" / "all.atom"))

    assert not parsed.bozo
    assert len(parsed.entries) == 21
    assert [entry.published for entry in parsed.entries] == sorted(
        (entry.published for entry in parsed.entries), reverse=True
    )


def test_each_reader_received_each_post_in_exactly_one_letter(demo: Path, letters: list[EmailMessage]):
    posts = [*links_of(demo, "llm-primer-1"), *links_of(demo, "llm-primer-2")]
    readers = [row["email"] for row in rows()]

    received: Counter[tuple[str, str]] = Counter()
    for letter in letters:
        text = letter.get_body(("plain",))
        assert text is not None
        # "← Chapter 4" leads to the post before, so only the links to read a post on the web are counted.
        words = text.get_content()
        received.update((str(letter["X-Original-To"]), url) for url in posts if f"Read on the web: {url}" in words)

    assert len(readers) == 12
    assert received == Counter({(reader, url): 1 for reader in readers for url in posts})


def test_each_letter_was_made_at_its_readers_own_hour(letters: list[EmailMessage]):
    hours = {row["email"]: (ZoneInfo(row["zone"]), int(row["hour"])) for row in rows()}

    for letter in letters:
        zone, hour = hours[str(letter["X-Original-To"])]
        local = letter["Date"].datetime.astimezone(zone)
        assert local - local.replace(hour=hour, minute=0, second=0) < timedelta(minutes=1)
        assert local.hour == hour
