"""Words that a post says of itself, compared with what it is."""

import pytest

from tests.lint.making import a_book, a_chapter, found, told


def of(summary: str, *, number: str | None = "14", title: str = "A morning at the harbour", language: str = "en"):
    """Findings about one chapter of the series The Harbour, beside The Harbour II, told by rule."""
    one = a_chapter(number, "03-14", slug="it", title=title, summary=summary)
    others = [a_chapter(str(other), f"03-{other:02}") for other in range(1, 14) if str(other) != number]
    second = a_book(series="harbour-2", title="The Harbour II")
    return [
        rule
        for rule, _ in told(a_book(*others, one, off=frozenset({"order-against-number"}), language=language), second)
    ]


def test_an_ordinal_that_disagrees_with_the_number_is_told():
    one = a_chapter("1", "03-01", summary="Twelfth post of the walkthrough. How it ends.")

    [finding] = found(a_book(one))

    assert (finding.rule, finding.severity, finding.post) == ("ordinal", "error", "chapter-1")
    assert finding.message == 'the summary of chapter-1 says "Twelfth post", but its number is 1'
    assert finding.mend.endswith("or `fascicle plan relabel harbour chapter-1 12`")


def test_who_has_that_number_is_named_and_nobody_is_told_to_take_it():
    book = a_book(a_chapter("1", "03-01"), a_chapter("2", "03-02", summary="First post, again."))

    [finding] = found(book)

    assert finding.message.endswith("; 1 is chapter-1")
    assert "relabel" not in finding.mend


@pytest.mark.parametrize(
    "summary",
    [
        "Twelfth post — the closing chapter.", "The 12th chapter of the walkthrough.", "Post twelve: the end.",
        "Our twelfth episode", "This is the twelfth and last instalment.", "twelfth post", "Chapter Twelve. The end.",
        "**Twelfth post** of many.", "“Twelfth lesson” it says.", "Third part of The Harbour: the pier.",
        "The thirty-first post of all.", "Twenty first post.",
    ],
)  # fmt: skip
def test_wrong_ordinals(summary: str):
    assert of(summary) == ["ordinal"]


@pytest.mark.parametrize(
    "summary",
    [
        "Fourteenth post of The Harbour.", "The 14th chapter.", "Post fourteen: the end.", "Chapter 14 of The Harbour.",
        "Part 14 of 20.", "A preview from Chapter 14: the pier.", "This is the fourteenth and last instalment.",
    ],
)  # fmt: skip
def test_right_ordinals(summary: str):
    assert of(summary) == []


@pytest.mark.parametrize(
    "summary",
    [
        "First steps on the pier.", "The first boats come in.", "In the first chapter we saw the pier.",
        "One of the first posts to be built.", "First look at post-war harbours.", "Second thoughts.",
        "The second part of the proof needs a lemma.", "First letters from home.", "A third of the fleet.",
        "This chapter prepares readers for Chapter 2.", "It is the basis for Section 1.3.",
        "Chapter 3 left us with a question.", "Part 2 explained the tides.", "As Chapter 3 said, it rains.",
        "Chapters 3 and 4 told of rain.", "A post after the introduction to Chapter 2 of the book.",
        "Where the reader of chapter 9 gets lost.", "1st of May.", "12 posts in a row.", "Chapter 3-D prints.",
        "…", "\u017fecond post.", "F\u0130rst post.", "\u0661th post.",
    ],
)  # fmt: skip
def test_mentions_are_left_alone(summary: str):
    assert of(summary) == []


@pytest.mark.parametrize(
    "title",
    ["Chapter 12 — The pier", "Chapter twelve: the pier", "12th post", "Twelfth chapter", "Chapter 12"],
)
def test_a_title_with_another_number_is_told(title: str):
    assert of("The pier.", title=title) == ["ordinal"]


@pytest.mark.parametrize(
    "title",
    ["Chapter 14 — The pier", "Part I — Foundations", "Chapter 14.2 — The pier", "14 ways home",
     "Chapter 12 revisited", "Chapter 9 and what became of it"],
)  # fmt: skip
def test_a_title_that_may_stand(title: str):
    assert of("The pier.", title=title) == []


def test_title_and_summary_that_say_the_same_wrong_number_are_one_finding():
    assert of("Chapter 12 of The Harbour. The pier.", title="Chapter 12 — The pier") == ["ordinal"]
    assert of("Twelfth post.", title="Chapter 12 — The pier") == ["ordinal"]


def test_sections_are_not_counted_by_ordinals():
    assert of("Twelfth post of the walkthrough.", number="14.1") == []


def test_a_summary_that_speaks_as_another_chapter_is_told():
    one = a_chapter("9.1", "03-01", summary="A preview from Chapter 7.4: the pier.")

    [finding] = [one for one in found(a_book(one)) if one.rule == "other-chapter"]

    assert (finding.severity, finding.post) == ("error", "chapter-9-1")
    assert finding.message == 'the summary of chapter-9-1 says "A preview from Chapter 7.4", but its number is 9.1'


@pytest.mark.parametrize(
    "summary",
    ["Chapter 9 of The Harbour. The pier.", "An accessible introduction to Chapter 2 of The Harbour.",
     "A preview from Chapter 7.4: the pier.", "Chapter 9: the pier.", "Section 9.1 of The Harbour.", "Chapter 9",
     "Excerpt from chapter 3.", "Part 3 of 20: the pier.", "A clear, short overview of Chapter 5."],
)  # fmt: skip
def test_other_chapters(summary: str):
    assert of(summary) == ["other-chapter"]


