import datetime
from pathlib import Path

import pytest
import yaml

from importers.markdown import read_folder
from importers.subscribers import read_subscribers
from importers.values import number_key

EXAMPLE = Path(__file__).parents[2] / "examples" / "llm-primer"

FIRST = [
    (None, "2026-02-17", "A Chapter-by-Chapter Walkthrough of LLM Primer I — Series Introduction & Index"),
    ("2", "2026-02-19", "Probability, Tokens, and Text: The Game of Next-Word Guessing"),
    ("3", "2026-02-20", "Neural Networks for Language: From RNNs to Self-Attention"),
    ("4", "2026-02-21", "The Transformer Architecture: Inside the Engine of Modern AI"),
    ("5", "2026-02-22", "Training Large Models: What Actually Goes Into a Frontier Model"),
    ("7", "2026-02-24", "Beyond Next-Token Prediction: Embeddings, Retrieval, and Multimodality"),
    ("8", "2026-02-25", "Using LLMs in Applications: Chatbots, Code, Extraction, and Agents"),
    ("9", "2026-02-26", "Performance, Scaling, and Costs: The Real Engineering Trade-offs"),
    ("11", "2026-02-28", "Cutting-Edge Research: MoE, Reasoning Models, and the New Scaling Axis"),
]
SECOND = [
    (None, "2026-03-02", "LLM Primer II — Language Models Through Mathematics: Series Introduction & Index"),
    ("1", "2026-03-03", "Mathematical Intuition for Language Models"),
    ("3", "2026-03-05", "Mathematical Tools for Language Models"),
    ("5", "2026-03-07", "Position, Order, and Sequence Structure"),
    ("6", "2026-03-08", "Transformer Blocks and Representation Power"),
    ("7", "2026-03-09", "Efficiency and Transformer Variants"),
    ("8", "2026-03-10", "How Models Learn"),
    ("9", "2026-03-11", "Training at Scale"),
    ("10", "2026-03-12", "Post-Training and Alignment Mathematics"),
    ("11", "2026-03-13", "Evaluation, Calibration, and Inference"),
    ("13", "2026-03-15", "Limitations, Risks, and Open Challenges"),
    ("14", "2026-03-16", "Practical Knowledge for Engineers"),
]
both = pytest.mark.parametrize(("slug", "table"), [("llm-primer-1", FIRST), ("llm-primer-2", SECOND)])


@both
def test_the_chapters_have_their_numbers_dates_and_titles(slug: str, table: list[tuple[str | None, str, str]]) -> None:
    posts = read_folder(EXAMPLE / slug)

    assert [(post.number, str(post.wall), post.title) for post in posts] == table


@both
def test_the_chapters_are_in_the_order_of_their_numbers(slug: str, table: object) -> None:
    posts = read_folder(EXAMPLE / slug)

    assert sorted(posts, key=lambda post: number_key(post.number)) == list(posts)


@both
def test_every_chapter_has_a_summary_tags_and_ninety_words(slug: str, table: object) -> None:
    posts = read_folder(EXAMPLE / slug)

    assert all(post.summary and post.tags for post in posts)
    assert min(len(post.body.split()) for post in posts) >= 90


@both
def test_chapters_link_only_to_chapters_before_them(slug: str, table: object) -> None:
    slugs: list[str] = []
    for post in read_folder(EXAMPLE / slug):
        assert set(_linked(post.body)) <= set(slugs)
        slugs.append(post.slug)


def test_each_series_shows_an_image() -> None:
    assert [
        media.path
        for slug in ("llm-primer-1", "llm-primer-2")
        for post in read_folder(EXAMPLE / slug)
        for media in post.media
    ] == ["images/transformer-block.svg", "images/clocks.svg"]


def test_the_series_announce_what_they_announced() -> None:
    first, second = yaml.safe_load((EXAMPLE / "series.yaml").read_text(encoding="utf-8"))

    assert (first["slug"], first["announced_count"], second["slug"], second["announced_count"]) == (
        "llm-primer-1",
        12,
        "llm-primer-2",
        14,
    )
    assert (first["announced_from"], first["announced_until"]) == (
        datetime.date(2026, 2, 18),
        datetime.date(2026, 3, 1),
    )
    assert (second["announced_from"], second["announced_until"]) == (
        datetime.date(2026, 3, 3),
        datetime.date(2026, 3, 16),
    )


def test_a_dozen_readers_live_in_a_dozen_zones_and_read_both_series_daily() -> None:
    readers = read_subscribers(EXAMPLE / "subscribers.csv")

    assert len(readers) == len({reader.zone for reader in readers}) == len({reader.hour for reader in readers}) == 12
    assert {reader.frequency for reader in readers} == {"daily"}
    assert {reader.series for reader in readers} == {("llm-primer-1", "llm-primer-2")}
    assert {reader.email.split("@")[1] for reader in readers} == {"example.com", "example.net", "example.org"}


def _linked(body: str) -> list[str]:
    return [part.split("/)")[0] for part in body.split("](../")[1:]]