@pytest.mark.parametrize("number", ["6.0", "6", "6.2"])
def test_six_is_six_nought_and_its_sections_lie_within_it(number: str):
    one = a_chapter(number, "03-01", summary="A preview from Chapter 6: the pier.")

    assert [rule for rule, _ in told(a_book(one)) if rule != "number-missing"] == []


def test_a_post_without_number_that_speaks_as_a_chapter_is_told():
    assert of("A preview from Chapter 7.4: the pier.", number=None) == ["other-chapter"]


def test_where_no_post_has_a_number_there_is_nothing_to_compare():
    assert told(a_book(a_chapter(None, "03-01", summary="Chapter 3 of The Harbour."))) == []


def test_without_a_number_of_its_own_a_post_has_that_of_its_title():
    assert of("Twelfth post.", number=None, title="Chapter 14 — The pier") == ["ordinal"]
    assert of("A preview from Chapter 7.2: it.", number=None, title="7.2 The pier") == []


def test_a_summary_of_another_series_is_told():
    one = a_chapter("9", "03-01", summary="Ninth post of the The Harbour II walkthrough.", slug="it")
    books = a_book(one, off=frozenset({"number-missing"})), a_book(series="harbour-2", title="The Harbour II")

    [finding] = found(*books)

    assert (finding.rule, finding.severity) == ("other-series", "error")
    assert finding.message == 'the summary of it says "Ninth post" of The Harbour II; its series is The Harbour'


@pytest.mark.parametrize(
    "summary",
    ["Chapter 14 of the The Harbour II series.", "Twelfth post of The Harbour II.", "Chapter 3 of “The Harbour II”.",
     "An introduction to Chapter 14 of The Harbour II."],
)  # fmt: skip
def test_a_summary_of_another_series_is_one_finding(summary: str):
    assert of(summary) == ["other-series"]


def test_a_title_is_not_found_within_a_longer_one():
    assert of("Chapter 14 of The Harbours.") == []
    assert of("Chapter 14 of The Harbour.") == []


def test_a_series_that_is_only_mentioned_is_left_alone():
    assert of("The pier. Those who have read The Harbour II know it.") == []


@pytest.mark.parametrize(
    ("language", "summary"),
    [
        ("de", "Zwölfter Beitrag der Reihe. Es regnet."), ("de", "Das 12. Kapitel."), ("de", "Kapitel zwölf: Regen."),
        ("de", "Die einunddreißigste Folge."), ("de", "Der zwölfte und letzte Beitrag."), ("de-AT", "Zwölfte Folge"),
        ("fr", "Douzième billet de la série."), ("fr", "Le 12e chapitre."), ("fr", "Premier épisode."),
        ("fr", "Épisode douze : le port."), ("fr", "Vingt et unième et dernier billet."),
        ("es", "Duodécima entrega."), ("es", "El 12.º capítulo."), ("es", "Primer capítulo."), ("es", "Capítulo doce."),
        ("es", "Vigésimo primer capítulo."), ("es", "Decimosegunda entrega de la serie."), ("en_GB", "Twelfth post."),
    ],
)  # fmt: skip
def test_wrong_ordinals_of_other_languages(language: str, summary: str):
    assert of(summary, language=language) == ["ordinal"]


@pytest.mark.parametrize(
    ("language", "summary"),
    [
        ("de", "Vierzehnter Beitrag."), ("de", "Das 14. Kapitel."), ("de", "Kapitel 14 der Reihe The Harbour."),
        ("de", "Am 12. Mai."), ("de", "Erste Schritte."), ("de", "Eine Vorschau auf Kapitel 14."),
        ("fr", "Quatorzième billet."), ("fr", "Le 14e chapitre."), ("fr", "Premiers pas."),
        ("fr", "Un aperçu du chapitre 14."), ("es", "Decimocuarta entrega."), ("es", "El 14.º capítulo."),
        ("es", "Primeros pasos."), ("es", "Un avance del capítulo 14."), ("lv", "Twelfth post."),
    ],
)  # fmt: skip
def test_right_words_of_other_languages(language: str, summary: str):
    assert of(summary, language=language) == []


@pytest.mark.parametrize(
    ("language", "summary"),
    [
        ("de", "Eine Vorschau auf Kapitel 7.4: der Hafen."), ("de", "Kapitel 9 der Reihe The Harbour."),
        ("fr", "Un aperçu du chapitre 7.4."), ("fr", "Chapitre 9 de la série The Harbour."),
        ("es", "Un avance del capítulo 7.4."), ("es", "Capítulo 9 de la serie The Harbour."),
    ],
)  # fmt: skip
def test_other_chapters_of_other_languages(language: str, summary: str):
    assert of(summary, language=language) == ["other-chapter"]


@pytest.mark.parametrize(
    ("language", "summary"),
    [("de", "Kapitel 14 der Reihe „The Harbour II“."), ("fr", "Chapitre 14 de la série « The Harbour II »."),
     ("es", "Capítulo 14 de la serie The Harbour II.")],
)  # fmt: skip
def test_other_series_of_other_languages(language: str, summary: str):
    assert of(summary, language=language) == ["other-series"]
